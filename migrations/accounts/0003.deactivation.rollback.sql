ALTER TABLE accounts
    DROP COLUMN deactivation,
    DROP COLUMN deactivated_at;
