"""Checks the log and the read tables by means of its own: nothing of the services is used, not even to decode."""
