"""Whether somebody may read a file: whoever uploaded it, and whoever may read a message that it is attached to."""

from collections import defaultdict
from typing import Any

from services.command.asking import Asked, in_time
from services.command.dispatching import Refused
from services.command.features.conversations.conversation import needs_participant
from services.command.features.files.facts import FILE, File
from services.command.features.messages.attaching import ATTACHMENT
from services.command.features.messages.facts import MayReadFile
from services.command.writing.finding import FoundRow
from shared.identifiers import ConversationId, FileId, MessageId, StreamId, StreamKind


async def file_to_read(asked: Asked[Any, Any, Any, Any], file_id: FileId) -> File | None:
    """The file, if it is theirs to read; None for what is not, and for what there is not.

    Where a file is can be found only in the decision store, which is a moment behind the log: before it is a no, that
    has to have all that the log had. Both kinds of no take the same look-ups. Raises Unavailable, at the
    deadline at the latest.
    """
    return await in_time(_found(asked, file_id), asked.deadline)


async def _found(asked: Asked[Any, Any, Any, Any], file_id: FileId) -> File | None:
    found = await _look(asked, file_id)
    if found is None:
        await asked.parts.finder.catch_up(StreamKind.USERS, StreamKind.CONVERSATIONS)
        found = await _look(asked, file_id)
    return found


async def _look(asked: Asked[Any, Any, Any, Any], file_id: FileId) -> File | None:
    uploaded = await asked.parts.finder.rows(FILE, file_id, f"{file_id} ")
    if any(each.stream_id == StreamId(asked.by) for each in uploaded) or await _is_shown(asked, file_id):
        return next((each.value for each in uploaded), None)
    return None


async def _is_shown(asked: Asked[Any, Any, Any, Any], file_id: FileId) -> bool:
    """Whether it is attached to some message that they may read, as the writer of the conversation knows it."""
    start = f"{file_id} "
    while attached := await asked.parts.finder.rows(ATTACHMENT, start, f"{file_id}!", needs_participant(asked.by)):
        for question in _questions(asked, file_id, attached):
            if await _is_yes(asked, question):
                return True
        start = f"{attached[-1].key} "
    return False


def _questions(asked: Asked[Any, Any, Any, Any], file_id: FileId, attached: list[FoundRow[Any]]) -> list[MayReadFile]:
    messages: defaultdict[ConversationId, list[MessageId]] = defaultdict(list)
    for each in attached:
        messages[ConversationId(each.stream_id)].append(MessageId(each.key.partition(" ")[2]))
    return [MayReadFile(where, file_id, tuple(which), asked.by) for where, which in messages.items()]


async def _is_yes(asked: Asked[Any, Any, Any, Any], question: MayReadFile) -> bool:
    try:
        await asked.ask(question)
    except Refused:
        return False
    return True
