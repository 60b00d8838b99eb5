-- depends: 0001.partitions
-- In which conversations somebody is: what no single stream knows.
CREATE INDEX rows_participants_by_user ON rows (key) WHERE kind = 'participant';
