ALTER TABLE participants
    DROP COLUMN pinned_at,
    DROP COLUMN archived_at,
    DROP COLUMN cleared_seq,
    DROP COLUMN cleared_at;
