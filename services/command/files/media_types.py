"""Of which type a content is, by how it begins: what its name and its sender say is not believed."""

import filetype

TEXT = "text/plain"
UNKNOWN = "application/octet-stream"
DOCUMENTS_IN_TEXT = frozenset({"application/pdf", "application/rtf", "application/postscript"})
TEXT_CONTROLS = frozenset(map(ord, "\t\n\f\r\x1b"))
CHARACTER_BYTES = 4


def media_type_of(head: bytes) -> str:
    """The media type of a content that begins so.

    Text is text, whatever it is text of, unless it begins as a document does: signatures of a few letters also begin
    words (`BMW` is no bitmap), and what a page could run is never called so.
    """
    guessed = filetype.guess_mime(head) if head else None
    if is_text(head):
        return guessed if guessed in DOCUMENTS_IN_TEXT else TEXT
    return guessed or UNKNOWN


def is_text(head: bytes) -> bool:
    """Whether it is UTF-8 without control characters; the last character may be cut off."""
    for cut in range(CHARACTER_BYTES):
        try:
            text = head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return not any(ord(each) < ord(" ") and ord(each) not in TEXT_CONTROLS for each in text)
    return False
