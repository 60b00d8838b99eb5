-- Every conversation that is not deleted. A deleted one leaves no row in any table.
CREATE TABLE conversations (
    conversation_id uuid PRIMARY KEY,
    kind text NOT NULL,
    -- null in direct conversations: there it is the other person
    title text,
    avatar_url text,
    agent_id uuid,
    workspace_id uuid,
    created_by uuid NOT NULL,
    -- when it started: where it was imported, by its source
    created_at timestamptz NOT NULL,
    -- when it was recorded that it started or that its title, picture or agent changed, whichever was last
    updated_at timestamptz NOT NULL,
    -- the seq of the last message, system messages and unsent ones included, 0 when there is none
    last_seq bigint NOT NULL,
    -- when that message was said: where it was imported, by its source. Without messages: created_at
    last_activity_at timestamptz NOT NULL
);
