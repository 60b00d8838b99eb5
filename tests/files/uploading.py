"""How specs of files upload and download, and some contents that are what they look like."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp

from tests.fixtures.command_service import Answer, CommandService, Person

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0" + bytes(range(256)) * 4
PDF = b"%PDF-1.4\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@dataclass(frozen=True)
class Bytes:
    """What came back from a download."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def form_of(content: bytes, filename: str = "boat.png", *, field: str = "file") -> aiohttp.FormData:
    """A form with one part."""
    form = aiohttp.FormData()
    form.add_field(field, content, filename=filename, content_type="application/x-lie")
    return form


async def upload(
    person: Person,
    content: Any = PNG,
    *,
    name: str | None = "boat.png",
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Uploads as these bytes, or as this form."""
    sent = {"Authorization": f"Bearer {person.token}", **(headers or {})}
    if key is not None:
        sent["Idempotency-Key"] = key
    named = {} if name is None else {"name": name}
    url = f"{person.service.url}/v1/files"
    body = BytesIO(content) if isinstance(content, bytes) else content
    async with person.service.session.post(url, data=body, params=named, headers=sent) as response:
        return Answer(response.status, await response.json(content_type=None), response.headers)


async def uploaded(person: Person, content: bytes = PNG, name: str = "boat.png") -> str:
    """The id of a file that has just been uploaded."""
    answer = await upload(person, content, name=name)
    assert answer.status == 201, answer
    file_id: str = answer.body["file_id"]
    return file_id


async def download(person: Person, file_id: str, *, method: str = "GET", **headers: str) -> Bytes:
    """What this person gets. A header `If-Range` is named `if_range`."""
    sent = {"Authorization": f"Bearer {person.token}"}
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    url = f"{person.service.url}/v1/files/{file_id}"
    async with person.service.session.request(method, url, headers=sent) as response:
        return Bytes(response.status, response.headers, await response.read())


def contents(service: CommandService) -> list[Path]:
    """Whatever is in a service's folder, also what it only gathers."""
    return [each for each in service.settings.files_directory.rglob("*") if each.is_file()]
