"""Downloading over HTTP: who gets a file, and how much of it."""

import json
from dataclasses import fields, replace
from uuid import uuid4

import aiohttp
import pytest

from shared.identifiers import derived_id
from shared.settings import Settings
from tests.conversations.talking import but_for_the_request, people, told
from tests.files.conftest import ORIGIN
from tests.files.uploading import PNG, Bytes, contents, download, upload, uploaded
from tests.fixtures.command_service import Answer, CommandService, Person, running_command_service, until_ready

NOWHERE = derived_id("file", "nowhere")


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
    part = await download(anna, await uploaded(anna), Range="bytes=0-0", Origin=ORIGIN)
    shown_to_it = part.headers["Access-Control-Expose-Headers"].split(", ")

    assert part.headers["Access-Control-Allow-Origin"] == ORIGIN
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


# What the store has no more, or elsewhere


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
