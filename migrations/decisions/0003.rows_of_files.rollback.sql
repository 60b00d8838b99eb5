DROP INDEX rows_of_files;
