-- depends: 0001.accounts
-- A family is every refresh token that one log-in led to. Only the newest is good, and only its hash is kept; another one
-- of the family is an old one used again. A revoked family is gone.
CREATE TABLE refresh_families (
    family_id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX refresh_families_user ON refresh_families (user_id);
CREATE INDEX refresh_families_expiry ON refresh_families (expires_at);
