"""Everything is killed under load, and nothing is lost: real processes, real servers, clients who try again."""
