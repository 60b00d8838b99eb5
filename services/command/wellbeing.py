"""Whether the command service can do its work, for operators and load balancers."""

from typing import Any

from services.command.writing.serving import Writers
from shared.postgres import Pool, answers
from shared.settings import Settings
from shared.web.health import Report


class Wellbeing:
    """Asks the parts how they are."""

    def __init__(self, settings: Settings, pool: Pool, writers: Writers) -> None:
        self._settings = settings
        self._pool = pool
        self._writers = writers

    async def health(self) -> Report:
        """Well when its servers answer and nothing waits for an operator."""
        database = await answers(self._pool)
        kafka = self._writers.kafka_connected
        return Report(database and kafka and not self._writers.trouble, database, kafka, self._more())

    async def ready(self) -> Report:
        """Ready when every partition is served, beside being well."""
        report = await self.health()
        served = len(self._writers.serving) == len(self._writers.wanted)
        return Report(report.well and served, report.database, report.kafka, report.more)

    def _more(self) -> dict[str, Any]:
        return {
            "instance": self._settings.instance_name,
            "partitions": {
                "serving": len(self._writers.serving),
                "of": len(self._writers.wanted),
                "missing": sorted(f"{each.topic}-{each.partition}" for each in self._missing()),
            },
            "trouble": self._writers.trouble,
        }

    def _missing(self) -> set[Any]:
        return set(self._writers.wanted) - self._writers.serving
