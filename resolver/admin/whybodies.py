"""The typed bodies of `why`. Light: the command reads them too. Times are Unix time."""

from __future__ import annotations

import msgspec


class SourceLine(msgspec.Struct, frozen=True):
    """Where a rule of a list stands: the rule, the list, the line's number from 1 and its text."""

    rule: str
    list: str
    line: int
    text: str


class MatchedRule(msgspec.Struct, frozen=True):
    """A rule that matched. `rule` is "source: text"; `tier` its number and `word` what that is; `scope` for whom it is
    ("everyone", "group kids", "tablet"); `list`, `line` and `line_text` where it stands if it is of a list; `lost` why
    it did not win ("" for the one that decided); `id` of a rule of people's own that can be deleted."""

    rule: str
    tier: int
    word: str
    scope: str
    lost: str = ""
    list: str = ""
    line: int | None = None
    line_text: str = ""
    id: int | None = None


class Cached(msgspec.Struct, frozen=True):
    """What a worker's cache of upstream truth has: RCODE as text, for how many seconds, and for how many more it may be
    given (negative: it is old)."""

    rcode: str
    age: float
    left: float


class Edge(msgspec.Struct, frozen=True):
    """A schedule of the client: whether it is in force, and until when that is known to stay so (None: for good). `why`
    names what was changed of it for once. It `bears` on the verdict if it decided, or will when the verdict changes."""

    schedule: str
    on: bool
    until: float | None
    why: str = ""
    bears: bool = False


class Window(msgspec.Struct, frozen=True):
    """A site rule whose window is open for the client, and until when."""

    rule: str
    until: float


class Link(msgspec.Struct, frozen=True):
    """A name that the question's is an alias of, and the rule that is against it ("" for none)."""

    name: str
    rule: str = ""


class Why(msgspec.Struct, frozen=True):
    """Why a question is answered as it is, at a moment. `verdict` is block, allow, rewrite or pass; `decided_by` the
    rule that decided ("" for none), of tier `tier` (`word` says what that is); `via` the alias that it is about, if not
    the name itself. `until` is when the verdict changes or another rule comes to decide, as far as that is known (None:
    not within a week). `matched` are all rules that have to do with it, the deciding one first. `answer` is what is
    said instead of the truth ("" for pass and allow): addresses or other data, NODATA, NXDOMAIN, REFUSED.

    `device` is the name of the client's device as it was written ("" if it has none), and `identified` how client and
    group were found. What workers know of the question now: `chain` are the names that CNAMEs lead through; `cached`
    the truth they have, `finished` for how many seconds the finished answer for this client may still be given (None:
    there is none); `windows` are those open for it. `advice` says how to change the outcome, and `command` is what to
    type for that.
    """

    name: str
    type: str
    client: str
    group: str
    verdict: str
    tier: int
    word: str
    decided_by: str
    until: float | None
    matched: list[MatchedRule]
    advice: str
    at: float
    via: str = ""
    device: str = ""
    identified: str = ""
    chain: list[Link] = []
    cached: Cached | None = None
    finished: float | None = None
    windows: list[Window] = []
    edges: list[Edge] = []
    command: str = ""
    answer: str = ""
