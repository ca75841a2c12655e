"""What can be the matter with a name: one kind for each thing that a person would do something else about."""

from __future__ import annotations

import msgspec

from resolver.diagnosis.facts import Reached


class Speechless(msgspec.Struct, frozen=True, tag="speechless"):
    """Lull itself does not answer."""

    server: str
    reason: str


class NotAdmitted(msgspec.Struct, frozen=True, tag="not-admitted"):
    """The device may not ask Lull at all."""

    whom: str


class Blocked(msgspec.Struct, frozen=True, tag="blocked"):
    """A rule blocks the name, or the alias `via`; `command` changes that."""

    rule: str
    via: str
    command: str


class Local(msgspec.Struct, frozen=True, tag="local"):
    """A rule answers the name with something of its own."""

    rule: str
    command: str


class Rebinding(msgspec.Struct, frozen=True, tag="rebinding"):
    """The answer is refused, since it gives a public name a local address."""

    address: str


class Offline(msgspec.Struct, frozen=True, tag="offline"):
    """There is no way out; `gateway` is the router that is not heard of ("": there is no route at all). `stale`: Lull
    goes on with its old answer."""

    gateway: str = ""
    stale: bool = False


class Captive(msgspec.Struct, frozen=True, tag="captive"):
    """A portal answers in place of everybody."""

    where: str


class WrongClock(msgspec.Struct, frozen=True, tag="wrong-clock"):
    """Every encrypted upstream fails for nothing but the dates of its certificate."""

    server: str
    reason: str


class Stale(msgspec.Struct, frozen=True, tag="stale"):
    """No upstream answers, and Lull gives its old answer meanwhile. `online`: the network is up for certain."""

    server: str
    reason: str
    online: bool


class UpstreamsDown(msgspec.Struct, frozen=True, tag="upstreams-down"):
    """No upstream answers; `others` is who does, though it is no upstream ("" for nobody), or is one over another
    transport. `online`: the network is up for certain."""

    server: str
    reason: str
    count: int
    online: bool
    others: str = ""
    other_transport: bool = False


class UpstreamLies(msgspec.Struct, frozen=True, tag="upstream-lies"):
    """An upstream says something else than those who are right; `shown`: certificates show who is right. `blocks`: what
    it says is how names are blocked."""

    server: str
    says: str
    right: str
    shown: bool
    blocks: bool


class UpstreamsBlock(msgspec.Struct, frozen=True, tag="upstreams-block"):
    """Every upstream that answers says that it blocks the name; `reason` in its words, or ""."""

    server: str
    reason: str


class Disagreement(msgspec.Struct, frozen=True, tag="disagreement"):
    """Resolvers disagree, and nothing shows who is right."""

    one: str
    says: str
    other: str
    says_other: str


class Outdated(msgspec.Struct, frozen=True, tag="outdated"):
    """Lull still gives what upstreams said before."""

    says: str
    now: str


class NoName(msgspec.Struct, frozen=True, tag="no-name"):
    """The name does not exist."""


class NoAddress(msgspec.Struct, frozen=True, tag="no-address"):
    """The name exists, and has no address."""


class ZoneBroken(msgspec.Struct, frozen=True, tag="zone-broken"):
    """Every resolver tried and failed: the name's own servers are at fault. `reason` as resolvers give it, or ""."""

    reason: str


class Certificate(msgspec.Struct, frozen=True, tag="certificate"):
    """The site is there, and shows a certificate that browsers refuse. `alone`: nobody else was asked for the address,
    which might not be the site's."""

    found: Reached
    alone: bool


class OnlyV6(msgspec.Struct, frozen=True, tag="only-v6"):
    """The site has IPv6 addresses alone, and there is no way to them from here."""


class SiteDown(msgspec.Struct, frozen=True, tag="site-down"):
    """None of the site's addresses takes connections."""

    found: tuple[Reached, ...]


class UpstreamFails(msgspec.Struct, frozen=True, tag="upstream-fails"):
    """One upstream fails while others answer."""

    server: str
    reason: str


class HalfDown(msgspec.Struct, frozen=True, tag="half-down"):
    """Some of the site's addresses take connections and others do not."""

    up: str
    down: Reached


class Fine(msgspec.Struct, frozen=True, tag="fine"):
    """The answer is right, and a machine at `address` takes connections ("": none was tried)."""

    address: str


Finding = (
    Speechless
    | NotAdmitted
    | Blocked
    | Local
    | Rebinding
    | Offline
    | Captive
    | WrongClock
    | Stale
    | UpstreamsDown
    | UpstreamLies
    | UpstreamsBlock
    | Disagreement
    | Outdated
    | NoName
    | NoAddress
    | ZoneBroken
    | Certificate
    | OnlyV6
    | SiteDown
    | UpstreamFails
    | HalfDown
    | Fine
)
