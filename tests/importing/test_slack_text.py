"""What becomes of the markup of Slack's messages."""

import pytest

from services.operator.importing.slack import read_archive
from services.operator.importing.slack_text import plain
from tests.importing.slack_exports import SAMPLE, said


def test_texts_are_made_plain() -> None:
    texts = [message.text for message in said(read_archive(SAMPLE))]

    assert texts[:4] == [
        "Hello, @tide & time. Lamps <north & south> are lit.",
        (
            "See the table (http://tides.example.org/table?day=1&port=2), example.org and https://example.org/plain, "
            "#pier, #pier. @channel: write to keeper@example.org"
        ),
        "@tide uploaded a file: chart.png (https://files.example.org/F1/chart.png)",
        "@gull commented on UTIDE0001's file chart.png (https://files.example.org/F1/chart.png): fine",
    ]
    assert "😀 zero\u200bwidth and \u202ebidi\u202c\n\ttwo lines" in texts


@pytest.mark.parametrize(
    ("marked", "written_out"),
    [
        ("&amp;lt; is written &amp;amp;lt;", "&lt; is written &amp;lt;"),
        ("&lt;@UANN&gt; as it was typed", "<@UANN> as it was typed"),
        ("<@UNOBODY> and <#C404>", "@UNOBODY and #C404"),
        ("<@UANN|ann &amp; co>", "@ann & co"),
        ("<!here> <!here|@here> <!everyone>", "@here @here @everyone"),
        ("<!subteam^S1|@crew> <!date^1400000000^{date}|in May>", "@crew in May"),
        ("<http://example.org/|example.org>", "example.org"),
        ("<http://example.org/a|example.org>", "example.org (http://example.org/a)"),
        ("<tel:+4912|+4912>", "+4912"),
        ("1 < 2 and 3 > 2 &quot;", "1 < 2 and 3 > 2 &quot;"),
        ("<>", "<>"),
    ],
)
def test_markup_is_written_out(marked: str, written_out: str) -> None:
    assert plain(marked, {"UANN": "ann"}, {"C1": "harbour"}) == written_out
