DELETE FROM accounts WHERE kind = 'agent';
ALTER TABLE accounts
    DROP COLUMN kind,
    DROP COLUMN owner_id,
    DROP COLUMN key_hash;
