"""The typed bodies of the API that are about what people choose in place of what the config file says. Light: the
command reads them too. Times are Unix time."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta


class ChoiceInfo(msgspec.Struct, frozen=True):
    """A path of the config that can be chosen, with the value in force there: as the config file would have it, or null
    where nothing is.

    `chosen`: somebody chose it, `who` and when (`at`, null if nobody did); otherwise the config file says it or, if it
    does not, Lull. `line` is that of `file` that speaks of it, 0 if none does. `instead` is what is in force in the
    place of what was chosen, and why: the command line says otherwise, or the config has no place for it any more; ""
    if what was chosen holds.
    """

    path: str
    value: Any
    chosen: bool
    who: str
    at: float | None
    file: str
    line: int
    instead: str = ""


class NewChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to choose: a value as the config file would have it; null: as if that said nothing."""

    value: Annotated[Any, Meta(description="the value as the config file would have it; null: as if it said nothing")]


class Chosen(msgspec.Struct, frozen=True):
    """What choosing came to; `effective` says whether all workers have it in force, and `note` why not. `changed` is
    false if it was so already."""

    effective: bool
    note: str
    changed: bool
    choice: ChoiceInfo
