-- What the writer of each partition keeps: who may write behind the log, and up to where that was done.
CREATE TABLE partitions (
    topic text NOT NULL,
    partition integer NOT NULL,
    -- the offset of the owner's claim; -1: nobody has claimed yet
    fence bigint NOT NULL DEFAULT -1,
    -- the first offset that the rows do not cover
    next_offset bigint NOT NULL DEFAULT 0,
    -- the claim in force just before next_offset; never the same column as fence
    claim_offset bigint NOT NULL DEFAULT -1,
    claim_epoch integer NOT NULL DEFAULT -1,
    -- the identity of the record at next_offset - 1; null when there is none
    last_record bytea,
    -- the form of the stored states: rows of an older one are made anew from the log
    format integer NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, partition)
);

CREATE TABLE streams (
    stream_id uuid PRIMARY KEY,
    topic text NOT NULL,
    partition integer NOT NULL,
    version bigint NOT NULL,
    parts bytea NOT NULL
);

CREATE INDEX streams_of_partition ON streams (topic, partition);

CREATE TABLE rows (
    stream_id uuid NOT NULL,
    kind text NOT NULL,
    key text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    value bytea NOT NULL,
    PRIMARY KEY (stream_id, kind, key)
);

CREATE TABLE leases (
    topic text NOT NULL,
    partition integer NOT NULL,
    instance text NOT NULL,
    -- a process of its own each time that the instance starts
    incarnation uuid NOT NULL,
    url text NOT NULL,
    renewed_at timestamptz NOT NULL,
    PRIMARY KEY (topic, partition)
);
