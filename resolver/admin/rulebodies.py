"""The typed bodies of the API that are about people's own rules and the trail of changes. Light: the command reads them
too. Times are Unix time; `client` is an address, or the name of a device as it was written."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

BULK_LINES = 5_000
BULK_BYTES = 1 << 20
"""What one bulk of rules may have."""

Scope = Annotated[str, Meta(max_length=64)]
Comment = Annotated[str, Meta(max_length=500)]


class RuleInfo(msgspec.Struct, frozen=True, gc=False):
    """One of people's own rules: for `name` and all below it, or (`exact`) for that name alone, or for what the line of
    a list in `text` matches. Rules of the config have no id: they are changed there.

    `who` made it; `hits` is how often it decided, `last_hit` when it last did (None: never, or not since it was
    restored). `note` is what is odd about it, such as a device that nobody knows any more.
    """

    id: int | None
    action: str
    name: str
    client: str
    group: str
    until: float | None
    comment: str
    created: float | None
    origin: str
    exact: bool = False
    text: str = ""
    who: str = ""
    hits: int = 0
    last_hit: float | None = None
    note: str = ""

    @property
    def what(self) -> str:
        """As it is written after the action."""
        return f"{'exact ' if self.exact else ''}{self.text or self.name}"


class NewRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule to add, for one of `name` (it and all below it; with `exact` it alone) and `text` (a line as lists have
    them, such as "||x.example^$dnstype=AAAA" or "/regex/").

    For everyone unless client (an address, a MAC address, or a device's name) or group is given; for good unless `for`
    is, as a duration such as "10m" or in seconds.
    """

    action: Literal["allow", "deny"]
    name: Annotated[str, Meta(max_length=1024)] = ""
    client: Scope = ""
    group: Scope = ""
    duration: str | int | None = msgspec.field(name="for", default=None)
    comment: Comment = ""
    exact: bool = False
    text: Annotated[str, Meta(max_length=4096)] = ""


class RuleResult(msgspec.Struct, frozen=True):
    """The rule that now holds. `created` is false when it already held, perhaps as a part of a broader rule; `replaced`
    are rules that gave way; `effective` tells whether every worker has it, `note` says what not. `outranked_by` are
    rules for the same name that say the opposite to somebody in particular, and go on winning there. `hint` is what to
    know about it: that it changes nothing now, or what comes before it."""

    rule: RuleInfo
    created: bool
    replaced: list[RuleInfo]
    effective: bool
    note: str = ""
    outranked_by: list[RuleInfo] = []
    hint: str = ""


class NewRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules to add, one a line of `text`: "allow NAME", "deny exact NAME", or what a list can have in a line. The
    action is for lines that do not say it; left out, they mean what they do in a list (`@@` allows, the rest denies).
    The other fields are as in NewRule, for all of them."""

    text: Annotated[str, Meta(max_length=BULK_BYTES)]
    action: Literal["allow", "deny", ""] = ""
    client: Scope = ""
    group: Scope = ""
    duration: str | int | None = msgspec.field(name="for", default=None)
    comment: Comment = ""


class BulkLine(msgspec.Struct, frozen=True):
    """What became of a line (from 1) of a bulk that was to be a rule. `reason` says why it is an error, or which rule
    holds already."""

    line: int
    text: str
    outcome: Literal["added", "holds", "error"]
    reason: str = ""
    id: int | None = None


class BulkResult(msgspec.Struct, frozen=True):
    """What became of every line but comments and blank ones, and how many of each; `effective` and `note` as in
    RuleResult; `change` undoes all of it (None: nothing was added). `replaced` counts rules that gave way."""

    lines: list[BulkLine]
    added: int
    holds: int
    errors: int
    effective: bool
    note: str = ""
    change: int | None = None
    replaced: int = 0


class Deleted(msgspec.Struct, frozen=True):
    """The rules that were deleted, as they are written; `effective` and `note` as in RuleResult."""

    rules: list[str]
    effective: bool
    note: str = ""


class Suggestion(msgspec.Struct, frozen=True):
    """A rule that could be deleted, and why."""

    rule: RuleInfo
    reason: str


class ChangeInfo(msgspec.Struct, frozen=True):
    """Something that people changed: who, what in words, and the id of the change that took it back (None: it
    stands). What is not `undoable`, such as a sign-in, is there to be read."""

    id: int
    at: float
    who: str
    what: str
    undone: int | None = None
    undoable: bool = True


class ChangesPage(msgspec.Struct, frozen=True):
    """Changes, newest first, and the cursor of the next page (None: this was the last)."""

    entries: list[ChangeInfo]
    next: int | None


class Undone(msgspec.Struct, frozen=True):
    """The change that took another back; it can be taken back itself. `effective` and `note` as in RuleResult."""

    change: ChangeInfo
    effective: bool
    note: str = ""
