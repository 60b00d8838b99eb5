ALTER TABLE participants DROP COLUMN takes_part;
DROP TABLE message_requests;
