"""Both services as processes of their own, and whoever asks them: every answer is kept byte for byte."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import aiohttp

from deploy.embedded.ports import HOST, free_port
from deploy.embedded.service import EmbeddedService
from shared.log.topics import ensure_topics
from shared.settings import Settings

ServiceName = Literal["command", "query"]
MODULES: Mapping[ServiceName, str] = {"command": "services.command", "query": "services.projector"}
REQUEST_ID = "asked-by-the-contract"
"""Given with every request, so that answers that are the same are the same to the byte."""
OF_THE_MOMENT = frozenset({"date"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` are without the time of day."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, where it is JSON."""
        return json.loads(self.body)

    @property
    def is_json(self) -> bool:
        """Whether it says to be."""
        return any(name == "content-type" and value.startswith("application/json") for name, value in self.headers)

    @property
    def everything(self) -> bytes:
        """Every byte that somebody could read."""
        return b"\n".join([*(f"{name}: {value}".encode() for name, value in self.headers), self.body])


@dataclass(frozen=True, slots=True)
class Services:
    """Where they are, what they have printed, and how to ask them."""

    urls: Mapping[ServiceName, str]
    logs: tuple[Path, ...]
    session: aiohttp.ClientSession
    settings: Settings
    operator_token: str = field(repr=False)

    async def ask(
        self,
        service: ServiceName,
        method: str,
        path: str,
        *,
        token: str | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Asks anything. `raw`: a body as it is, whose type `headers` says; `body`: one in JSON."""
        sent = {"X-Request-Id": REQUEST_ID, **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        content: dict[str, Any] = {"data": raw} if raw is not None else {"json": body} if body is not None else {}
        url = self.urls[service] + path
        async with self.session.request(method, url, params=query, headers=sent, **content) as response:
            told = sorted((name.lower(), value) for name, value in response.headers.items())
            kept = tuple(each for each in told if each[0] not in OF_THE_MOMENT)
            return Answer(response.status, kept, await response.read())

    async def document(self, service: ServiceName) -> dict[str, Any]:
        """What a service says of itself."""
        found: dict[str, Any] = (await self.ask(service, "GET", "/openapi.json")).json
        return found

    def printed(self) -> bytes:
        """Everything that the services have logged so far."""
        return b"".join(log.read_bytes() for log in self.logs)


@asynccontextmanager
async def running_services(settings: Settings, folder: Path) -> AsyncIterator[Services]:
    """Starts both, over the servers that the settings name; gives them when they are ready. They log all they can."""
    await ensure_topics(settings)
    ports: Mapping[ServiceName, int] = {"command": free_port(), "query": free_port()}
    told = replace(
        settings,
        verbatim_var=folder,
        log_level="DEBUG",
        uploads_of_a_user=settings.uploads_at_once,
        downloads_of_a_user=settings.connection_limit,
        command_port=ports["command"],
        query_port=ports["query"],
    )
    environment = {name.upper(): str(value) for name, value in asdict(told).items()}
    parts = {
        name: EmbeddedService(
            name, module, f"http://{HOST}:{ports[name]}", log=folder / f"{name}.log", environment=environment
        )
        for name, module in MODULES.items()
    }
    try:
        for part in parts.values():
            await part.start()
        async with aiohttp.ClientSession() as session:
            yield Services(
                urls={name: part.url for name, part in parts.items()},
                logs=tuple(folder / f"{name}.log" for name in MODULES),
                session=session,
                settings=told,
                operator_token=settings.operator_token_file.read_text().strip(),
            )
    finally:
        for part in parts.values():
            await part.stop()
