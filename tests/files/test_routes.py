"""Files over HTTP: what may be sent, who gets what, and how much of it."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from shared.identifiers import derived_id
from shared.settings import Settings
from tests.conversations.talking import but_for_the_request, people, told
from tests.files.uploading import PDF, PNG, Bytes, download, form_of, upload, uploaded
from tests.fixtures.command_service import Answer, CommandService, Person, running_command_service, until_ready
from tests.fixtures.names import eventually
from tests.web.wire import connected_to

LIMIT = 300_000
SHORT_SECONDS = 1.0
BYTES_PER_SECOND = 100
NOWHERE = derived_id("file", "nowhere")


@pytest.fixture(scope="module")
async def service(shared_settings: Settings) -> AsyncIterator[CommandService]:
    """One that takes small files, and waits little for slow ones."""
    small = replace(
        shared_settings,
        file_limit_bytes=LIMIT,
        body_seconds=SHORT_SECONDS,
        uploads_of_a_user=2,
        upload_bytes_per_second=BYTES_PER_SECOND,
        cors_origins="https://chat.example",
    )
    async with running_command_service(small) as service:
        await until_ready(service)
        yield service


@pytest.fixture
async def anna(service: CommandService) -> Person:
    """Somebody new."""
    return await service.register()


def contents(service: CommandService) -> list[Path]:
    """Whatever the store has, also what it only gathers."""
    return [each for each in service.settings.files_directory.rglob("*") if each.is_file()]


def coming(service: CommandService) -> int:
    """How many files are coming right now."""
    return len(list((service.settings.files_directory / "incoming").glob("*")))


# What may be sent


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


# Once


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


# Who gets it


async def test_what_is_anothers_and_what_there_is_not_look_the_same(service: CommandService) -> None:
    anna, ben = await people(service, 2)
    file_id = await uploaded(anna)
    for method in ("GET", "HEAD"):
        answers = [await download(ben, each, method=method, Range="bytes=0-1") for each in (file_id, NOWHERE, "1")]
        assert [each.status for each in answers] == [404] * 3
        assert all(shown(each) == shown(answers[0]) for each in answers)
    assert b"boat" not in answers[0].content


def shown(answer: Bytes) -> tuple[object, ...]:
    """All of an answer but what differs from request to request."""
    body = json.loads(answer.content) if answer.content else {}
    return headers_of(answer), but_for_the_request(Answer(answer.status, body, {}))


def headers_of(answer: Bytes) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.lower() not in {"date", "x-request-id"}}


async def test_whoever_has_left_uploads_and_downloads_nothing(anna: Person) -> None:
    file_id = await uploaded(anna)
    assert (await anna.ask("DELETE", "/v1/me")).status == 200

    assert told(await upload(anna)) == (403, "user-deactivated")
    assert (await download(anna, file_id)).status == 403


async def test_nobody_uploads_without_a_token(service: CommandService) -> None:
    answer = await service.ask("POST", "/v1/files?name=a", raw=PNG)
    assert told(answer) == (401, "not-authenticated")


# How much of it


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-99", 10, 100),
        ("bytes=100-", 100, None),
        ("bytes=-7", -7, None),
        ("bytes=0-999999", 0, None),
    ],
)
async def test_a_range_is_a_part_of_it(anna: Person, asked: str, start: int, end: int | None) -> None:
    part = await download(anna, await uploaded(anna), Range=asked)
    wanted = PNG[start:end]
    first = start % len(PNG)

    assert (part.status, part.content) == (206, wanted)
    assert part.headers["Content-Range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(PNG)}"
    assert part.headers["Content-Length"] == str(len(wanted))


async def test_a_page_of_another_origin_sees_what_it_is_called_and_which_part_it_has(anna: Person) -> None:
    part = await download(anna, await uploaded(anna), Range="bytes=0-0", Origin="https://chat.example")
    shown_to_it = part.headers["Access-Control-Expose-Headers"].split(", ")

    assert part.headers["Access-Control-Allow-Origin"] == "https://chat.example"
    assert {"Content-Disposition", "Content-Range", "ETag"} <= set(shown_to_it)


async def test_a_range_past_the_end_is_refused_with_the_size(anna: Person) -> None:
    refused = await download(anna, await uploaded(anna), Range=f"bytes={len(PNG)}-")

    assert (refused.status, refused.headers["Content-Range"]) == (416, f"bytes */{len(PNG)}")
    assert json.loads(refused.content)["code"] == "range-not-satisfiable"


async def test_a_part_is_given_only_to_who_has_the_rest_of_the_same(anna: Person) -> None:
    file_id = await uploaded(anna)
    tag = (await download(anna, file_id)).headers["ETag"]

    same = await download(anna, file_id, Range="bytes=1-2", if_range=tag)
    others = [
        await download(anna, file_id, Range="bytes=1-2", if_range=each) for each in ('"x"', f"W/{tag}", "yesterday")
    ]

    assert (same.status, same.content) == (206, PNG[1:3])
    assert [(each.status, each.content) for each in others] == [(200, PNG)] * 3


async def test_whoever_has_it_already_is_told_so(anna: Person) -> None:
    file_id = await uploaded(anna)
    tag = (await download(anna, file_id)).headers["ETag"]

    for known in (tag, f'"x", W/{tag}', "*"):
        answer = await download(anna, file_id, if_none_match=known)
        assert (answer.status, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    assert (await download(anna, file_id, if_none_match='"x"')).status == 200


async def test_looking_at_it_tells_all_but_the_content(anna: Person) -> None:
    file_id = await uploaded(anna)
    whole = await download(anna, file_id)
    looked = await download(anna, file_id, method="HEAD", Range="bytes=0-1")

    assert (looked.status, looked.content) == (200, b"")
    assert headers_of(looked) == headers_of(whole)


# What does not come, or goes away


async def test_a_file_that_stops_coming_is_given_up_and_leaves_nothing(service: CommandService, anna: Person) -> None:
    before = len(contents(service))

    async def stops() -> AsyncIterator[bytes]:
        yield b"a" * 1_000
        await asyncio.Event().wait()

    assert told(await asyncio.wait_for(upload(anna, stops()), 5)) == (408, "body-is-slow")
    assert len(contents(service)) == before


async def test_a_file_that_comes_but_too_slowly_is_given_up_and_leaves_nothing(
    service: CommandService, anna: Person
) -> None:
    before = len(contents(service))

    async def drips() -> AsyncIterator[bytes]:
        while True:
            yield b"a"
            await asyncio.sleep(SHORT_SECONDS / 4)

    assert told(await asyncio.wait_for(upload(anna, drips()), 20)) == (408, "body-is-slow")
    assert len(contents(service)) == before


async def test_a_command_has_its_time_from_when_the_file_has_come(service: CommandService, anna: Person) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + service.settings.command_deadline_seconds * 1.1

    async def takes_longer() -> AsyncIterator[bytes]:
        while loop.time() < until:
            yield bytes(BYTES_PER_SECOND)
            await asyncio.sleep(SHORT_SECONDS / 10)

    assert (await upload(anna, takes_longer())).status == 201


async def test_whoever_hangs_up_in_the_middle_leaves_nothing(service: CommandService, anna: Person) -> None:
    before = len(contents(service))
    async with aiohttp.ClientSession(service.url) as client:
        _, writer = await connected_to(client)
        head = f"POST /v1/files?name=a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {anna.token}\r\n"
        writer.write(f"{head}Content-Length: {LIMIT}\r\n\r\n".encode() + bytes(LIMIT // 2))
        await writer.drain()
        await eventually(lambda: coming(service) == 1)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    await eventually(lambda: coming(service) == 0)

    assert len(contents(service)) == before
    await eventually(lambda: both_are_taken(anna))  # it is no longer counted as one that comes


async def both_are_taken(person: Person) -> bool:
    return [each.status for each in await asyncio.gather(*(upload(person) for _ in range(2)))] == [201, 201]


async def test_so_many_come_at_once_from_one_user_and_no_more(service: CommandService, anna: Person) -> None:
    async def trickles(enough: asyncio.Event) -> AsyncIterator[bytes]:
        while not enough.is_set():
            yield bytes(BYTES_PER_SECOND)
            await asyncio.sleep(SHORT_SECONDS / 10)

    enough = asyncio.Event()
    tasks = [asyncio.create_task(upload(anna, trickles(enough))) for _ in range(2)]
    await eventually(lambda: coming(service) == 2)
    refused = await upload(anna)
    enough.set()

    assert [each.status for each in await asyncio.gather(*tasks)] == [201, 201]
    assert (refused.status, refused.headers["Retry-After"], refused.headers["RateLimit"]) == (429, "1", '"uploads";r=0')
    assert (await upload(anna)).status == 201


async def test_without_its_content_a_file_is_our_fault_and_others_go_on(service: CommandService, anna: Person) -> None:
    lost, there = await uploaded(anna, uuid4().bytes), await uploaded(anna)
    tag = (await download(anna, lost)).headers["ETag"].strip('"')
    (service.settings.files_directory / tag[:2] / tag).unlink()

    assert (await download(anna, lost)).status == 500
    assert (await download(anna, there)).content == PNG


async def test_what_the_store_has_less_of_is_cut_off(service: CommandService, anna: Person) -> None:
    file_id = await uploaded(anna, uuid4().bytes)
    tag = (await download(anna, file_id)).headers["ETag"].strip('"')
    (service.settings.files_directory / tag[:2] / tag).write_bytes(b"half")

    with pytest.raises(aiohttp.ClientError):
        await download(anna, file_id)


async def test_a_bucket_keeps_files_as_a_folder_does(service_settings: Settings, bucket_settings: Settings) -> None:
    own = service_settings
    with_servers = replace(
        bucket_settings,
        **{each.name: getattr(own, each.name) for each in fields(Settings) if not each.name.startswith("files_bucket")},
    )
    async with running_command_service(with_servers) as service:
        await until_ready(service)
        anna = await service.register()
        content = uuid4().bytes * 400_000
        file_id = await uploaded(anna, content, "large.bin")
        whole, part = await download(anna, file_id), await download(anna, file_id, Range="bytes=-5")

        assert (whole.status, whole.content) == (200, content)
        assert (part.status, part.content) == (206, content[-5:])
        assert contents(service) == []


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
