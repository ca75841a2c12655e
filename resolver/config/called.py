"""What people call their devices, groups and schedules: words of any language, in one form. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 64
"""Characters of a name."""

FORM = "[\\p{L}\\p{Nd}][\\p{L}\\p{M}\\p{Nd} _'\u2019&()-]{0,63}"
"""The same as `name` wants, for readers of JSON Schema (ECMA 262, with u)."""

MAC = r"([0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}"

_MAC = re.compile(MAC)
_SIGNS = frozenset(" _-'\u2019&()")
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def composed(text: str) -> str:
    """The text in the form in which equal ones have equal characters (NFC, UAX 15)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def key(text: str) -> str:
    """What a name is compared by: composed, in small letters."""
    return composed(text).lower()


def name(text: str) -> str:
    """The name that a text is, composed; "" for what is none: it has another character than letters, digits, spaces,
    both apostrophes and _ - & ( ), begins with one that is neither letter nor digit, or is longer than LONGEST. Letters
    that nobody sees do not count as such."""
    found = composed(text)
    if not 0 < len(found) <= LONGEST or _UNSEEN.search(found) or not _begins(found[0]):
        return ""
    return found if all(one in _SIGNS or unicodedata.category(one)[0] == "M" or _begins(one) for one in found) else ""


def device(text: str) -> str:
    """The same of a device, which cannot be called as a MAC address is written."""
    return "" if _MAC.fullmatch(text) else name(text)


def _begins(one: str) -> bool:
    kind = unicodedata.category(one)
    return kind[0] == "L" or kind == "Nd"
