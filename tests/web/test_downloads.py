"""Which part of a content is asked for, and how it is called: RFC 9110 and RFC 6266."""

import pytest
from aiohttp.multipart import content_disposition_filename, parse_content_disposition
from hypothesis import given
from hypothesis import strategies as st

from shared.web.downloads import Download, DownloadHeaders, RangeNotSatisfiable, Span, disposition_of

SIZES = st.integers(0, 20)
NUMBERS = st.integers(0, 30)


def asked(**headers: str) -> DownloadHeaders:
    return DownloadHeaders.model_validate({name.replace("_", "-"): value for name, value in headers.items()})


def download(size: int = 10) -> Download:
    return Download("a", "text/plain", size, "tag")


@given(SIZES, NUMBERS, NUMBERS)
def test_a_range_is_the_bytes_that_it_names_or_none_of_them(size: int, first: int, last: int) -> None:
    content = bytes(range(size))
    for text, wanted in (
        (f"bytes={first}-{last}", content[first : last + 1]),
        (f"bytes={first}-", content[first:]),
        (f"bytes=-{last}", content[-last:] if last else b""),
    ):
        if not wanted and not (first > last and text == f"bytes={first}-{last}"):
            with pytest.raises(RangeNotSatisfiable) as refused:
                download(size).span_of(asked(Range=text))
            assert refused.value.headers == {"Content-Range": f"bytes */{size}"}
            continue
        span = download(size).span_of(asked(Range=text))
        if span is None:
            assert first > last  # no range at all
        else:
            assert content[span.start : span.end] == wanted
            assert 0 <= span.start < span.end <= size


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=5-4",
        "bytes=0-1,3-4",
        "lines=0-1",
        "bytes=\u0660-\u0661",
        "bytes=0-" + "9" * 30,
    ],
)
def test_what_is_no_single_range_is_passed_over(text: str) -> None:
    assert download().span_of(asked(Range=text)) is None


def test_a_part_is_for_who_has_the_rest_of_the_same() -> None:
    assert download().span_of(asked(Range="bytes=0-1", If_Range='"tag"')) == Span(0, 2)
    for other in ('"other"', 'W/"tag"', "tag", "Fri, 27 Nov 2026 12:00:00 GMT"):
        assert download().span_of(asked(Range="bytes=0-1", If_Range=other)) is None


@pytest.mark.parametrize(
    ("given_", "known"),
    [
        ('"tag"', True),
        ('W/"tag"', True),
        ('"a", "tag"', True),
        ("*", True),
        ('"other"', False),
        ("tag", False),
        ("", False),
    ],
)
def test_whoever_has_it_is_known_by_its_tag(given_: str, *, known: bool) -> None:
    assert download().is_known(asked(If_None_Match=given_)) is known


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("image/png", "inline"),
        ("audio/ogg", "inline"),
        ("video/mp4", "inline"),
        ("image/svg+xml", "attachment"),
        ("text/html", "attachment"),
        ("application/pdf", "attachment"),
        ("application/octet-stream", "attachment"),
    ],
)
def test_only_pictures_sounds_and_films_are_shown_in_place(media_type: str, kind: str) -> None:
    assert disposition_of("a", media_type).partition(";")[0] == kind


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), min_size=1, max_size=20))
def test_a_name_comes_through_the_header_as_it_is(name: str) -> None:
    header = disposition_of(name, "text/plain")
    kind, parameters = parse_content_disposition(header)

    assert header.isascii()
    assert (kind, content_disposition_filename(parameters)) == ("attachment", name)


def test_whoever_reads_no_other_letters_gets_a_name_without_them() -> None:
    assert disposition_of('Grüße "1".png', "image/png") == (
        "inline; filename=\"Gr__e _1_.png\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%221%22.png"
    )
