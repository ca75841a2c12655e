"""What people mean by a site, by names on it and by a window, made values. Raises ApiError with a sentence."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable

from resolver.config import leaves
from resolver.config.leaves import is_address, shown
from resolver.config.names import below
from resolver.errors import ApiError, TextError
from resolver.repair.domains import Domains

_PAIRS = ("<>", "()", '""', "''")
_UNSEEN = "\N{ZERO WIDTH SPACE}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}"
_HOST = re.compile(r"(?:[^/?#\s]*@)?(?:\[([^]]*)\]|([^/?#\s@]+?))(?::[0-9]*)?(?:[/?#\s].*)?", re.DOTALL)


def pasted(text: str) -> str:
    """The name of the machine in what people paste: the address of a page, whole or in part, with blanks or quotes
    around it. What has none in it stays as it is."""
    bare = text.strip().strip(_UNSEEN).strip().rstrip(",")
    if bare[:1] + bare[1:][-1:] in _PAIRS:
        bare = bare[1:-1].strip()
    before, scheme, rest = f"https:{bare}".partition("://") if bare.startswith("//") else bare.partition("://")
    if not scheme and (bare.startswith("/") or any(c.isspace() for c in bare) or is_address(bare)):
        return bare
    found = _HOST.fullmatch(rest if scheme else before)
    return urllib.parse.unquote(found[1] or found[2] or "") if found else bare


def name(text: str) -> str:
    """The name that was given for a site, or is in what was pasted."""
    return _name(pasted(text), "site")


def site(text: str, domains: Domains, *, exact: bool) -> tuple[str, str]:
    """The site that is meant: the registrable domain that a name is in, or (`exact`) that name; and what to say when it
    is another than was given."""
    given = name(text)
    if exact:
        return given, ""
    if domains.is_public(given):
        message = f"{shown(given)} is a public suffix: many sites are below it; give one of them"
        raise ApiError(400, "invalid", message, "site")
    found = domains.registrable(given)
    return found, "" if found == given else f"the site is all of {found}; with exact it is {given} alone"


def names(given: Iterable[str], path: str = "names") -> tuple[str, ...]:
    """Names that a site rule allows, each once."""
    return tuple(dict.fromkeys(_name(text, path) for text in given))


def window(given: str | int) -> int | None:
    """For how long after the last look at a site: seconds, or None for always."""
    try:
        return leaves.window(f"{given}s" if isinstance(given, int) else given)
    except TextError as error:
        raise ApiError(400, "invalid", str(error), "window") from error


def _name(text: str, path: str) -> str:
    try:
        return below(text.strip())
    except TextError as error:
        raise ApiError(400, "invalid", str(error), path) from error
