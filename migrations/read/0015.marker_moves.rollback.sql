DROP TABLE marker_moves;
