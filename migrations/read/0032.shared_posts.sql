ALTER TABLE messages
    -- the post that a message of this type shares: null for all others, and once unsent
    ADD COLUMN shared_post_id uuid;
