-- Who is in which conversation now. Who left or was removed has no row.
CREATE TABLE participants (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    -- of whoever started it: owner, but in direct conversations member
    role text NOT NULL,
    -- where it was imported, by its source
    joined_at timestamptz NOT NULL,
    -- the last message before they joined, where both markers start, 0 for those who were there from the start
    joined_seq bigint NOT NULL,
    delivered_seq bigint NOT NULL,
    -- when the marker came to stand there, null while it stands where it started
    delivered_at timestamptz,
    -- never beyond delivered_seq, which a read moves too
    read_seq bigint NOT NULL,
    -- as delivered_at
    read_at timestamptz,
    PRIMARY KEY (conversation_id, user_id)
);

CREATE INDEX participants_by_user ON participants (user_id, conversation_id);
