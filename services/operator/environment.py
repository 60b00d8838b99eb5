"""Where the commands find what is running: the environment, then .env, then what `verbatim up` says it started."""

import os
from pathlib import Path

from dotenv import load_dotenv

from deploy.embedded.data_folder import announced

IN_THE_FOLDER = {
    "SIGNING_KEY_FILE": "keys/signing.pem",
    "VERIFYING_KEY_FILE": "keys/verifying.pem",
    "OPERATOR_TOKEN_FILE": "operator.token",
    "FILES_DIRECTORY": "files",
}


def complete_environment() -> None:
    """Adds to the environment what .env says, and the places of the keys; what is there already stands."""
    load_dotenv(Path(".env"))
    folder = data_folder()
    for name, place in IN_THE_FOLDER.items():
        os.environ.setdefault(name, str(folder / place))


def adopt_running_servers() -> None:
    """Adds the Kafka and the Postgres of a running `verbatim up` to the environment, unless others are named there."""
    endpoints = announced(data_folder())
    if endpoints is not None:
        os.environ.setdefault("KAFKA_BOOTSTRAP_SERVERS", endpoints.kafka)
        os.environ.setdefault("DATABASE_URL", endpoints.database)


def with_remedy(trouble: str, setting: str, *, is_named: bool) -> str:
    """What is wrong with a server, and what to do: `setting` names it, or would."""
    if is_named:
        return f"{trouble}: start it (make run does), or correct {setting}"
    nothing = f"nothing runs on {data_folder()}, and {trouble}"
    return f"{nothing}: start `make run`, or name a server of your own with {setting}"


def data_folder() -> Path:
    """The folder of this machine's Verbatim."""
    return Path(os.environ.get("VERBATIM_VAR", "var")).absolute()
