-- Streams that a projection failed on: their later events queue in parked_records until an operator releases them.
CREATE TABLE parked_streams (
    stream_id text PRIMARY KEY,
    topic text NOT NULL,
    partition integer NOT NULL,
    first_offset bigint NOT NULL,
    reason text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE parked_records (
    topic text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    -- undecodable: stands alone; failed: its projection failed; behind: it waits behind one that failed
    why text NOT NULL CHECK (why IN ('undecodable', 'failed', 'behind')),
    reason text NOT NULL,
    -- null where it cannot be told
    stream_id text,
    -- the claim in force at its place, by which it is judged again at its release
    claim_offset bigint NOT NULL,
    claim_epoch integer NOT NULL,
    value bytea,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, record_offset)
);

CREATE INDEX parked_records_of_stream ON parked_records (stream_id);

-- Secondary indexes that wait until a schema is filled; see "verbatim projections rebuild".
CREATE TABLE indexes_to_come (
    name text PRIMARY KEY,
    definition text NOT NULL
);
