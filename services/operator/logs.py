"""What the services' code logs while a command runs it: beside what the command says, never in it."""

import sys

import structlog


def log_to_stderr() -> None:
    """From now on: a command's answer on standard output stays as whole as it was, for a program that reads it."""
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
