-- The public view of everybody who has registered or was imported.
CREATE TABLE users (
    user_id uuid PRIMARY KEY,
    username text NOT NULL,
    display_name text NOT NULL,
    -- null: none
    avatar_url text,
    kind text NOT NULL,
    registered_at timestamptz NOT NULL,
    -- when the profile last changed, at first when they registered
    updated_at timestamptz NOT NULL
);

-- Not unique: that a username is given out once is the accounts' promise, and usernames are ASCII.
CREATE INDEX users_by_username ON users (lower(username));
