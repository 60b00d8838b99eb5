"""The one way in which starting something here is refused."""


class CannotStartError(Exception):
    """Something cannot be started; the message is one line that says what is wrong and what to do."""
