-- What is to be cleared and when, kept by the consumer of the users' topic.
CREATE TABLE jobs (
    job_id text PRIMARY KEY,
    user_id uuid NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    due_at timestamptz NOT NULL,
    -- waiting: not due, or not tried yet; failed: tried in vain, tried again each minute; done: cleared, or overtaken
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'failed', 'done')),
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    -- after a try in vain: when it is tried next, at most a minute later
    next_try_at timestamptz,
    -- when its state was last another one
    changed_at timestamptz NOT NULL
);

CREATE INDEX jobs_to_try ON jobs (topic, partition, due_at) WHERE state <> 'done';
CREATE INDEX jobs_by_state ON jobs (state, changed_at);
-- A person has at most one job that is not done.
CREATE UNIQUE INDEX one_open_job ON jobs (user_id) WHERE state <> 'done';
