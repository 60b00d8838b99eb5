"""Measurements in a process of their own: one JSON object in, one out, so that nothing of ours weighs on them."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec
import uvloop

from shared.garbage import collect_seldom

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class BrokenRunError(RuntimeError):
    """A measurement did not work, so there is no figure; the message says what was in the way."""


async def apart(module: str, job: Any, answer: type[Answer], environment: Mapping[str, str] | None = None) -> Answer:
    """Runs `python -m benchmarks.<module>` with a job and gives its answer. Raises BrokenRunError when it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"benchmarks.{module}",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    try:
        said, complaint = await process.communicate(msgspec.json.encode(job))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        lines = complaint.decode(errors="replace").strip().split("\n")
        raise BrokenRunError(f"benchmarks.{module} failed: {lines[-1]}")
    return msgspec.json.decode(said, type=answer)


def answer_job(job: type[Question], measure: Callable[[Question], Awaitable[object]]) -> None:
    """The other side of `apart`: reads the job from stdin, measures under uvloop and prints the answer."""

    collect_seldom()  # as the services do

    async def run() -> None:
        result = await measure(msgspec.json.decode(sys.stdin.buffer.read(), type=job))
        sys.stdout.buffer.write(msgspec.json.encode(result))

    uvloop.run(run())
