-- Who follows the log into this schema's tables, and how far that has come.
CREATE TABLE following (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- the process that follows; null: nobody does
    holder uuid,
    -- one more at each change of holder, and whenever somebody else changes what a holder remembers
    fence bigint NOT NULL DEFAULT 0,
    renewed_at timestamptz,
    -- when these tables first had everything that was in the log; null: they are still being filled
    filled_at timestamptz
);

INSERT INTO following DEFAULT VALUES;

CREATE TABLE checkpoints (
    topic text NOT NULL,
    partition integer NOT NULL,
    -- the holder's fence: a batch counts only where it stands
    fence bigint NOT NULL,
    -- the first offset that the tables do not cover
    next_offset bigint NOT NULL DEFAULT 0,
    -- the claim in force just before next_offset
    claim_offset bigint NOT NULL DEFAULT -1,
    claim_epoch integer NOT NULL DEFAULT -1,
    -- the identity of the record at next_offset - 1; null when there is none
    last_record bytea,
    PRIMARY KEY (topic, partition)
);
