"""Follows the log into read-model tables and answers questions about them."""
