"""`python -m tests.contract`: services of their own, asked at length what their OpenAPI documents allow and do not."""

# ruff: noqa: T201 - a command line prints

import asyncio
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.keys import make_keys
from deploy.embedded.postgres import EmbeddedPostgres
from migrations.apply import apply_migrations
from shared.settings import Settings
from tests.contract.feeding import feed_of
from tests.contract.fuzzing import Effort, Outcome, fuzz
from tests.contract.operations import Operation, operations_of
from tests.contract.reporting import in_words
from tests.contract.services import MODULES, running_services
from tests.contract.town import Town

TOKEN_SECONDS = 86_400


async def run(effort: Effort, folder: Path) -> bool:
    """Asks both services; says whether all was well."""
    keys = folder / "keys"
    make_keys(keys / "signing.pem", keys / "verifying.pem", keys / "operator.token")
    async with (
        EmbeddedKafka(folder / "kafka") as kafka,
        EmbeddedPostgres(folder / "postgres", durable=False) as postgres,
    ):
        await asyncio.to_thread(apply_migrations, postgres.url)
        settings = Settings(
            kafka_bootstrap_servers=kafka.bootstrap_servers,
            database_url=postgres.url,
            partitions=2,
            kafka_flush_each_append=False,
            access_token_seconds=TOKEN_SECONDS,
            signing_key_file=keys / "signing.pem",
            verifying_key_file=keys / "verifying.pem",
            operator_token_file=keys / "operator.token",
            sends_per_second=0,
            log_ins_per_minute=0,
        )
        async with running_services(settings, folder) as services:
            feed = await feed_of(Town.at(services))
            outcome, operations = Outcome(), list[Operation]()
            for name in MODULES:
                document = await services.document(name)
                operations += operations_of(document, name)
                outcome.add(await asyncio.to_thread(fuzz, services, name, document, feed, effort))
    print(in_words(outcome, operations))
    return not outcome.findings and not outcome.troubles


def main() -> int:
    """Gives 1 when something was found."""
    parser = ArgumentParser(prog="python -m tests.contract", description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="of each operation; 200 unless said otherwise")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, help="at most, for each of both services")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="verbatim-contract-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root, Postgres runs as another user
        return 0 if asyncio.run(run(Effort(asked.examples, asked.seed, asked.seconds), folder)) else 1


sys.exit(main())
