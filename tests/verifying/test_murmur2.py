"""The hash that says where a stream lives."""

from uuid import uuid4

import pytest
from aiokafka.partitioner import murmur2 as the_clients

from services.operator.verifying.murmur2 import murmur2


@pytest.mark.parametrize("length", range(40))
def test_our_hash_is_the_clients_for_keys_of_every_length(length: int) -> None:
    key = str(uuid4()).encode().ljust(40, b"\xfe")[:length]

    assert murmur2(key) == the_clients(key) & 0xFFFFFFFF


def test_a_hash_that_kafka_publishes_is_met() -> None:
    # From the tests of Java's own client.
    assert murmur2(b"21") == -973932308 & 0xFFFFFFFF
    assert murmur2(b"foobar") == -790332482 & 0xFFFFFFFF
