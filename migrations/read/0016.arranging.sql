-- How each participant has the conversation for themselves.
ALTER TABLE participants
    -- null: not pinned
    ADD COLUMN pinned_at timestamptz,
    -- null: not archived
    ADD COLUMN archived_at timestamptz,
    -- up to this message they see nothing; 0 when there is nothing that they do not see
    ADD COLUMN cleared_seq bigint NOT NULL DEFAULT 0,
    -- when they last cleared it, null when they never did
    ADD COLUMN cleared_at timestamptz;
