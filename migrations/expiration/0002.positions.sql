-- How far the schedule follows the log, partition by partition: written together with the jobs.
CREATE TABLE positions (
    topic text NOT NULL,
    partition integer NOT NULL,
    -- the first offset that the schedule does not cover
    next_offset bigint NOT NULL DEFAULT 0,
    -- the claim in force just before next_offset
    claim_offset bigint NOT NULL DEFAULT -1,
    claim_epoch integer NOT NULL DEFAULT -1,
    -- the identity of the record at next_offset - 1; null when there is none
    last_record bytea,
    PRIMARY KEY (topic, partition)
);
