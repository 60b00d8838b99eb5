"""What was recorded once can be read for ever: names never change, and a sample of every event parses."""

import json
from pathlib import Path

import pytest

from services.operator.verifying.forms import FORMS
from services.operator.verifying.plain_records import RawRecord, fact_of, read_json
from shared.events.catalogue import EVENT_BY_RECORDED_NAME, EVENTS
from shared.log.records import CLAIM_TYPE, DecodedClaim, DecodedEvent, decode_record, encode_record

HERE = Path(__file__).parent
SAMPLES = sorted((HERE / "samples").glob("*.json"))
RECORDED_NAMES = (HERE / "recorded_names.txt").read_text(encoding="utf-8").split()


def test_a_recorded_name_stays_for_ever() -> None:
    assert set(RECORDED_NAMES) - EVENT_BY_RECORDED_NAME.keys() == set()


def test_a_new_recorded_name_is_written_down() -> None:
    assert EVENT_BY_RECORDED_NAME.keys() - set(RECORDED_NAMES) == set()


def test_every_recorded_name_has_a_sample() -> None:
    assert {each.stem for each in SAMPLES} == {*RECORDED_NAMES, CLAIM_TYPE}


@pytest.mark.parametrize("name", RECORDED_NAMES)
def test_a_stored_sample_parses_and_means_the_same_when_it_is_written_again(name: str) -> None:
    stored = (HERE / "samples" / f"{name}.json").read_bytes()

    decoded = decode_record(stored)

    assert isinstance(decoded, DecodedEvent)
    assert type(decoded.recorded.event) is EVENT_BY_RECORDED_NAME[name]
    assert decode_record(encode_record(decoded.recorded, decoded.claim)) == decoded


def test_a_stored_claim_parses() -> None:
    decoded = decode_record((HERE / "samples" / f"{CLAIM_TYPE}.json").read_bytes())

    assert isinstance(decoded, DecodedClaim)
    assert (decoded.claimed.writer, decoded.claimed.epoch) == ("command-1", 3)


@pytest.mark.parametrize("name", RECORDED_NAMES)
def test_the_checker_reads_each_sample_as_well(name: str) -> None:
    stored = (HERE / "samples" / f"{name}.json").read_bytes()

    fact = fact_of(RawRecord("topic", 0, 0, None, stored), read_json(stored), FORMS[name].kind)

    assert fact.type == name


def test_the_checker_knows_every_event_and_its_kind_of_stream() -> None:
    catalogue = {event.recorded_as: kind.value for kind, events in EVENTS.items() for event in events}

    assert {name: form.kind for name, form in FORMS.items()} == catalogue


def test_every_sample_shows_every_field_of_its_event() -> None:
    # Else a field could lose its meaning unseen.
    for name, event in EVENT_BY_RECORDED_NAME.items():
        data = json.loads((HERE / "samples" / f"{name}.json").read_text(encoding="utf-8"))["data"]
        assert set(event.__struct_fields__) == data.keys(), name
