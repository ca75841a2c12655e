"""Domain names: canonical wire form ⇄ presentation text (RFC 1035 sections 3.1, 4.1.4 and 5.1; RFC 4343; RFC 5891).

Wire form here is uncompressed, lower case (ASCII letters only, RFC 4343 section 3) and ends with the root's zero byte.
Text form has no trailing dot (the root is "."); every byte that is not a plain printable stands as \\DDD, a dot inside
a label included, so that a dot in the text always ends a label and hostile labels cannot pose as other names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import idna

from resolver.errors import DomainError, WireError

MAX_NAME = 255
MAX_LABEL = 63
MAX_STEPS = 192  # labels and pointers followed for one name: 127 labels, and more pointers than anybody writes
ROOT = b"\0"

_PLAIN = bytes(c for c in range(0x21, 0x7F) if c not in b'.\\"();@$')
_ESCAPES = [chr(c) if c in _PLAIN else f"\\{c:03d}" for c in range(256)]
_HOST = re.compile(rb"[a-z0-9_-]+\Z").match
_HOST_BYTES = b"abcdefghijklmnopqrstuvwxyz0123456789_-."
_FULL_STOPS = {0x3002: ".", 0xFF0E: ".", 0xFF61: "."}  # RFC 3490 section 3.1
_PART = re.compile(r"((?:\\.|[^\\.])*)(?:\.|\Z)", re.DOTALL)
_BAD = re.compile(r"[\x00-\x20\x7f]|(?<!\\)(?:\\\\)*\\\Z")
_ESCAPED = re.compile(r"\\(?:([0-9]{3})|(.))", re.DOTALL)


Known = dict[int, tuple[bytes, int, int]]
"""Names that pointers of a message led to: offset → name, where the bytes end that stand there, and where those that a
pointer after them leads to (0 without one)."""


def read(data: bytes, offset: int, known: Known | None = None) -> tuple[bytes, int]:
    """The canonical name at `offset`, and the offset after it there. Follows compression pointers, backward only.

    Whoever reads many names of one message gives the same `known` each time: the work is then bounded by the message's
    length, however its pointers cross.
    """
    start = offset
    tail = ROOT
    try:
        while length := data[offset]:
            if length < 64:
                offset += 1 + length
            elif length >= 192:
                target = (length & 63) << 8 | data[offset + 1]
                tail = _pointed(data, target, start, {} if known is None else known)
                break
            else:
                raise WireError("a label type that does not exist")
    except IndexError:
        raise WireError("a name that ends outside the message") from None
    if offset - start + len(tail) > MAX_NAME:
        raise WireError("a name longer than 255 bytes")
    return data[start:offset].lower() + tail, offset + (2 if length else 1)


def _pointed(data: bytes, offset: int, limit: int, known: Known) -> bytes:
    """The name that a pointer leads to, which must begin and end before `limit`; it and its parents become known. What
    another pointer leads to from there must have ended before that as well: what is repeated was written before."""
    steps: list[tuple[int, bytes]] = []
    parts: list[tuple[int, int]] = []  # how many steps had been taken at the end of a run of labels, and where it ends
    begun = offset
    if offset >= limit:
        raise WireError("a compression pointer that does not point backward")
    while (held := known.get(offset)) is None and (length := data[offset]):
        if len(steps) > MAX_STEPS:
            raise WireError("a name of too many labels and pointers")
        if length < 64:
            steps.append((offset, data[offset : offset + 1 + length].lower()))
            offset += 1 + length
        elif length >= 192:
            steps.append((offset, b""))
            parts.append((len(steps), _before(offset + 2, limit)))
            offset = (length & 63) << 8 | data[offset + 1]
            if offset >= begun:
                raise WireError("a compression pointer that does not point backward")
            limit, begun = begun, offset
        else:
            raise WireError("a label type that does not exist")
    tail, end, after = held or (ROOT, offset + 1, 0)
    _before(end, limit)
    _before(after, begun)
    while steps:
        if parts and len(steps) == parts[-1][0]:
            end, after = parts.pop()[1], end
        place, label = steps.pop()
        tail = label + tail
        known[place] = tail, end, after
        if len(tail) > MAX_NAME:
            raise WireError("a name longer than 255 bytes")
    return tail


def _before(end: int, limit: int) -> int:
    if end > limit:
        raise WireError("a compression pointer to a name that has not ended")
    return end


def labels_of(name: bytes) -> list[bytes]:
    """The labels of a wire name, leftmost first, without the root."""
    labels = []
    offset = 0
    while length := name[offset]:
        labels.append(name[offset + 1 : offset + 1 + length])
        offset += 1 + length
    return labels


def within(name: bytes, zone: bytes) -> bool:
    """Whether a wire name is `zone` or below it."""
    offset = 0
    while len(name) - offset > len(zone):
        offset += 1 + name[offset]
    return name[offset:] == zone


def to_text(name: bytes) -> str:
    """The presentation form of a wire name, without a trailing dot; the root is "."."""
    labels = labels_of(name)
    if not labels:
        return "."
    joined = b".".join(labels)
    if not joined.translate(None, _HOST_BYTES) and joined.count(b".") == len(labels) - 1:
        return joined.decode("ascii")
    return ".".join(
        [label.decode("ascii") if _HOST(label) else "".join([_ESCAPES[byte] for byte in label]) for label in labels]
    )


def suffixes(name: str) -> Iterator[str]:
    """A name and those above it, in text form, where a dot always ends a label; the root not among them."""
    while True:
        yield name
        _, dot, name = name.partition(".")
        if not dot:
            return


def from_text(text: str) -> bytes:
    """The canonical wire form of a name as people write it: any case, a trailing dot or none, IDN, \\DDD and \\X.

    Raises DomainError with the reason.
    """
    if text in {"", "."}:
        if text:
            return ROOT
        raise DomainError("a name is missing")
    labels = [_label(part, text) for part in _split(text)]
    wire = b"".join(bytes((len(label),)) + label for label in labels).lower() + ROOT
    if len(wire) > MAX_NAME:
        raise DomainError(f'"{_shown(text)}" is longer than 253 characters')
    return wire


def _split(text: str) -> list[str]:
    """Labels of presentation text, escapes untouched; a dot after a backslash does not separate."""
    folded = text.translate(_FULL_STOPS)
    if _BAD.search(folded):
        raise DomainError(f'"{_shown(text)}" holds a space, a control character or an unfinished escape')
    return _PART.findall(folded)[:-1]  # the last match is the empty one at the end of the text


def _label(part: str, text: str) -> bytes:
    if not part:
        raise DomainError(f'"{_shown(text)}" has an empty label')
    if part.isascii():
        raw = _ESCAPED.sub(_unescape, part)
        try:
            label = raw.encode("latin-1")
        except UnicodeEncodeError:
            raise DomainError(f'"{_shown(text)}" has an escape above \\255') from None
    else:
        try:
            label = idna.encode(part, uts46=True, transitional=False)
        except (idna.IDNAError, UnicodeError) as error:
            raise DomainError(f'"{_shown(text)}" is not an internationalised name: {error}') from None
    if len(label) > MAX_LABEL:
        raise DomainError(f'"{_shown(text)}" has a label longer than 63 characters')
    return label


def _unescape(match: re.Match[str]) -> str:
    digits, other = match.groups()
    return chr(int(digits)) if digits else other


def _shown(text: str) -> str:
    """A text cut to a length that fits a message, with nothing a terminal would act on."""
    return ascii(text[:80])[1:-1]
