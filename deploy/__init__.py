"""Running Verbatim: on one machine as child processes, or elsewhere."""
