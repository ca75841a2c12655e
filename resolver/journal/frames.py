"""The frames between worker and control: length-prefixed msgpack of typed structs, over one Unix stream socket."""

from __future__ import annotations

import asyncio

import msgspec

from resolver.errors import LullError
from resolver.model import Exchange, UpstreamHealth

MAX_FRAME = 64 << 20  # bytes; more than any batch can be


class Row(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Equal exchanges of one client in one second: how many, and the longest of them in microseconds."""

    client: str
    group: str
    exchange: Exchange
    count: int
    took_us: int


class Batch(msgspec.Struct, frozen=True, tag="batch"):
    """One second of one worker. `totals` counts every query by "verdict/origin", those without a row included;
    `dropped` counts queries whose rows were given up. `feed` and `seq` tell a batch that is sent twice."""

    feed: str
    seq: int
    second: int
    rows: list[Row]
    totals: dict[str, int]
    dropped: int = 0


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first frame of a worker."""

    worker: int
    pid: int
    generation: str


class Cache(msgspec.Struct, frozen=True, array_like=True):
    """How a worker's caches of one kind are doing. Since its start: how often what was asked for was there, was not,
    or was given though too old, and how many items went for want of room. Now: items, and about how many bytes they
    take."""

    hits: int = 0
    misses: int = 0
    stale: int = 0
    entries: int = 0
    bytes: int = 0
    evictions: int = 0


class Health(msgspec.Struct, frozen=True, tag="health"):
    """How a worker is doing, once a second. Counters are since its start. `hosts` is where it found upstreams that are
    given by name; `answers` are finished answers, `truth` is what upstreams said. `limited` queries were refused as
    their clients asked too much, of whom `wild` are held back now."""

    generation: str
    answered: int
    waiting: int
    refused_busy: int
    rrsets: int
    packets: int
    journal_waiting: int
    journal_dropped: int
    upstreams: list[UpstreamHealth]
    trouble: str = ""
    hosts: dict[str, tuple[str, ...]] = {}
    answers: Cache = Cache()
    truth: Cache = Cache()
    limited: int = 0
    wild: list[str] = []


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    """The reply to Load. `error` says why the bundle was not taken; empty when it is in force."""

    generation: str
    error: str = ""


class Ack(msgspec.Struct, frozen=True, tag="ack"):
    """Every batch of `feed` up to `seq` is safe."""

    feed: str
    seq: int


class Load(msgspec.Struct, frozen=True, tag="load"):
    """Take this bundle."""

    generation: str


class Flush(msgspec.Struct, frozen=True, tag="flush"):
    """Forget cached truth and finished answers."""


Window = tuple[str, str, float]
"""Of whom (`Client.key`), of which site rule (`SiteEntry.key`), and its end in seconds of the monotonic clock, which is
one for all processes of a machine."""


class Visits(msgspec.Struct, frozen=True, tag="visits"):
    """Windows of site rules that clients opened or renewed. A worker tells its own, and all it has when it connects;
    control tells them to the others, and all it knows to a worker that says Hello."""

    visits: list[Window]


class Ask(msgspec.Struct, frozen=True, tag="ask", rename={"type": "rrtype"}):
    """What does this worker know of a question? `name` is presentation text; `client` an address, or empty."""

    number: int
    name: str
    type: int
    client: str = ""


class Known(msgspec.Struct, frozen=True):
    """What a worker's cache of upstream truth has: RCODE, seconds since it came and until it is old (negative: since
    when), and the names that CNAMEs lead through."""

    rcode: int
    age: float
    left: float
    chain: list[str] = []


class Told(msgspec.Struct, frozen=True, tag="told"):
    """The reply to Ask of that number: cached truth if there is any, for how many seconds the finished answer for this
    client may still be given (None: there is none), and the windows that are open for it: key of the rule → end (Unix
    time)."""

    number: int
    known: Known | None = None
    finished: float | None = None
    windows: dict[str, float] = {}


class Warm(msgspec.Struct, frozen=True, tag="warm"):
    """Questions (presentation text and RR type) that people often ask, those asked most first: what a worker that has
    just started does well to know."""

    questions: list[tuple[str, int]]


class Salt(msgspec.Struct, frozen=True, tag="salt"):
    """What clients' names of one day are made with (`redaction.pseudonym`): the days since 1970 in UTC, and random
    bytes."""

    day: int
    salt: bytes


FromWorker = Hello | Batch | Health | Loaded | Visits | Told
FromControl = Ack | Load | Flush | Visits | Ask | Warm | Salt

_from_worker: msgspec.msgpack.Decoder[FromWorker] = msgspec.msgpack.Decoder(FromWorker)
_from_control: msgspec.msgpack.Decoder[FromControl] = msgspec.msgpack.Decoder(FromControl)
_encoder = msgspec.msgpack.Encoder()


def pack(frame: FromWorker | FromControl) -> bytes:
    """A frame as it goes over the socket: four bytes of length, big-endian, then msgpack."""
    body = _encoder.encode(frame)
    return len(body).to_bytes(4, "big") + body


async def _body(reader: asyncio.StreamReader) -> bytes:
    size = int.from_bytes(await reader.readexactly(4), "big")
    if size > MAX_FRAME:
        raise LullError(f"a frame of {size} bytes")
    return await reader.readexactly(size)


async def read_from_worker(reader: asyncio.StreamReader) -> FromWorker:
    """The next frame. Raises asyncio.IncompleteReadError at the end, msgspec.MsgspecError or LullError for garbage."""
    return _from_worker.decode(await _body(reader))


async def read_from_control(reader: asyncio.StreamReader) -> FromControl:
    """The next frame; raises as `read_from_worker` does."""
    return _from_control.decode(await _body(reader))
