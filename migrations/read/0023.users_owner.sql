ALTER TABLE users
    -- of an agent: who made it
    ADD COLUMN owner_id uuid;

CREATE INDEX users_by_owner ON users (owner_id, registered_at, user_id) WHERE owner_id IS NOT NULL;
