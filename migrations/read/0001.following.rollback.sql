DROP TABLE checkpoints;
DROP TABLE following;
