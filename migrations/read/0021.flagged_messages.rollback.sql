ALTER TABLE messages DROP COLUMN flagged;
