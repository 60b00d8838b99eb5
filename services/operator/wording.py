"""How numbers are told."""


def counted(number: int, noun: str) -> str:
    """So many of something: the noun in the singular is given."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
