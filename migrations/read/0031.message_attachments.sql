-- What goes with a message. Messages that were unsent have no row.
CREATE TABLE message_attachments (
    conversation_id uuid NOT NULL,
    message_id uuid NOT NULL,
    -- in the order in which they are shown, from 0
    place integer NOT NULL,
    -- image, video, voice or file
    kind text NOT NULL,
    -- either what the sender had uploaded, or where it is
    file_id uuid,
    url text,
    -- as the sender named it; null: the file's own name
    name text,
    -- in seconds
    duration double precision,
    -- in pixels
    width integer,
    height integer,
    -- as the sender ordered them
    sort_order integer NOT NULL,
    PRIMARY KEY (conversation_id, message_id, place)
);

-- Who may read a file: whoever reads a message that has it.
CREATE INDEX message_attachments_by_file ON message_attachments (file_id) WHERE file_id IS NOT NULL;
