DROP INDEX rows_participants_by_user;
