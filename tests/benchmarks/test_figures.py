"""What is made of measurements: medians, ratios round by round, verdicts, and the table that says them."""

import json
from uuid import UUID

import pytest

from benchmarks.apart import BrokenRunError
from benchmarks.connection import read_answer
from benchmarks.figures import Bar, Figure, Rounds, number_text, percentile
from benchmarks.load import ANY_KEY, KEY, TURN, Asking, Wish, message_request, requests_of
from benchmarks.plot import KEPT, MISSED, place_of, plotted
from benchmarks.report import Outcome, Report, in_json, in_markdown

AT_LEAST_HALF = Bar(0.5, aim=0.9, at_least=True)


def report_of(*figures: Figure, trouble: str = "") -> Report:
    return Report("standard", 3, {"processor": "two cores"}, [Outcome("a", "How quick?", figures, trouble)])


def test_a_figure_is_the_median_of_its_rounds_between_the_least_and_the_most() -> None:
    figure = Figure("waiting", "ms", (9.0, 1.0, 2.0))

    assert figure.median == 2.0
    assert figure.range == (1.0, 9.0)


def test_ratios_are_taken_round_by_round_and_not_of_the_medians() -> None:
    rounds = Rounds()
    for ours, floor in ((10.0, 20.0), (40.0, 20.0), (60.0, 40.0)):
        rounds.note_all({"ours": ours, "floor": floor})

    assert rounds.ratios("ours", "floor") == (0.5, 2.0, 1.5)
    assert rounds.sums("ours", "floor") == (30.0, 60.0, 100.0)


def test_a_round_that_is_missing_in_one_of_two_gives_no_ratio() -> None:
    rounds = Rounds()
    rounds.note("ours", 1.0)
    rounds.note_all({"ours": 1.0, "floor": 1.0})

    with pytest.raises(ValueError, match="shorter"):
        rounds.ratios("ours", "floor")


@pytest.mark.parametrize(("of_hundred", "expected"), [(50, 50.0), (99, 99.0), (100, 100.0), (0.5, 1.0)])
def test_a_percentile_is_the_nearest_rank(of_hundred: float, expected: float) -> None:
    assert percentile(map(float, range(100, 0, -1)), of_hundred) == expected


def test_a_percentile_of_nothing_is_an_error_and_not_a_nought() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 50)


@pytest.mark.parametrize(
    ("bar", "value", "verdict", "times"),
    [
        (AT_LEAST_HALF, 0.5, "kept", 1.0),
        (AT_LEAST_HALF, 0.25, "MISSED", 0.5),
        (Bar(10.0), 10.0, "kept", 1.0),
        (Bar(10.0), 20.0, "MISSED", 0.5),
    ],
)
def test_a_bar_is_kept_from_its_limit_on_whichever_way_is_better(
    bar: Bar, value: float, verdict: str, times: float
) -> None:
    assert Figure("it", "", (value,), bar=bar).verdict == verdict
    assert bar.reached_by(value) == times


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.00"), (0.004, "0.004"), (0.4567, "0.46"), (12.345, "12.3"), (1234.5, "1,234"), (12345678, "12,345,678")],
)
def test_numbers_have_about_three_digits(value: float, text: str) -> None:
    assert number_text(value) == text


def test_the_table_marks_what_misses_its_bar_and_only_that() -> None:
    missed = Figure("floor over ours", "ratio", (0.2, 0.3, 0.4), "how it was done", AT_LEAST_HALF)
    kept = Figure("bytes", "bytes", (500.0,), bar=Bar(550.0))

    said = in_markdown(report_of(missed, kept), "standard.svg")

    assert "| a | floor over ours | 0.30 (0.20 … 0.40) | ≥ 0.50 | 0.90 | **MISSED** |" in said
    assert "| a | bytes | 500 | ≤ 550 |  | kept |" in said
    assert "| floor over ours | 0.30 (0.20 … 0.40) | ratio | how it was done |" in said
    assert "two cores" in said


def test_a_part_that_did_not_work_says_so_and_gives_no_figure() -> None:
    said = in_markdown(report_of(trouble="a connection was lost"), "standard.svg")

    assert "**Not measured:** a connection was lost" in said


def test_the_json_has_each_sample() -> None:
    said = json.loads(in_json(report_of(Figure("it", "ratio", (0.2, 0.8, 0.6), bar=AT_LEAST_HALF))))

    (figure,) = said["parts"][0]["figures"]
    assert figure["samples"] == [0.2, 0.8, 0.6]
    assert (figure["median"], figure["bar"], figure["verdict"]) == (0.6, 0.5, "kept")


def test_the_picture_puts_what_is_better_than_its_bar_to_the_right_of_it() -> None:
    assert place_of(0.5) < place_of(1.0) < place_of(2.0)
    assert place_of(1_000.0) == place_of(16.0)
    picture = plotted([("a", Figure("quick & good", "ratio", (0.6,), bar=AT_LEAST_HALF))])
    assert "(a) quick &amp; good" in picture
    assert KEPT in picture
    assert MISSED not in picture


def test_an_answer_is_read_when_all_of_it_is_here() -> None:
    whole = b"HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"

    assert all(read_answer(whole[:length]) is None for length in range(len(whole)))
    answered = read_answer(whole)
    assert answered is not None
    assert (answered.status, answered.body) == (201, b"hello")


def test_an_answer_without_a_length_breaks_the_run() -> None:
    with pytest.raises(BrokenRunError, match="how long"):
        read_answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


def test_each_message_of_the_load_has_a_key_of_its_own_and_is_as_long_as_any_other() -> None:
    asking = Asking("/v1/conversations/x/messages", "a-token")
    first, second = requests_of(asking, 0), requests_of(asking, 1)

    requests = {first(), first(), second()}

    assert len(requests) == 3
    assert {len(each) for each in requests} == {len(message_request(asking, ANY_KEY))}
    assert all(b"Authorization: Bearer a-token" in each for each in requests)


def test_a_script_is_asked_again_and_again_with_the_turn_and_keys_of_its_own() -> None:
    ask, read = Wish("POST", "/a", "t", f'{{"id":"{KEY}"}}'), Wish("PUT", "/b", "t", f'{{"seq":{TURN}}}', has_key=True)
    next_request = requests_of(Asking(script=[ask, read]), 0)

    heads, bodies = zip(*(next_request().split(b"\r\n\r\n") for _ in range(4)), strict=True)

    assert [head.split(b" HTTP")[0] for head in heads] == [b"POST /a", b"PUT /b"] * 2
    assert [bodies[1], bodies[3]] == [b'{"seq":1}', b'{"seq":2}']
    keys = [json.loads(bodies[place])["id"] for place in (0, 2)]
    keys += [heads[place].split(b"Idempotency-Key: ")[1].decode() for place in (1, 3)]
    assert len({UUID(key) for key in keys}) == 4
    assert b"Idempotency-Key" not in heads[0]
