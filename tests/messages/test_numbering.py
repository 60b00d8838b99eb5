"""What the rules keep of messages: short rows, and ids that never meet."""

from services.command.features.conversations.notices import notice_id
from services.command.features.messages.numbering import MESSAGE
from tests.conversations.examples import ANN, NOW, with_an_agent
from tests.messages.examples import FIRST, where_said


def test_a_message_is_kept_as_a_short_row_however_long_it_is() -> None:
    scene = where_said(with_an_agent(), ANN, "x" * 100_000)
    message = scene.copy.view(scene.stream_id, NOW, ANN).row(MESSAGE, FIRST)
    assert message is not None
    assert len(message.digest) == 16


def test_the_notices_of_different_commands_have_different_ids() -> None:
    ids = {notice_id(command, place) for command in (NOW, FIRST) for place in (0, 1)}  # type: ignore[arg-type]
    assert len(ids) == 4
