"""What people send about themselves, with every limit of its form."""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, StringConstraints

from services.command.accounts.account import Wanted
from services.command.features.people.decider import Avatar
from shared.identifiers import UserId
from shared.web.fields import Explained, HttpsUrl, NotBlank, Sent

EMAIL_LIMIT = 254


def _valid_email(text: str) -> str:
    try:
        # The domain need not be one of the internet's: companies have their own, and nothing is sent there by us.
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError("must be an email address") from None
    return text


def _strong_enough(password: str) -> str:
    kinds = (str.isupper, str.islower, str.isdecimal)
    if not all(any(kind(character) for character in password) for kind in kinds):
        raise ValueError("must have an upper-case letter, a lower-case letter and a digit")
    return password


Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=EMAIL_LIMIT),
    AfterValidator(_valid_email),
    Field(json_schema_extra={"format": "email"}, examples=["ada@example.com"]),
]
Username = Annotated[
    str,
    StringConstraints(min_length=3, max_length=50, pattern=r"^[A-Za-z0-9_]+$"),
    Explained("must be 3 to 50 of the letters A to Z and a to z, the digits and _, as ada_99"),
    Field(examples=["ada"]),
]
NewPassword = Annotated[
    str,
    StringConstraints(min_length=8, max_length=100),
    AfterValidator(_strong_enough),
    Field(
        description="with an upper-case letter, a lower-case letter and a digit",
        json_schema_extra={"format": "password"},
        examples=["Correct1horse"],
    ),
]
DisplayName = Annotated[
    str, StringConstraints(min_length=1, max_length=100), NotBlank, Field(examples=["Ada Lovelace"])
]


class RegistrationBody(Sent):
    """Who wants to join."""

    email: Email
    username: Username
    password: NewPassword
    display_name: DisplayName

    def wanted(self, user_id: UserId) -> Wanted:
        """The same, for the accounts."""
        return Wanted(user_id, self.email, self.username, self.password, self.display_name)


class LogInBody(Sent):
    """Who wants to be let in."""

    email: str = Field(min_length=1, max_length=EMAIL_LIMIT, examples=["ada@example.com"])
    password: str = Field(min_length=1, max_length=100, json_schema_extra={"format": "password"})


class RefreshTokenBody(Sent):
    """A refresh token, as log-in or the last refresh gave it."""

    refresh_token: str = Field(min_length=1, max_length=200)


class ProfileBody(Sent):
    """How others see me. What is absent stays."""

    display_name: DisplayName = Field(default_factory=str)
    avatar_url: HttpsUrl | None = None

    @property
    def new_display_name(self) -> str | None:
        """The display name, if there is one to set."""
        return self.display_name if "display_name" in self.model_fields_set else None

    @property
    def new_avatar(self) -> Avatar | None:
        """The picture, if there is one to set or to remove."""
        return Avatar(self.avatar_url) if "avatar_url" in self.model_fields_set else None
