"""The language of the specs."""
