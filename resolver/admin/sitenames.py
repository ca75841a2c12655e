"""What people mean by a site, by names on it and by a window, made values. Raises ApiError with a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from resolver.config import leaves
from resolver.config.leaves import shown
from resolver.config.names import below
from resolver.errors import ApiError, TextError
from resolver.repair.domains import Domains


def site(text: str, domains: Domains, *, exact: bool) -> tuple[str, str]:
    """The site that is meant: the registrable domain that a name is in, or (`exact`) that name; and what to say when it
    is another than was given."""
    name = _name(text, "site")
    if exact:
        return name, ""
    if domains.is_public(name):
        message = f"{shown(name)} is a public suffix: many sites are below it; give one of them"
        raise ApiError(400, "invalid", message, "site")
    found = domains.registrable(name)
    return found, "" if found == name else f"the site is all of {found}; with exact it is {name} alone"


def names(given: Iterable[str]) -> tuple[str, ...]:
    """Names that a site rule allows, each once."""
    return tuple(dict.fromkeys(_name(text, "names") for text in given))


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
