-- Each MessagesDelivered (kind delivered) and MessagesRead (kind read), so that receipts can say when. A read is one
-- row of kind read, though it delivers too. Rows stay when the person leaves.
CREATE TABLE marker_moves (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    seq bigint NOT NULL,
    -- of the same move twice, the first
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, user_id, kind, seq)
);
