"""The typed bodies of site rules and of repairing sites. Light: the command reads them too. Times are Unix time;
`client` is an address, or the name of a device as it was written."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from resolver.admin.rulebodies import Comment, Scope

MOST_NAMES = 200
"""Names that one site rule, or one trial, may have."""

Kind = Literal["", "local", "temporary", "pause", "schedules", "rules", "sites", "services", "lists", "default"]
"""What a rule is: what answers such names itself, what people allow or block for a while, a pause, and so on."""

_Name = Annotated[str, Meta(max_length=1024)]
_Names = Annotated[list[_Name], Meta(max_length=MOST_NAMES)]


class SiteInfo(msgspec.Struct, frozen=True):
    """A site rule: while a client is on `site`, and for `window` seconds after (None: always), the names in `allow` and
    all below them are allowed; with `everything`, all names are. Rules of the config have no id.

    `who` made it; `hits` is how often it decided, `last_hit` when it last did; `note` is what is odd about it.
    """

    id: int | None
    site: str
    allow: list[str]
    everything: bool
    window: int | None
    client: str
    group: str
    until: float | None
    comment: str
    created: float | None
    origin: str
    who: str = ""
    hits: int = 0
    last_hit: float | None = None
    note: str = ""

    @property
    def what(self) -> str:
        """What is allowed, as it is written."""
        return "all" if self.everything else " ".join(self.allow)


class NewSiteRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a site's rule shall be, for everyone unless client (an address, a MAC address, or a device's name) or group
    is given: the names that are allowed, or "all"; for how long after the last look at the site ("1m" to "24h", or
    "always"); for good unless `for` is given. With `exact` the site is the name that was given, not the registrable
    domain that it is in."""

    allow: _Names | Literal["all"]
    window: str | int = "10m"
    client: Scope = ""
    group: Scope = ""
    duration: str | int | None = msgspec.field(name="for", default=None)
    comment: Comment = ""
    exact: bool = False


class SiteNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names to add to the rule of a site and scope (which is made if there is none; window, `for` and comment are for
    that), or to take out of it."""

    names: Annotated[_Names, Meta(min_length=1)]
    window: str | int = "10m"
    client: Scope = ""
    group: Scope = ""
    duration: str | int | None = msgspec.field(name="for", default=None)
    comment: Comment = ""
    exact: bool = False


class SiteResult(msgspec.Struct, frozen=True):
    """The rule that now holds (None: it is gone, as it allowed nothing any more) and the one before it; `changed` is
    false when it already was so. `effective` tells whether every worker has it, `note` says what not; `hint` is what to
    know about it."""

    rule: SiteInfo | None
    before: SiteInfo | None
    changed: bool
    effective: bool
    note: str = ""
    hint: str = ""


class TrialInfo(msgspec.Struct, frozen=True):
    """How a repair stands. On the device `names` are allowed until a time; all of them, those of `of` domains, are on
    trial, and `left` of the domains could still be what the site needs; `reloads` answers were given.

    `stage`: "trying" (reload the page, and answer), "found" (the site needs `names`, and nothing else that was tried),
    "elsewhere" (it does not work with all of them either), "contradiction" (it worked with fewer names than it did not
    work with: begin again), "kept" (there is a site rule now). `sentence` says it for people.
    """

    site: str
    client: str
    stage: Literal["trying", "found", "elsewhere", "contradiction", "kept"]
    names: list[str]
    of: int
    left: int
    reloads: int
    until: float | None
    sentence: str
    effective: bool = True
    note: str = ""


class SiteDetail(msgspec.Struct, frozen=True):
    """A site: its rules for whomever, and the repairs of it that are going on. `hint` says when another name than the
    one that was asked for is meant. `lately` are the devices that were on it in the last hour, the last of them
    first."""

    site: str
    rules: list[SiteInfo]
    trials: list[TrialInfo]
    lately: list[str]
    hint: str = ""


class SuspectName(msgspec.Struct, frozen=True):
    """A name that was blocked `asked` times in the loads that were looked at, by which rule; `via` is the alias target
    that this is about, if it is not the name itself. `rule` is the one that blocks it now."""

    name: str
    rule: str
    via: str
    asked: int


class SuspectInfo(msgspec.Struct, frozen=True):
    """Blocked names of one owner (a registrable domain), asked for in `with_site` of `loads` loads of the site, and at
    other times in `share` of the moments in which the device asked for anything: `lift` times as often after the site.
    `others` are sites that it was asked for with, too.

    `worth` tells whether it is worth trying; if not, `why` says why not.
    """

    domain: str
    names: list[SuspectName]
    with_site: int
    loads: int
    share: float
    lift: float
    others: list[str]
    worth: bool
    why: str = ""


class SiteItself(msgspec.Struct, frozen=True):
    """What becomes of a name of the site itself on the device now: `verdict` (block, allow, rewrite, or pass), and the
    rule that decides, if one does; `kind` says what that is, `until` when the verdict changes (None: not by itself)."""

    name: str
    verdict: str
    rule: str
    kind: Kind
    until: float | None


class Suspects(msgspec.Struct, frozen=True):
    """Who may be missing on a site, for one device (of the group `group`), by the log since a time; the likeliest
    first. `visits` is how often the device was on it, `loads` how many loads of it, the newest, were looked at.
    `unknown` says why the log cannot say; `trial` is the repair that is going on. `itself` is about the name that was
    given; or about all of the site, if both are blocked."""

    site: str
    client: str
    since: float
    visits: int
    loads: int
    suspects: list[SuspectInfo]
    trial: TrialInfo | None = None
    unknown: str = ""
    hint: str = ""
    group: str = ""
    itself: SiteItself | None = None


class DeviceChoice(msgspec.Struct, frozen=True):
    """Devices to choose from, each as it is given and what else is known of it: `own` is the one that asks ("": none
    that is known); there are `more` than these."""

    own: str
    devices: list[tuple[str, str]]
    more: int


class NewTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Allow the suspects that are worth trying, or those of these domains, or these names, on this device for ten
    minutes. `days` is how far back the log is looked at."""

    client: Annotated[str, Meta(min_length=1, max_length=64)]
    names: _Names = []
    days: Annotated[int, Meta(ge=1, le=90)] = 7
    exact: bool = False
    domains: _Names = []


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the site works with the names that are allowed now."""

    client: Annotated[str, Meta(min_length=1, max_length=64)]
    works: bool
    exact: bool = False


class Keeping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Make a site rule of the names that are allowed now: for the device, unless a group is given, or everyone."""

    client: Annotated[str, Meta(min_length=1, max_length=64)]
    group: Scope = ""
    for_everyone: bool = False
    window: str | int = "10m"
    comment: Comment = ""
    exact: bool = False


class Undoing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Take back what was allowed for a repair, tried or kept."""

    client: Annotated[str, Meta(min_length=1, max_length=64)]
    exact: bool = False
