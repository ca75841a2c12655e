"""The normal form of names in lists, fast: a million go through it at each compile."""

from __future__ import annotations

import ipaddress
import re

import idna

from resolver.rules.rule import Reason, Skip

LONGEST_NAME = 253
"""Characters of a name in text form without the trailing dot (RFC 1035 section 2.3.4: 255 bytes on the wire)."""

# Hyphens may stand anywhere and underscores too, as names in use have them. The last label begins and ends with a
# letter or digit and is no number: rulers (-----) and pieces of addresses (192.168.1) are not names.
_NORMAL = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*(?![0-9]+\Z)[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")


def is_normal(text: str) -> bool:
    """Whether text is a name in normal form as it stands."""
    return len(text) <= LONGEST_NAME and _NORMAL.fullmatch(text) is not None


def normal(text: str) -> str | None:
    """The normal form of a name: lower-case ASCII, no trailing dot, labels ≤ 63, name ≤ 253; None when it has none.

    Other scripts go through UTS 46 mapping and IDNA 2008 (RFC 5891); labels that already are ASCII are left as they
    are, `xn--` too, since what matters is what is on the wire.
    """
    if is_normal(text):
        return text
    name = text.lower().removesuffix(".")
    if len(name) > LONGEST_NAME:
        return None
    if _NORMAL.fullmatch(name) is not None:
        return name
    return None if name.isascii() else _from_unicode(text)


def no_name(text: str) -> Skip:
    """Why text that has no normal form is skipped: it is an address, or not a name at all."""
    return Skip(Reason.ADDRESS if is_address(text) else Reason.NOT_A_NAME)


def is_address(text: str) -> bool:
    """Whether text is an IPv4 or IPv6 address."""
    if ":" not in text and not text[-1:].isdigit():  # names are told apart without the cost of an exception
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _from_unicode(text: str) -> str | None:
    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
        labels = [_a_label(label) for label in mapped.removesuffix(".").split(".")]
    except UnicodeError:
        return None
    name = ".".join(labels)
    return name if len(name) <= LONGEST_NAME and _NORMAL.fullmatch(name) is not None else None


def _a_label(label: str) -> str:
    return label if label.isascii() else idna.alabel(label).decode("ascii")
