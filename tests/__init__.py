"""What Verbatim promises, as failing tests."""
