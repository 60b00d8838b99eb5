-- When each user was last seen, as chat.presence has it: not of the log. No row: it is not known.
CREATE TABLE last_seen (
    user_id uuid PRIMARY KEY,
    seen_at timestamptz NOT NULL
);
