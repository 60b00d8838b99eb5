-- depends: 0001.partitions
-- Who uploaded a file, and to which messages it is attached: what no single stream knows.
CREATE INDEX rows_of_files ON rows (key) WHERE kind IN ('file', 'attachment');
