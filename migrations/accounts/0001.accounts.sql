-- Who may log in. `registration` says how far an account is: `begun` (the request that made it may still take it back),
-- `taken_up` (others count on it), `recorded` (its UserRegistered is in the log), `imported` (the importer sees to that).
CREATE TABLE accounts (
    user_id uuid PRIMARY KEY,
    username text NOT NULL,
    email text,
    password_hash text,
    display_name text NOT NULL,
    registration text NOT NULL CHECK (registration IN ('begun', 'taken_up', 'recorded', 'imported')),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((email IS NULL) = (password_hash IS NULL))
);

CREATE UNIQUE INDEX accounts_username ON accounts (lower(username));
CREATE UNIQUE INDEX accounts_email ON accounts (lower(email));
CREATE INDEX accounts_unrecorded ON accounts (user_id) WHERE registration IN ('begun', 'taken_up');
