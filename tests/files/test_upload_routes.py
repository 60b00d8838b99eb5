"""Uploading over HTTP: what may be sent, as what, and once."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from hashlib import sha256
from uuid import uuid4

import aiohttp
import pytest

from tests.conversations.talking import people, told
from tests.files.conftest import LIMIT
from tests.files.uploading import PDF, PNG, contents, download, form_of, upload, uploaded
from tests.fixtures.command_service import CommandService, Person


@pytest.mark.parametrize("sent", ["bytes", "a form", "a form with a name beside it"])
async def test_a_file_is_downloaded_as_it_was_uploaded(anna: Person, sent: str) -> None:
    content = {"bytes": PNG, "a form": form_of(PNG), "a form with a name beside it": form_of(PNG, "other.png")}[sent]
    answer = await upload(anna, content, name=None if sent == "a form" else "boat.png")
    found = await download(anna, answer.body["file_id"])

    assert answer.status == 201
    assert set(answer.body) == {"command_id", "position", "file_id"}
    assert (found.status, found.content) == (200, PNG)
    assert found.headers["Content-Type"] == "image/png"
    assert found.headers["Content-Length"] == str(len(PNG))
    assert found.headers["Content-Disposition"] == 'inline; filename="boat.png"'
    assert found.headers["ETag"] == f'"{sha256(PNG).hexdigest()}"'
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Accept-Ranges"] == "bytes"


async def test_what_could_run_in_a_browser_is_for_saving_alone(anna: Person) -> None:
    page = b"<!doctype html><html><script>alert(1)</script></html>"
    found = await download(anna, await uploaded(anna, page, "boat.png"))

    assert found.headers["Content-Type"] == "text/plain"
    assert found.headers["Content-Disposition"] == 'attachment; filename="boat.png"'
    assert found.headers["Content-Security-Policy"] == "sandbox"


async def test_an_empty_file_is_one_too(anna: Person) -> None:
    found = await download(anna, await uploaded(anna, b"", "nothing.txt"))

    assert (found.status, found.content, found.headers["Content-Length"]) == (200, b"", "0")


@pytest.mark.parametrize("as_form", [False, True])
async def test_a_file_at_the_limit_is_kept_and_one_past_it_leaves_nothing(
    service: CommandService, anna: Person, *, as_form: bool
) -> None:
    before = len(contents(service))
    longest, longer = (uuid4().bytes + bytes(length - 16) for length in (LIMIT, LIMIT + 1))
    kept = await upload(anna, form_of(longest) if as_form else longest)
    refused = await upload(anna, form_of(longer) if as_form else longer)

    assert kept.status == 201
    assert told(refused) == (413, "too-large")
    assert len(contents(service)) == before + 1
    assert (await download(anna, kept.body["file_id"])).content == longest


async def test_a_file_that_says_that_it_is_too_large_is_refused_before_it_comes(anna: Person) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.Event().wait()

    sent = {"Content-Length": str(LIMIT * 2)}
    assert told(await asyncio.wait_for(upload(anna, never(), headers=sent), 5)) == (413, "too-large")


async def test_what_swells_counts_as_it_is_when_it_is_decoded(service: CommandService, anna: Person) -> None:
    before = len(contents(service))
    encoded = {"Content-Encoding": "gzip", "Content-Type": "application/octet-stream"}
    swollen = await upload(anna, gzip.compress(bytes(LIMIT + 1)), headers=encoded)
    decoded = await upload(anna, gzip.compress(PNG), headers=encoded)

    assert told(swollen) == (413, "too-large")
    assert (await download(anna, decoded.body["file_id"])).content == PNG
    assert len(contents(service)) <= before + 1


@pytest.mark.parametrize("name", ["a", "n" * 255, "Grüße 🙂 (1).png", " boat.png ", 'a "b"; c%20.txt'])
async def test_a_name_comes_back_as_it_was(anna: Person, name: str) -> None:
    found = await download(anna, await uploaded(anna, PDF, name))

    disposition, parameters = aiohttp.multipart.parse_content_disposition(found.headers["Content-Disposition"])
    assert (disposition, aiohttp.multipart.content_disposition_filename(parameters)) == ("attachment", name)


@pytest.mark.parametrize(
    "name",
    ["", "n" * 256, " ", "a/b", "a\\b", "..", "a\x00b", "a\nb", "a\x7fb", "a\x85b", "a\u2028b", "photo\u202egpj.exe"],
)
async def test_a_name_that_no_file_may_have_is_refused(service: CommandService, anna: Person, name: str) -> None:
    before = len(contents(service))
    refused = await upload(anna, name=name)

    assert told(refused) == (422, "invalid-content")
    assert len(contents(service)) == before


@pytest.mark.parametrize(
    "form",
    [
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nhere\r\n--x--\r\n',
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a\u202eb"\r\n\r\nhere\r\n--x--\r\n'.encode(),
        form_of(PNG, field="picture"),
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a/b"\r\n\r\nhere\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="\xff"\r\n\r\nhere\r\n--x--\r\n',
        b"--x\r\nContent-Disposition: nonsense;;\r\n\r\nhere\r\n--x--\r\n",
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\nhere\r\n--y--\r\n--x--\r\n",
        b"--x--\r\n",
    ],
    ids=[
        "no name",
        "a change of direction",
        "another field",
        "a path",
        "no UTF-8",
        "nonsense",
        "parts in a part",
        "none",
    ],
)
async def test_a_form_without_one_named_file_is_refused(anna: Person, form: aiohttp.FormData | bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"} if isinstance(form, bytes) else {}
    refused = await upload(anna, form, name=None, headers=headers)

    assert told(refused) == (422, "invalid-content")
    assert refused.body["errors"][0]["pointer"] in {"/name", "/file"}


async def test_a_form_with_more_than_the_file_leaves_nothing(service: CommandService, anna: Person) -> None:
    before = len(contents(service))
    form = form_of(uuid4().bytes)
    form.add_field("caption", "here")

    assert told(await upload(anna, form)) == (422, "invalid-content")
    assert len(contents(service)) == before


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x--\r\n"),
        ("multipart/form-data; boundary=" + "x" * 71, b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b"no form at all"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nend',
        ),
    ],
    ids=["no boundary", "a long boundary", "no form", "no end"],
)
async def test_a_form_that_is_none_is_refused(
    service: CommandService, anna: Person, content_type: str, body: bytes
) -> None:
    before = len(contents(service))
    assert told(await upload(anna, body, headers={"Content-Type": content_type})) == (400, "malformed-request")
    assert len(contents(service)) == before


async def test_nobody_uploads_without_a_token(service: CommandService) -> None:
    answer = await service.ask("POST", "/v1/files?name=a", raw=PNG)
    assert told(answer) == (401, "not-authenticated")


async def test_while_the_store_is_away_nothing_is_recorded(service: CommandService, anna: Person) -> None:
    there = await uploaded(anna)
    folder = service.settings.files_directory
    folder.rename(folder.with_name("away"))
    folder.touch()
    try:
        answers = [await upload(anna, key="later"), await anna.ask("GET", f"/v1/files/{there}")]
    finally:
        folder.unlink()
        folder.with_name("away").rename(folder)

    assert [told(each) for each in answers] == [(503, "unavailable")] * 2
    assert all(int(each.headers["Retry-After"]) >= 1 for each in answers)
    assert (await upload(anna, PDF, key="later")).status == 201


async def test_a_repeat_is_the_same_file_and_another_content_or_name_under_its_key_is_refused(anna: Person) -> None:
    first = await upload(anna, PNG, key="one")
    again = await upload(anna, form_of(PNG), name=None, key="one")
    others = [await upload(anna, PDF, key="one"), await upload(anna, PNG, name="other.png", key="one")]

    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert [told(each) for each in others] == [(422, "key-used-for-other-content")] * 2


async def test_the_same_content_is_kept_once_and_is_a_file_for_each_who_uploads_it(service: CommandService) -> None:
    anna, ben = await people(service, 2)
    content = uuid4().bytes
    before = len(contents(service))
    files = [await uploaded(anna, content), await uploaded(anna, content), await uploaded(ben, content, "mine.png")]

    assert len(set(files)) == 3
    assert len(contents(service)) == before + 1
    assert (await download(ben, files[2])).content == content
