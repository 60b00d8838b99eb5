"""What becomes of the HTML that Zulip makes of a message."""

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from, text

from services.operator.importing.zulip_html import said_in

TEX = (
    '<span class="katex"><span class="katex-mathml"><math xmlns="http://www.w3.org/1998/Math/MathML"{}><semantics>'
    "<mrow><msup><mi>h</mi><mn>2</mn></msup></mrow>"
    '<annotation encoding="application/x-tex">h^2\n= 4</annotation></semantics></math></span>'
    '<span class="katex-html" aria-hidden="true"><span class="base">h24</span></span></span>'
)
PREVIEW = '<div class="message_inline_image"><a href="{0}" title="a.png"><img src="{0}"></a></div>'
UPLOAD = "/user_uploads/2/ab/a.png"
SAID = '<p><span class="user-mention silent" data-user-id="7">Ann</span> <a href="{}/near/{}">said</a>:</p>\n'
HERE, ELSEWHERE = "/#narrow/channel/1-quay/topic/lamps", "https://chat.example.org/#narrow/stream/1-quay/topic/lamps"


def quote(html: str) -> str:
    return f"<blockquote>\n{html}\n</blockquote>"


@pytest.mark.parametrize(
    ("html", "written_out"),
    [
        ("", ""),
        ("<p></p>", ""),
        ("no <HTML & none", "no <HTML & none"),
        ("<p>one</p>\n<p>two<br>\n  three &lt;b&gt; &amp;amp;</p>", "one\n\ntwo\n  three <b> &amp;"),
        ("<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>", "**a** *b* ~~c~~ `d`"),
        ("<p>never <em>closed", "never *closed*"),
        ("<p>one</p>\n<ul>\n</ul>\n<p>two</p>", "one\n\ntwo"),
        ("<h2>Lamps</h2>\n<hr>\n<p>lit</p>", "## Lamps\n\n---\n\nlit"),
        ('<p><span class="user-mention" data-user-id="7">@Ann</span>, hello</p>', "@Ann, hello"),
        ('<p><time datetime="2014-05-13T16:53:20Z">May 13</time></p>', "May 13"),
        ('<p><span aria-label="wave" class="emoji emoji-1f44b">:wave:</span></p>', "👋"),
        ('<p><span class="emoji emoji-1f937-200d-2640">:shrug:</span></p>', "🤷\u200d♀"),
        ('<p><img alt=":buoy:" class="emoji" src="/b.png" title="buoy"></p>', ":buoy:"),
        ("<p>as " + TEX.format("") + "</p>", "as $$h^2\n= 4$$"),
        ("<p>" + TEX.format(' display="block"') + "</p>", "```math\nh^2\n= 4\n```"),
    ],
)
def test_text_is_written_out_as_it_was_typed(html: str, written_out: str) -> None:
    assert said_in(html).text == written_out


@pytest.mark.parametrize(
    ("html", "written_out"),
    [
        ('<p><a href="https://example.org/a">here</a></p>', "here (https://example.org/a)"),
        ('<p><a href="https://example.org">example.org</a></p>', "example.org"),
        ('<p><a href="https://example.org/a">https://example.org/a</a></p>', "https://example.org/a"),
        (f'<p><a class="stream-topic" href="{HERE}">#quay &gt; lamps</a></p>', "#quay > lamps"),
        (f'<p><a href="{ELSEWHERE}">here</a></p>', f"here ({ELSEWHERE})"),
    ],
)
def test_a_link_is_its_label_and_its_address_where_that_leads_anywhere(html: str, written_out: str) -> None:
    assert said_in(html).text == written_out


def test_code_is_in_fences_with_its_lines_and_without_its_colours() -> None:
    html = (
        '<div class="codehilite" data-code-language="Python"><pre><span></span><code><span class="k">def</span> '
        '<span class="nf">tide</span>():\n\n    <span class="k">return</span> 3\n</code></pre></div>\n<p>so</p>'
    )

    assert said_in(html).text == "```\ndef tide():\n\n    return 3\n```\n\nso"


def test_lists_have_their_marks_and_their_depth() -> None:
    html = (
        '<p>see:</p>\n<ol start="3">\n<li>one<ul>\n<li>\n<p>in it</p>\n<p>and on</p>\n</li>\n</ul>\n</li>\n'
        "<li>two<br>\nmore</li>\n</ol>"
    )

    assert said_in(html).text == "see:\n\n3. one\n   - in it\n     and on\n4. two\n   more"


def test_a_table_is_a_line_for_each_row_with_empty_cells_in_their_place() -> None:
    html = (
        "<table>\n<thead>\n<tr>\n<th>day</th>\n<th>high</th>\n</tr>\n</thead>\n<tbody>\n"
        "<tr>\n<td></td>\n<td>06:12</td>\n</tr>\n</tbody>\n</table>"
    )

    assert said_in(html).text == "day | high\n | 06:12"


def test_quotes_are_marked_line_by_line_and_may_stand_in_each_other() -> None:
    html = quote("<p>one</p>\n" + quote("<p>two<br>\nlines</p>") + "\n<p>three</p>") + "\n<p>four</p>"

    assert said_in(html).text == "> one\n>\n> > two\n> > lines\n>\n> three\n\nfour"


def test_what_is_quoted_is_named_by_the_link_in_front_of_each_quote() -> None:
    html = SAID.format(HERE, 5) + quote("<p>a</p>") + "<p>yes</p>\n" + SAID.format(ELSEWHERE, 6) + quote("<p>b</p>")

    assert said_in(html).quoted == {5, 6}


@pytest.mark.parametrize(
    "html",
    [
        quote("<p>a quote of nobody</p>"),
        SAID.format(HERE, 5),
        SAID.format(HERE, 5) + "<p>in between</p>" + quote("<p>a</p>"),
        SAID.format(HERE, 5) + "<ul>\n<li>in between</li>\n</ul>" + quote("<p>a</p>"),
        SAID.format("https://example.org", 5) + quote("<p>a</p>"),
        f'<p>as in <a href="{HERE}/near/5">this</a>, and he said:</p>' + quote("<p>a</p>"),
        f'<p><a href="{HERE}/near/5">this</a>, <a href="https://example.org">that</a>:</p>' + quote("<p>a</p>"),
    ],
)
def test_other_links_and_quotes_quote_no_message(html: str) -> None:
    assert not said_in(html).quoted


def test_what_a_quote_quotes_itself_is_no_answer_to_that() -> None:
    html = SAID.format(HERE, 5) + quote(SAID.format(HERE, 4) + quote("<p>a</p>") + "<p>b</p>")

    assert said_in(html).quoted == {5}


def test_a_preview_of_what_the_text_names_is_left_out_and_counted() -> None:
    named = said_in(
        '<p><a href="https://example.org/a.png">a.png</a></p>\n' + PREVIEW.format("https://example.org/a.png")
    )
    embedded = said_in(
        '<p><a href="https://example.org">https://example.org</a></p>\n<div class="message_embed">'
        '<a class="message_embed_image" href="https://example.org"></a><div class="data-container">'
        '<div class="message_embed_title"><a href="https://example.org">Title</a></div></div></div>'
    )

    assert (named.text, named.previews) == ("a.png (https://example.org/a.png)", 1)
    assert (embedded.text, embedded.previews) == ("https://example.org", 1)


def test_an_address_that_stands_in_its_preview_alone_is_what_was_said() -> None:
    said = said_in(PREVIEW.format("https://example.org/a.png"))

    assert (said.text, said.previews) == ("https://example.org/a.png", 0)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f'<p><a href="{UPLOAD}">a.png</a></p>\n' + PREVIEW.format(UPLOAD), f"a.png ({UPLOAD})"),
        (
            f'<p><img alt="a.png" class="inline-image" data-original-src="{UPLOAD}" src="/t.webp"></p>',
            f"a.png ({UPLOAD})",
        ),
        (PREVIEW.format(UPLOAD), UPLOAD),
    ],
)
def test_an_upload_is_counted_once_and_its_name_and_address_stay(html: str, text: str) -> None:
    said = said_in(html)

    assert (said.text, said.files) == (text, 1)


@given(text())
def test_text_that_is_escaped_as_html_comes_as_it_was(typed: str) -> None:
    line = " ".join(typed.split())
    escaped = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert said_in(f"<p>{escaped}</p>").text == line


PIECES = [
    "<p>",
    "</p>",
    "<blockquote>",
    "</ul>",
    "<ul>",
    "<li>",
    "<tr>",
    "<math>",
    "</semantics>",
    "<pre>",
    "<br/>",
    '<ol start="x">',
    "<![foo[",
    "<!--",
    "<?",
    "</",
    "<a href",
    '<div class="message_embed">',
    "<a>",
    "</a>",
    "</div>",
    '<span class="emoji emoji-ffffff">',
    "</span>",
    "&#xD800;",
    "<h1>",
    "<img>",
    "<script>",
    "]]>",
]


@given(lists(sampled_from(PIECES) | text(max_size=3)))
def test_whatever_the_html_is_something_is_read(pieces: list[str]) -> None:
    assert said_in("".join(pieces)) is not None
