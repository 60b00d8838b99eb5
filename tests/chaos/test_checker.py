"""The checker finds what it is there for: one defect after the other is planted in a correct run."""

import pytest

from tests.blackbox.checking import Evidence, bite_of, findings_in
from tests.chaos.defects import DEFECTS, WITHIN, a_correct_run, answered_late, tampered
from tests.chaos.handmade import ROOM, HandmadeRun
from tests.chaos.table_defects import Tamper


def found(evidence: Evidence) -> set[str]:
    return {each.promise for each in findings_in(evidence, WITHIN)}


def test_a_correct_run_is_clean() -> None:
    assert findings_in(a_correct_run().evidence(), WITHIN) == []


def test_it_counts_the_retries_that_met_a_record() -> None:
    assert bite_of(a_correct_run().evidence()).met_a_record == 1


@pytest.mark.parametrize(
    ("promise", "defect"),
    [
        pytest.param(promise, defect, id=f"{promise}-{defect.__name__}")
        for promise, defects in DEFECTS.items()
        for defect in defects
    ],
)
def test_a_planted_defect_is_found(promise: str, defect: Tamper) -> None:
    assert promise in found(tampered(defect))


def test_nobody_answers_for_a_process_that_stood_still() -> None:
    def frozen(run: HandmadeRun) -> None:
        answered_late(run)
        run.history.frozen.append((run.history.tries[0].url, 2.0, 4.0))

    assert found(tampered(frozen)) == set()


def test_what_is_written_under_a_claim_that_is_over_does_not_count() -> None:
    def zombie(run: HandmadeRun) -> None:
        run.values[ROOM].append(run.values[ROOM][2] | {"claim": "7-7"})

    assert found(tampered(zombie)) == set()
