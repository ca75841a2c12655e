"""The values that every floor speaks: questions, RRsets, verdicts, responses, exchanges. No behaviour, no I/O.

Owner names are canonical wire form throughout: lower case, uncompressed, with the root's zero byte (RFC 1035 section
3.1, RFC 4034 section 6.2); their text form is `wire.name.to_text`. The class is always IN: others are refused on entry.
Times are seconds. `until` is Unix time; `math.inf` means "as long as this bundle".
"""

from __future__ import annotations

import math
from enum import IntEnum, StrEnum
from typing import Literal, Protocol

import msgspec


class Rcode(IntEnum):
    """Response codes (RFC 1035 section 4.1.1, RFC 6891 section 9)."""

    NOERROR = 0
    FORMERR = 1
    SERVFAIL = 2
    NXDOMAIN = 3
    NOTIMP = 4
    REFUSED = 5
    BADVERS = 16


class Type(IntEnum):
    """The RR types that Lull treats by name; any other passes through as a number (RFC 3597)."""

    A = 1
    NS = 2
    CNAME = 5
    SOA = 6
    PTR = 12
    HINFO = 13
    MX = 15
    TXT = 16
    AAAA = 28
    SRV = 33
    DNAME = 39
    OPT = 41
    RRSIG = 46
    NSEC = 47
    NSEC3 = 50
    SVCB = 64
    HTTPS = 65
    IXFR = 251
    AXFR = 252
    ANY = 255


class EdeCode(IntEnum):
    """Extended DNS Errors that Lull gives (RFC 8914 section 4, RFC 9606)."""

    OTHER = 0
    STALE = 3
    FORGED = 4
    CACHED = 13
    BLOCKED = 15
    FILTERED = 17
    PROHIBITED = 18
    STALE_NXDOMAIN = 19
    NOT_SUPPORTED = 21
    NO_REACHABLE_AUTHORITY = 22
    NETWORK_ERROR = 23
    NOT_AUTHORITATIVE = 20


class Origin(StrEnum):
    """What an answer was made from: upstream just now, the cache of upstream truth, the same although it is too old, or
    Lull itself."""

    UPSTREAM = "upstream"
    CACHE = "cache"
    STALE = "stale"
    LOCAL = "local"


class Transport(StrEnum):
    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    HTTPS = "https"
    QUIC = "quic"


class Question(msgspec.Struct, frozen=True, gc=False):
    """What is asked: owner name (canonical wire form) and RR type; of an upstream also what it is told of the client's
    network (`wire.subnet`)."""

    name: bytes
    type: int
    subnet: bytes = b""


class RRset(msgspec.Struct, frozen=True, gc=False):
    """Records of one owner name and type that share a TTL (RFC 2181 section 5); RDATA uncompressed."""

    owner: bytes
    type: int
    ttl: int
    rdatas: tuple[bytes, ...]


class Ede(msgspec.Struct, frozen=True, gc=False):
    """An Extended DNS Error: INFO-CODE and EXTRA-TEXT (RFC 8914 section 2)."""

    code: int
    text: str = ""


# What a blocked or rewritten name is answered with. Tagged, because they also travel in the bundle.


class NullAddress(msgspec.Struct, frozen=True, tag="null-address"):
    """A 0.0.0.0, AAAA ::, every other type NODATA."""


class Nxdomain(msgspec.Struct, frozen=True, tag="nxdomain"):
    """NXDOMAIN with a synthetic SOA."""


class Nodata(msgspec.Struct, frozen=True, tag="nodata"):
    """NOERROR, no answer, a synthetic SOA (RFC 2308 section 2.2)."""


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """REFUSED."""


class Address(msgspec.Struct, frozen=True, tag="address"):
    """A and AAAA answered with these addresses (4 and 16 bytes each), every other type NODATA."""

    v4: tuple[bytes, ...] = ()
    v6: tuple[bytes, ...] = ()


class Records(msgspec.Struct, frozen=True, tag="records"):
    """These RRsets, as they are."""

    rrsets: tuple[RRset, ...]


class Drop(msgspec.Struct, frozen=True, tag="drop"):
    """No reply at all (`rpz-drop.`)."""


BlockAnswer = NullAddress | Nxdomain | Nodata | Refused | Address | Drop
RewriteTarget = Records | Nxdomain | Nodata | Refused


class Tier(IntEnum):
    """Who wins: the first tier with an opinion (DESIGN, "Policy")."""

    LOCAL = 0
    TEMPORARY = 1
    SCHEDULE = 2
    RULES = 3
    SITES = 4
    SERVICES = 5
    LISTS = 6
    DEFAULT = 7


class RuleRef(msgspec.Struct, frozen=True, gc=False):
    """Which rule decided: its tier, where it comes from (a list's id, "rules", "pause", "special-use", …), its text.
    `own` is the key of a rule that people made, by which its hits are counted."""

    tier: int
    source: str
    text: str
    own: str = ""

    def __str__(self) -> str:
        return f"{self.source}: {self.text}"


class Pass(msgspec.Struct, frozen=True):
    """No rule has an opinion; the group's default lets it pass. `shadow` is a rule of a shadow list that would have
    blocked it."""

    until: float = math.inf
    shadow: RuleRef | None = None


class Allow(msgspec.Struct, frozen=True):
    """A rule allows it."""

    rule: RuleRef
    until: float = math.inf


class Block(msgspec.Struct, frozen=True):
    """A rule blocks it; `answer` is what to say instead, `ttl` for how many seconds."""

    rule: RuleRef
    answer: BlockAnswer
    ttl: int
    until: float = math.inf


class Rewrite(msgspec.Struct, frozen=True):
    """A rule answers it with something of its own; a negative answer is good for `ttl` seconds."""

    rule: RuleRef
    target: RewriteTarget
    until: float = math.inf
    ttl: int = 3600


Verdict = Pass | Allow | Block | Rewrite


Privacy = Literal["full", "no-client", "no-name", "off"]
"""What the log keeps: everything; a name for the client that is good for a day; no client and no names; nothing."""


class Client(msgspec.Struct, frozen=True):
    """Who asks: the address as text, the name of its group, and whether it may ask at all; of a device that is known
    also its name (lower case), MAC address (lower case, colons) and tags; and what the log keeps of them."""

    address: str
    group: str
    admitted: bool = True
    device: str = ""
    mac: str = ""
    tags: tuple[str, ...] = ()
    privacy: Privacy = "full"

    @property
    def key(self) -> str:
        """What it is remembered by: its name, whatever address it has now, or else its address."""
        return self.device or self.address


class Message(msgspec.Struct, frozen=True):
    """A decoded query. `spelled` is the question section as the client wrote it; `key` names the question and every
    flag that changes the answer, in one canonical form (equal to the datagram after its ID when that is already
    canonical). `payload` is the UDP payload size the client gave (RFC 6891), or None without EDNS; `subnet` its Client
    Subnet option (`wire.subnet`) and `cookie` its COOKIE (`wire.cookies`), neither of which is part of the key."""

    question: Question
    spelled: bytes
    key: bytes
    rd: bool
    ad: bool
    cd: bool
    do: bool
    payload: int | None
    subnet: bytes = b""
    cookie: bytes = b""


class Query(msgspec.Struct, frozen=True):
    """A query that was identified and decided: what the responders see. What is `momentary` was decided by what this
    client looked up before, and is never given again from memory."""

    message: Message
    name: str
    client: Client
    transport: Transport
    verdict: Verdict
    momentary: bool = False

    @property
    def question(self) -> Question:
        return self.message.question


class Response(msgspec.Struct, frozen=True):
    """An answer before it is encoded.

    `lifetime` is for how many seconds it may be given again (0: never). `fixed` answers are Lull's own and keep their
    TTL when given again; others age. `via` is the CNAME target, address or service name that brought the verdict, if
    one did. A `silent` response is recorded but not sent. `subnet` says for which clients it holds (`wire.subnet`).
    """

    rcode: int
    answer: tuple[RRset, ...] = ()
    authority: tuple[RRset, ...] = ()
    ad: bool = False
    ede: tuple[Ede, ...] = ()
    origin: Origin = Origin.LOCAL
    lifetime: float = 0.0
    fixed: bool = False
    verdict: Verdict = Pass()
    via: str = ""
    upstream: str = ""
    silent: bool = False
    subnet: bytes = b""


class Exchange(msgspec.Struct, frozen=True, gc=False, array_like=True, cache_hash=True):
    """What the journal keeps of one question and its answer, beside client and time. Texts, not wire form. `shadow` is
    the rule of a shadow list that would have blocked it, "list: rule"; `own` the key of the rule of people's own that
    decided (`RuleRef.own`)."""

    name: str
    type: int
    rcode: int
    origin: str
    verdict: str
    source: str = ""
    rule: str = ""
    via: str = ""
    upstream: str = ""
    shadow: str = ""
    own: str = ""


class UpstreamHealth(msgspec.Struct, frozen=True):
    """What `status` shows of an upstream: `latency_ms` is smoothed, and 95 of 100 answers come within `p95_ms`;
    `loss` is the share of the last queries that had no answer; `since` is Unix time.
    `purpose`: what it is for, unless for everything ("fallback", "names of lan", "group kids"). Half of its answers
    come within `p50_ms`; `answers` were measured, which took `spent` seconds together. While it is `doubtful` it is
    being found out whether it is there. Of one that is given by name `at` are the addresses, the best first."""

    url: str
    up: bool
    since: float
    latency_ms: float
    asked: int
    failed: int
    reason: str
    p95_ms: float = 0.0
    loss: float = 0.0
    purpose: str = ""
    p50_ms: float = 0.0
    answers: int = 0
    spent: float = 0.0
    doubtful: bool = False
    at: tuple[str, ...] = ()


class Clock(Protocol):
    """Time as the composition root gives it: a test can hold it still."""

    def monotonic(self) -> float:
        """Seconds since the machine was started, suspended or not; they never go back. The caches' time."""
        ...

    def time(self) -> float:
        """Unix time; policy's time."""
        ...
