"""`python -m tests.chaos`: a seed's faults under load, and what was found."""

# ruff: noqa: T201 - a command line prints

import asyncio
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from tests.chaos.planning import Kind, plan_of
from tests.chaos.reporting import in_words
from tests.chaos.running import Outcome, Size, run

ANSWERED_WITHIN = 5.5


async def _run(seed: int, size: Size, kinds: tuple[Kind, ...], folder: Path) -> Outcome:
    return await run(seed, plan_of(seed, kinds), size, folder / "run", ANSWERED_WITHIN)


def main() -> int:
    """Gives 1 when something was found, or a fault did not bite."""
    usual = Size()
    parser = ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", default="", help="only faults of these numbers: 1,2,24")
    for name, value in asdict(usual).items():
        parser.add_argument(f"--{name}", type=type(value), default=value, help=f"{value} unless said otherwise")
    asked = parser.parse_args()
    size = Size(asked.commands, asked.seconds, asked.clients, asked.rooms)
    numbers = {int(each) for each in asked.faults.split(",") if each} or {kind.number for kind in Kind}
    folder = Path(tempfile.mkdtemp(prefix="verbatim-chaos-"))
    folder.chmod(0o711)  # as root, Postgres runs as another user
    (folder / "run").mkdir(mode=0o711)
    outcome = asyncio.run(_run(asked.seed, size, tuple(k for k in Kind if k.number in numbers), folder))
    print(in_words(outcome))
    if outcome.is_clean:
        shutil.rmtree(folder)
        return 0
    print(f"\nlogs and data are left in {folder}")
    return 1


sys.exit(main())
