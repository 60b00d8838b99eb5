DROP INDEX accounts_deactivation_unsettled;
UPDATE accounts SET deactivation = 'recorded' WHERE deactivation = 'settled';
ALTER TABLE accounts
    DROP CONSTRAINT accounts_deactivation_check,
    ADD CONSTRAINT accounts_deactivation_check CHECK (deactivation IN ('begun', 'taken_up', 'recorded'));
