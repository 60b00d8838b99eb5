-- depends: 0003.deactivation
-- Agents are accounts that belong to somebody, and log in with a key of their own, of which only the hash is kept.
ALTER TABLE accounts
    ADD COLUMN kind text NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'agent')),
    ADD COLUMN owner_id uuid REFERENCES accounts ON DELETE CASCADE,
    -- null: nobody can log in as this agent
    ADD COLUMN key_hash bytea,
    ADD CONSTRAINT accounts_agents_are_owned CHECK ((kind = 'agent') = (owner_id IS NOT NULL)),
    ADD CONSTRAINT accounts_only_agents_have_keys CHECK (key_hash IS NULL OR kind = 'agent');

CREATE INDEX accounts_owner ON accounts (owner_id) WHERE owner_id IS NOT NULL;
