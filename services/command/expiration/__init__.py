"""Clears statuses when they expire: a consumer of the users' topic with a durable schedule."""
