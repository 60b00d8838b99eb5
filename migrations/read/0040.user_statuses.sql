-- What each person shows of themselves. No row: nothing. One that is past its time stays until its clearing is recorded.
CREATE TABLE user_statuses (
    user_id uuid PRIMARY KEY,
    emoji text,
    text text,
    dnd_enabled boolean NOT NULL,
    -- null: until it is cleared
    expires_at timestamptz,
    -- the expiry that may clear it; null when it does not expire
    job_id text,
    -- when the status was set; where do-not-disturb stands alone, when that was switched on
    set_at timestamptz NOT NULL
);
