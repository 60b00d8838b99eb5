DROP INDEX users_by_owner;
ALTER TABLE users DROP COLUMN owner_id;
