"""Both services keep to their OpenAPI documents, whatever they are asked: schemathesis asks them."""

import asyncio

import pytest

from tests.contract.feeding import feed_of
from tests.contract.fuzzing import Effort, Outcome, fuzz
from tests.contract.operations import Operation
from tests.contract.reporting import in_words, never_accepted
from tests.contract.services import MODULES, Services
from tests.contract.town import Town

EXAMPLES = 6


@pytest.mark.timeout(600)  # a guard: alone on two cores it takes a tenth
async def test_every_answer_is_as_the_document_says(
    services: Services, town: Town, operations: list[Operation]
) -> None:
    feed = await feed_of(town)
    outcome = Outcome()

    for name in MODULES:
        document = await services.document(name)
        outcome.add(await asyncio.to_thread(fuzz, services, name, document, feed, Effort(EXAMPLES)))

    print(in_words(outcome, operations))  # noqa: T201  # a run that passes says how much it asked, with -s
    assert [str(each) for each in outcome.findings.values()] == []
    assert outcome.troubles == []
    assert never_accepted(outcome, operations) == []
