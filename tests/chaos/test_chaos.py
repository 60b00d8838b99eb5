"""A short run: a few faults, each certain to bite, and nothing is found. `make chaos` has the long ones."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from tests.blackbox.load import REQUEST_SECONDS
from tests.chaos.planning import Kind, plan_of
from tests.chaos.reporting import in_words
from tests.chaos.running import Size, run

SEED = 4
PAUSE_SECONDS = 1.0
QUICK = (Kind.KILLED_AFTER_APPEND, Kind.ACKS_LOST, Kind.APPEND_CUT, Kind.PROJECTOR_KILLED, Kind.REPLAYED)
SIZE = Size(commands=1_000_000, seconds=300, clients=64, rooms=5)


@pytest.mark.servers
@pytest.mark.timeout(400)  # a guard: alone on two cores it takes a tenth
async def test_whatever_happens_no_promise_is_broken(servers_folder: Path) -> None:
    folder = servers_folder / "chaos"
    folder.mkdir(mode=0o711)
    plan = [replace(each, pause=PAUSE_SECONDS) for each in islice(plan_of(SEED, QUICK), len(QUICK))]

    outcome = await run(SEED, plan, SIZE, folder, answered_within=REQUEST_SECONDS)

    print(in_words(outcome))  # noqa: T201  # a run that passes says how much it bit, with -s or in CI's report
    assert outcome.findings == []
    assert outcome.verified.first == []
    assert outcome.void == []
