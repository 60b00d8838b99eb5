-- Every text that an edited message has had, the first and the present one included. Messages that were never edited,
-- or were unsent, have no row.
CREATE TABLE message_edits (
    message_id uuid NOT NULL,
    -- the stream's version of the MessageEdited event, 0 for the text with which the message was sent
    version bigint NOT NULL,
    conversation_id uuid NOT NULL,
    content text NOT NULL,
    -- when it became the message's text: where that was imported, by its source
    edited_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, version)
);

CREATE INDEX message_edits_by_conversation ON message_edits (conversation_id);
