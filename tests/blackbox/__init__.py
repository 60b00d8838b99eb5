"""Verbatim from the outside: parts that can be killed, clients who ask again, and a checker that believes neither."""
