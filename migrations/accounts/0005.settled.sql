-- depends: 0004.agents
-- `settled`: who left is in no group any more, and their last seen is forgotten. Whoever left before this is yet to be.
ALTER TABLE accounts
    DROP CONSTRAINT accounts_deactivation_check,
    ADD CONSTRAINT accounts_deactivation_check
        CHECK (deactivation IN ('begun', 'taken_up', 'recorded', 'settled'));

CREATE INDEX accounts_deactivation_unsettled ON accounts (deactivated_at) WHERE deactivation = 'recorded';
