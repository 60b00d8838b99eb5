DROP TABLE indexes_to_come;
DROP TABLE parked_records;
DROP TABLE parked_streams;
