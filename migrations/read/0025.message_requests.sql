-- Direct conversations that started as a request to the other person: at most one for each pair.
CREATE TABLE message_requests (
    conversation_id uuid PRIMARY KEY,
    requester_id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    -- pending, accepted or declined, as the recipient knows it: to the requester, declined is pending
    state text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX message_requests_received ON message_requests (recipient_id, created_at, conversation_id);
CREATE INDEX message_requests_sent ON message_requests (requester_id, created_at, conversation_id);

ALTER TABLE participants
    -- false for who was asked by a message request, until they accept it: it is not in their list, and their markers are
    -- not shown to the other one
    ADD COLUMN takes_part boolean NOT NULL DEFAULT true;
