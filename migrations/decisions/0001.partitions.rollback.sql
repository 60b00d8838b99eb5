DROP TABLE leases;
DROP TABLE rows;
DROP TABLE streams;
DROP TABLE partitions;
