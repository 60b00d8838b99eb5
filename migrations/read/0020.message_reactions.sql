-- How people react to messages: one row for each person and message. Messages that were unsent have no row; the rows of
-- who left stay.
CREATE TABLE message_reactions (
    conversation_id uuid NOT NULL,
    message_id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    -- when it was recorded that they react in this way
    reacted_at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, message_id, user_id)
);
