"""Validates what people ask over HTTP and appends what follows to the log."""
