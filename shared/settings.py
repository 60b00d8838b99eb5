"""The environment, read once into one frozen object. `.env.example` lists every name."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from shared.identifiers import StreamKind

LAST_PORT = 65_535
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_HOST = r"(\[[^\]]*\]|[^\[\]:,/?#@]*)(:\d*)?"
POSTGRES_URL = re.compile(rf"postgres(ql)?://([^/?#@]*@)?{_HOST}(,{_HOST})*(/[^?]*)?(\?.*)?")
HTTP_URL = re.compile(r"https?://[^/?#@\s]+/?")
MORE_THAN_NOTHING = (
    "partitions",
    "replication_factor",
    "access_token_seconds",
    "refresh_token_seconds",
    "command_deadline_seconds",
    "queue_limit",
    "lease_seconds",
    "claim_hours",
    "database_pool_size",
    "body_limit_bytes",
    "header_seconds",
    "body_seconds",
    "answer_seconds",
    "file_limit_bytes",
    "file_seconds",
    "uploads_at_once",
    "uploads_of_a_user",
    "upload_bytes_per_second",
    "downloads_of_a_user",
    "idle_seconds",
    "connection_limit",
    "sends_at_once",
)
NOTHING_OR_MORE = ("sends_per_second", "log_ins_per_minute")


class BadSettingError(ValueError):
    """A setting cannot be used; the message says which one and what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, named in the environment as here but in capitals. Durations are seconds, sizes bytes."""

    kafka_bootstrap_servers: str = "127.0.0.1:9092"
    database_url: str = "postgresql://127.0.0.1/verbatim"
    verbatim_var: Path = Path("var")
    http_host: str = "127.0.0.1"
    command_port: int = 8080
    query_port: int = 8081
    command_url: str = ""
    instance_name: str = "command-1"
    cluster_name: str = "verbatim"
    topic_prefix: str = ""
    schema_prefix: str = ""
    partitions: int = 8
    replication_factor: int = 1
    kafka_flush_each_append: bool = True
    signing_key_file: Path = Path("var/keys/signing.pem")
    verifying_key_file: Path = Path("var/keys/verifying.pem")
    operator_token_file: Path = Path("var/operator.token")
    access_token_seconds: int = 900
    refresh_token_seconds: int = 2_592_000
    command_deadline_seconds: float = 5.0
    queue_limit: int = 4096
    lease_seconds: float = 5.0
    claim_hours: float = 6.0
    min_position_wait_seconds: float = 5.0
    database_pool_size: int = 20
    body_limit_bytes: int = 2_097_152
    header_seconds: float = 10.0
    body_seconds: float = 10.0
    answer_seconds: float = 30.0
    file_limit_bytes: int = 26_214_400
    file_seconds: float = 300.0
    uploads_at_once: int = 64
    uploads_of_a_user: int = 4
    upload_bytes_per_second: int = 4_096
    downloads_of_a_user: int = 16
    files_directory: Path = Path("var/files")
    files_bucket: str = ""
    files_bucket_endpoint: str = ""
    files_bucket_region: str = "us-east-1"
    files_bucket_key_id: str = ""
    files_bucket_secret: str = field(default="", repr=False)
    idle_seconds: float = 75.0
    connection_limit: int = 4096
    sends_per_second: float = 20.0
    sends_at_once: int = 40
    log_ins_per_minute: int = 5
    cors_origins: str = ""
    flagged_words_file: str = ""
    log_level: str = "INFO"

    def topic(self, kind: StreamKind) -> str:
        """The name of the topic that holds the streams of this kind."""
        return f"{self.topic_prefix}chat.{kind}"

    def schema(self, name: str) -> str:
        """The name in Postgres of one of our schemas: accounts, decisions, expiration or read."""
        return f"{self.schema_prefix}{name}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Reads the settings from the environment (or the mapping given); what is absent has its default.

    Raises BadSettingError for a value of the wrong form.
    """
    values = os.environ if environment is None else environment
    given: dict[str, object] = {}
    for each in fields(Settings):
        name = each.name.upper()
        if name in values:
            given[each.name] = _read(name, values[name], each.type)
    settings = Settings(**given)  # type: ignore[arg-type]  # each value was read by its field's own type
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    wanted = {
        "COMMAND_PORT": (0 <= settings.command_port <= LAST_PORT, f"a port from 0 to {LAST_PORT}"),
        "QUERY_PORT": (0 <= settings.query_port <= LAST_PORT, f"a port from 0 to {LAST_PORT}"),
        "LOG_LEVEL": (settings.log_level.upper() in LOG_LEVELS, f"one of {', '.join(LOG_LEVELS)}"),
        "DATABASE_URL": (
            POSTGRES_URL.fullmatch(settings.database_url) is not None,
            "a URL like postgresql://user:password@host:5432/database (in the password, / is %2F and @ is %40)",
        ),
        "FILES_BUCKET_ENDPOINT": (
            not settings.files_bucket_endpoint or HTTP_URL.fullmatch(settings.files_bucket_endpoint) is not None,
            "a URL like https://s3.example.org, or empty",
        ),
        "FILES_BUCKET_SECRET": (
            bool(settings.files_bucket_key_id) == bool(settings.files_bucket_secret),
            "there when FILES_BUCKET_KEY_ID is, and only then",
        ),
        **{name.upper(): (getattr(settings, name) > 0, "more than 0") for name in MORE_THAN_NOTHING},
        **{name.upper(): (getattr(settings, name) >= 0, "0 or more") for name in NOTHING_OR_MORE},
    }
    for name, (is_good, form) in wanted.items():
        if not is_good:
            msg = f"the setting {name} must be {form}: correct it in the environment or in .env"
            raise BadSettingError(msg)


def _read(name: str, text: str, kind: object) -> object:
    try:
        if kind is bool:
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text.strip().lower()]
        return kind(text.strip())  # type: ignore[operator]  # the field types here are all constructors
    except (KeyError, ValueError) as error:
        wanted = getattr(kind, "__name__", str(kind))
        msg = f"the setting {name} is {text!r}, which is no {wanted}: correct it in the environment or in .env"
        raise BadSettingError(msg) from error
