ALTER TABLE messages DROP COLUMN shared_post_id;
