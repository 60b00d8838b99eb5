"""Who may log in, and the tokens they get. Credentials are kept here and never enter the log."""

from services.command.accounts.accounts import Accounts

__all__ = ["Accounts"]
