"""Names as people write them: plain ones, and advice where list syntax or a URL stands in the place of one.

Each function raises TextError with a sentence that says what is wrong and what to write.
"""

from __future__ import annotations

import contextlib
import re

from resolver.config.leaves import is_address, shown
from resolver.config.values import ExactName, SubtreeName
from resolver.errors import DomainError, TextError
from resolver.wire import name

_NOT_PLAIN = re.compile(r"[*|^/:@$?#=,\s]")
_AROUND_A_NAME = re.compile(r"^(?:@@)?\|\|?|^[a-z]+://|^\*?\.|[\^/:?#$].*")


def is_plain(text: str) -> bool:
    """Whether text is what a name can be, and neither an address nor a line of a list."""
    return not (_NOT_PLAIN.search(text) or is_address(text))


def below(text: str) -> SubtreeName:
    """The normal form of a name that stands for itself and all below it."""
    return SubtreeName(_normal(text, "; a plain name means all below it too"))


def exact(text: str) -> ExactName:
    """The normal form of a name that stands for itself alone."""
    return ExactName(_normal(text, ""))


def _normal(text: str, advice: str) -> str:
    if is_address(text):
        raise TextError(f"{shown(text)} is an address; a name is wanted here")
    if not is_plain(text):
        likely = plain_in(text)
        likely = f'; did you mean "{likely}"?' if likely else ""
        raise TextError(f"{shown(text)} is not a name{advice}{likely}")
    try:
        normal = name.to_text(name.from_text(text))
    except DomainError as error:
        raise TextError(str(error)) from None
    if normal == ".":
        raise TextError('"." is every name there is; write the names that are meant')
    return normal


def plain_in(text: str) -> str:
    """The plain name inside list syntax or a URL; empty when there is none."""
    bare = _AROUND_A_NAME.sub("", text)
    with contextlib.suppress(DomainError):
        if bare and is_plain(bare):
            return name.to_text(name.from_text(bare))
    return ""
