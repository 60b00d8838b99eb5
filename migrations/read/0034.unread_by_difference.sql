-- What is unread is a difference of seqs, less what does not count: so that is what is looked up, and not what is unread.
-- Of somebody's own messages there are few behind what they have read, and of unsent ones and system messages few anywhere.
CREATE INDEX messages_never_unread ON messages (conversation_id, seq) WHERE unsent OR role = 'system';
CREATE INDEX messages_by_sender ON messages (conversation_id, sender_id, seq) WHERE NOT unsent AND role <> 'system';

-- Pages by seq.
DROP INDEX messages_by_seq;
CREATE UNIQUE INDEX messages_by_seq ON messages (conversation_id, seq);
