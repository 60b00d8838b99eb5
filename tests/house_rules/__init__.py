"""The architecture and the conventions, as failing tests."""
