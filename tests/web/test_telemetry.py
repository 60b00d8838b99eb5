"""What is logged of what our libraries say."""

import logging
import time

import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaConnectionError, KafkaError

from shared.telemetry import NEW_KAFKA_SECONDS, QuietAtFirst


@pytest.mark.parametrize(
    ("error", "seconds", "logged"),
    [
        (GroupCoordinatorNotAvailableError(), 0.0, False),
        (GroupCoordinatorNotAvailableError(), NEW_KAFKA_SECONDS + 1, True),
        (KafkaConnectionError("away"), 0.0, True),
    ],
)
def test_that_a_new_kafka_has_no_coordinator_yet_is_no_error(error: KafkaError, seconds: float, logged: bool) -> None:
    said = logging.LogRecord(
        "aiokafka", logging.ERROR, "group_coordinator.py", 1, "Group Coordinator Request failed: %s", (error,), None
    )

    assert QuietAtFirst(time.monotonic() - seconds).filter(said) is logged
