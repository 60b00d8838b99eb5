"""How each element of Zulip's HTML is written out: with the marks by which it was typed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape

EMOJI = re.compile(r"\bemoji-([0-9a-f]{2,6}(?:-[0-9a-f]{2,6})*)\b")
NUMBER = re.compile(r"[0-9]{1,9}")
LOOK_OF_TEX = frozenset({"katex-html"})


@dataclass(slots=True)
class Element:
    """What has been read of an element: its blocks, and the text since the last of them."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    blocks: list[str] = field(default_factory=list)
    run: list[str] = field(default_factory=list)
    linked_message: int | None = None
    """The message to which the last link in it leads."""

    def add_block(self, text: str) -> None:
        """Adds what stands on lines of its own."""
        self.end_run()
        self.blocks.append(text)

    def end_run(self) -> None:
        """Makes the text since the last block one, unless it is blank."""
        text = "".join(self.run).strip()
        self.run.clear()
        if text:
            self.blocks.append(text)

    def all_blocks(self) -> list[str]:
        """All of it, block by block."""
        self.end_run()
        return self.blocks

    def lines(self, between: str = "\n") -> str:
        """All of it, block under block."""
        return between.join(filter(None, self.all_blocks()))

    def text(self) -> str:
        """All of it, as it stands within a line."""
        return self.lines() if self.blocks else "".join(self.run)

    def is_one_of(self, classes: frozenset[str]) -> bool:
        """Whether it has one of these classes."""
        return not classes.isdisjoint(self.attributes.get("class", "").split())


def _quote(element: Element) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in element.lines("\n\n").split("\n"))


def _fence(element: Element) -> str:
    return _fenced("", element.text().rstrip("\n"))


def _fenced(kind: str, text: str) -> str:
    return f"```{kind}\n{text}\n```"


def _bullets(element: Element) -> str:
    return "\n".join(_item("- ", item) for item in element.all_blocks())


def _numbered(element: Element) -> str:
    start = element.attributes.get("start", "")
    first = int(start) if NUMBER.fullmatch(start) else 1
    return "\n".join(_item(f"{number}. ", item) for number, item in enumerate(element.all_blocks(), first))


def _item(mark: str, item: str) -> str:
    return mark + item.replace("\n", "\n" + " " * len(mark))


def _row(element: Element) -> str:
    return " | ".join(element.all_blocks())


def _heading(element: Element) -> str:
    return f"{'#' * int(element.tag[1])} {element.lines()}"


def _between(mark: str) -> Callable[[Element], str]:
    return lambda element: f"{mark}{element.text()}{mark}"


def _span(element: Element) -> str:
    """An emoji is its characters; how a formula looks is left out, since its TeX is there."""
    if element.is_one_of(LOOK_OF_TEX):
        return ""
    emoji = EMOJI.search(element.attributes.get("class", ""))
    return "".join(unescape(f"&#x{code};") for code in emoji[1].split("-")) if emoji else element.text()


def _last(element: Element) -> str:
    """What comes last in a formula is its TeX."""
    return element.run[-1] if element.run else ""


def _math(element: Element) -> str:
    tex = _last(element)
    return f"\n{_fenced('math', tex)}\n" if element.attributes.get("display") == "block" else f"$${tex}$$"


CONTAINERS = frozenset({"p", "div", "thead", "tbody"})
"""Their blocks are those of what they stand in."""

BLOCKS: Mapping[str, Callable[[Element], str]] = {
    "blockquote": _quote,
    "pre": _fence,
    "ul": _bullets,
    "ol": _numbered,
    "li": Element.lines,
    "table": Element.lines,
    "tr": _row,
    "th": Element.lines,
    "td": Element.lines,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _heading),
}

INLINE: Mapping[str, Callable[[Element], str]] = {
    "strong": _between("**"),
    "em": _between("*"),
    "del": _between("~~"),
    "code": _between("`"),
    "span": _span,
    "semantics": _last,
    "math": _math,
}
