"""What is logged of what our libraries say."""

import logging
import time

import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaConnectionError

from shared.telemetry import NEW_KAFKA_SECONDS, QuietAtFirst


@pytest.mark.parametrize(
    ("line", "seconds", "logged"),
    [
        (f"Group Coordinator Request failed: {GroupCoordinatorNotAvailableError()}", 0.0, False),
        (f"Group Coordinator Request failed: {GroupCoordinatorNotAvailableError()}", NEW_KAFKA_SECONDS + 1, True),
        ("Marking the coordinator dead (node 1)for group status-expiration.", 0.0, False),
        (f"Group Coordinator Request failed: {KafkaConnectionError()}", 0.0, True),
    ],
)
def test_that_a_new_kafka_has_no_coordinator_yet_is_no_error(line: str, seconds: float, logged: bool) -> None:
    said = logging.LogRecord("aiokafka", logging.ERROR, "group_coordinator.py", 1, line, None, None)

    assert QuietAtFirst(time.monotonic() - seconds).filter(said) is logged
