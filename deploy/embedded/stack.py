"""All of Verbatim on this machine: Kafka, Postgres and the services, started in order, kept running, stopped in order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.data_folder import Endpoints, announce, used_alone, withdraw
from deploy.embedded.java import java_version
from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.keys import make_keys
from deploy.embedded.ports import require_free
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.service import EmbeddedService
from deploy.embedded.supervising import Restartable, keep_running
from migrations.apply import apply_migrations
from shared.log.topics import ensure_topics
from shared.settings import Settings

type Say = Callable[[str], None]
