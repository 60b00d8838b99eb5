"""Why an account is not made, or nobody is let in."""

from shared.web.problems import Problem


class EmailTaken(Problem):
    status, code, title = 409, "email-taken", "Somebody has registered with this email address"


class UsernameTaken(Problem):
    status, code, title = 409, "username-taken", "Somebody has this username"


class WrongCredentials(Problem):
    """The same for an unknown email and for a wrong password."""

    status, code, title = 401, "wrong-credentials", "There is no account with this email and this password"


class RefreshTokenInvalid(Problem):
    """Unknown, expired, used before, or revoked: log in again."""

    status, code, title = 401, "refresh-token-invalid", "This refresh token is not valid: log in again"


class AccountUnknown(Problem):
    status, code, title = 404, "not-found", "There is no such account"


class AccountHasOwner(Problem):
    status, code, title = 409, "account-has-owner", "Somebody can log in to this account already"
