DROP INDEX messages_by_seq;
CREATE UNIQUE INDEX messages_by_seq ON messages (conversation_id, seq) INCLUDE (sender_id, role, unsent);
DROP INDEX messages_by_sender;
DROP INDEX messages_never_unread;
