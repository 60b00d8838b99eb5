"""Whether the command service can do its work, for operators and load balancers."""

from typing import Any

from services.command.expiration.expiring import Expiration
from services.command.writing.partition_writer import name_of
from services.command.writing.serving import Writers
from shared.postgres import Pool, answers
from shared.settings import Settings
from shared.web.health import Report


class Wellbeing:
    """Asks the parts how they are."""

    def __init__(self, settings: Settings, pool: Pool, writers: Writers, expiration: Expiration) -> None:
        self._settings = settings
        self._pool = pool
        self._writers = writers
        self._expiration = expiration

    async def health(self) -> Report:
        """Well when its servers answer and nothing waits for an operator."""
        database = await answers(self._pool)
        kafka = self._writers.kafka_connected
        expiration = self._expiration.health()
        well = database and kafka and not self._writers.trouble and expiration["well"]
        return Report(well, database, kafka, self._more() | {"expiration": expiration})

    async def ready(self) -> Report:
        """Ready when its servers answer and it serves all that it should, or waits for what another process serves."""
        report = await self.health()
        return Report(report.database and report.kafka and self._serves(), report.database, report.kafka, report.more)

    def _serves(self) -> bool:
        return self._waits or (bool(self._writers.leased) and self._writers.leased <= self._writers.serving)

    @property
    def _waits(self) -> bool:
        """Whether other processes have every lease."""
        return self._writers.store_connected and not self._writers.leased

    def _more(self) -> dict[str, Any]:
        leased, serving = self._writers.leased, self._writers.serving
        return {
            "instance": self._settings.instance_name,
            "waiting": self._waits,
            "partitions": {
                "serving": sorted(name_of(each) for each in serving),
                "taking_over": sorted(name_of(each) for each in leased - serving),
                "elsewhere": sorted(name_of(each) for each in set(self._writers.wanted) - leased),
            },
            "trouble": self._writers.trouble,
        }
