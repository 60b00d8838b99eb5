"""Zulip's archives have messages as HTML: here it becomes the text that a person reads, and what else is in it."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from services.operator.importing.links import link
from services.operator.importing.zulip_elements import BLOCKS, CONTAINERS, INLINE, Element

VERBATIM = frozenset({"pre", "annotation"})
"""In these a line end stands for itself."""
PREVIEWS = frozenset({"message_inline_image", "message_inline_ref", "message_embed", "inline-preview-twitter"})
WITHIN = re.compile(r"/?#narrow/")
"""Links to what is in the same Zulip begin so; they lead nowhere from outside."""
UPLOADED = "/user_uploads/"
TO_MESSAGE = re.compile(r"#narrow/\S+/near/([0-9]{1,18})")
COLONS = frozenset({":", "\N{FULLWIDTH COLON}"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says, how many uploads it names, and how many previews Zulip added.

    `quoted`: the ids of the messages that it quotes, each named by a link in front of the quote.
    """

    text: str
    quoted: frozenset[int]
    files: int
    previews: int


def said_in(html: str) -> Said:
    """Reads a message. What is no HTML comes as it stands."""
    reader = _Reader()
    reader.feed(html.replace("<!", "&lt;!"))  # Zulip writes no declarations, and the parser raises on some
    reader.close()
    return reader.said()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._open = [Element("")]
        self._addresses: set[str] = set()
        self._introduced: int | None = None  # the message that a paragraph just named, with a colon
        self._quoted: set[int] = set()
        self._previews = 0

    def said(self) -> Said:
        while len(self._open) > 1:
            self._close()
        files = sum(address.startswith(UPLOADED) for address in self._addresses)
        return Said(self._open[0].lines("\n\n"), frozenset(self._quoted), files, self._previews)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        if tag == "blockquote" and self._introduced is not None and not self._is_in("blockquote"):
            self._quoted.add(self._introduced)
        self._introduced = None
        match tag:
            case "br":
                self._open[-1].run.append("\n")
            case "hr":
                self._open[-1].add_block("---")
            case "img":
                self._open[-1].run.append(self._image(element))
            case _:
                self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if self._is_in(tag):
            while self._close() != tag:
                pass

    def handle_data(self, data: str) -> None:
        run = self._open[-1].run
        if not any(element.tag in VERBATIM for element in self._open):
            data = (data.removeprefix("\n") if run[-1:] == ["\n"] else data).replace("\n", " ")
        run.append(data)

    def _close(self) -> str:
        """Closes the innermost element, which becomes part of the one around it. Gives its tag."""
        element = self._open.pop()
        parent = self._open[-1]
        tag = element.tag
        if element.is_one_of(PREVIEWS):
            pass
        elif tag in CONTAINERS:
            self._introduced = element.linked_message if _ends_in_colon(element) else None
            parent.end_run()
            parent.blocks += element.all_blocks()
        elif tag in BLOCKS:
            parent.add_block(BLOCKS[tag](element))
        elif tag == "a":
            parent.run.append(self._link(element))
        else:
            parent.run.append(element.text() if self._is_in("pre") else INLINE.get(tag, Element.text)(element))
        return tag

    def _link(self, element: Element) -> str:
        address, label = element.attributes.get("href", ""), element.text()
        parent = self._open[-1]
        if parent.is_one_of(PREVIEWS):
            self._preview(address)
            return ""
        message = TO_MESSAGE.search(address)
        parent.linked_message = int(message[1]) if message else None
        self._addresses.add(address)
        return label if WITHIN.match(address) else link(address, label)

    def _preview(self, address: str) -> None:
        """What the text names is previewed beside it; an address without any text stands in its preview alone."""
        if address in self._addresses:
            self._previews += 1
        else:
            self._addresses.add(address)
            self._open[-2].add_block(address)

    def _image(self, element: Element) -> str:
        """An emoji of the organisation's own is its name."""
        uploaded = element.attributes.get("data-original-src", "")
        self._addresses.add(uploaded)
        return link(uploaded, element.attributes.get("alt", "")) if uploaded else element.attributes.get("alt", "")

    def _is_in(self, tag: str) -> bool:
        return any(element.tag == tag for element in self._open)


def _ends_in_colon(element: Element) -> bool:
    return bool(element.run) and element.run[-1].strip() in COLONS
