"""Floors: the least that anything which does the same with the same libraries must spend."""
