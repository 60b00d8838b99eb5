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


class UserDeactivated(Problem):
    """Whose token it is has left for good. Their access tokens would live out their minutes."""

    status, code, title = 403, "user-deactivated", "Whoever has left for good can do nothing any more"


class AgentKeyInvalid(Problem):
    """Unknown, revoked, replaced, or of an agent that belongs to nobody any more: ask its owner for another."""

    status, code, title = 401, "agent-key-invalid", "This is no key of an agent, or it was revoked"


class NoSuchAgent(Problem):
    """For whoever is not its owner: the same as for what does not exist."""

    status, code, title = 404, "no-such-agent", "You have no such agent"


class OnlyPeopleOwnAgents(Problem):
    status, code, title = 403, "only-people-own-agents", "An agent makes no agents"
