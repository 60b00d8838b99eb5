"""Where the commands find what is running: the environment, then .env, then what `verbatim up` says it started."""

import json
import os
from pathlib import Path

from dotenv import load_dotenv

from deploy.embedded.data_folder import data_folder, secrets_of

FROM_ENDPOINTS = {"KAFKA_BOOTSTRAP_SERVERS": "kafka", "DATABASE_URL": "database"}


def complete_environment() -> None:
    """Adds to the environment what .env says; what is there already stands."""
    load_dotenv(Path(".env"))


def adopt_running_servers() -> None:
    """Adds the Kafka, the Postgres and the key files of a running `verbatim up`, unless others are named."""
