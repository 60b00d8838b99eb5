-- Every message, system messages and unsent ones included.
CREATE TABLE messages (
    message_id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    -- of a system message: who did what it tells
    sender_id uuid NOT NULL,
    -- user, assistant or system
    role text NOT NULL,
    -- null for system messages
    client_message_id text COLLATE "C",
    -- text for system messages
    content_type text NOT NULL,
    -- the text as it is now, null once unsent, and for system messages: theirs is made from what follows, with the
    -- names of the day
    content text,
    -- null once unsent
    reply_to_id uuid,
    agent_id uuid,
    -- what a system message tells, and about whom, the new title or the new role: null for all others
    notice text,
    about_id uuid,
    notice_title text,
    notice_role text,
    -- when it was recorded
    created_at timestamptz NOT NULL,
    -- when it was said by its source, null where it was not imported
    occurred_at timestamptz,
    -- when the text last changed: where that was imported, by its source. Null once unsent
    edited_at timestamptz,
    -- when it was recorded that it was sent, edited or unsent, whichever was last
    updated_at timestamptz NOT NULL,
    unsent boolean NOT NULL
);

-- Pages by seq, and what is unread is counted from the index alone.
CREATE UNIQUE INDEX messages_by_seq ON messages (conversation_id, seq) INCLUDE (sender_id, role, unsent);
CREATE INDEX messages_by_client_message_id ON messages (client_message_id);
