"""What the tests of several rooms share: a clock held still, bundles from list text, queries, an upstream in memory."""

from __future__ import annotations

import asyncio
import pathlib
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from resolver.errors import UpstreamError
from resolver.policy.bundle import OWN, Bundle
from resolver.policy.document import Document, GroupEntry, ListEntry, OwnRule
from resolver.policy.overlay import lines_of
from resolver.rules.compile import Source, compile_sources
from resolver.rules.own import compile_lines
from resolver.rules.ruleset import RuleSet
from resolver.upstream.endpoint import Endpoint
from resolver.upstream.transport import Deliver, Sent, Transport
from resolver.wire.name import from_text
from tests.scenarios.virtual import VirtualLoop

T = TypeVar("T")

ID = 0x1234
SOA = dns.rdatatype.SOA
PROBE = ". NS"


class StillClock:
    """A clock (model.Clock) that moves only when told to."""

    def __init__(self, monotonic: float = 1000.0, time: float = 1_767_614_400.0) -> None:
        self._monotonic = monotonic
        self._time = time

    def advance(self, seconds: float) -> None:
        self._monotonic += seconds
        self._time += seconds

    def monotonic(self) -> float:
        return self._monotonic

    def time(self) -> float:
        return self._time


def run_virtual(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run `main` in a loop whose time jumps to the next timer instead of passing."""
    loop = VirtualLoop(grace=0)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))


async def until(condition: Callable[[], object], seconds: float = 2.0) -> None:
    """Wait, in real time, until that is so."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.002)


def compile_lists(
    directory: pathlib.Path, lists: Mapping[str, str], trusted: Sequence[str] = (), shadow: Sequence[str] = ()
) -> list[ListEntry]:
    """Compile list texts by id into `directory`; those of `trusted` are allow lists, of `shadow` in shadow mode."""
    entries = [
        ListEntry(id, "allow" if id in trusted else "block", "shadow" if id in shadow else "live") for id in lists
    ]
    sources = []
    with tempfile.TemporaryDirectory() as texts:
        for index, (entry, text) in enumerate(zip(entries, lists.values(), strict=True)):
            path = pathlib.Path(texts, entry.id)
            path.write_text(text)
            sources.append(Source(index, entry.id, path, "auto", entry.kind))
        compile_sources(sources, directory)
    return entries


def bundle(
    lists: Mapping[str, str] | None = None, trusted: Sequence[str] = (), shadow: Sequence[str] = (), **fields: Any
) -> Bundle:
    """A bundle in memory. `fields` are the Document's; without `groups` the default group uses every list."""
    with tempfile.TemporaryDirectory() as directory:
        entries = compile_lists(pathlib.Path(directory), lists or {}, trusted, shadow)
        names = RuleSet.open(pathlib.Path(directory), [entry.id for entry in entries])
        own = own_lines(pathlib.Path(directory, OWN), fields.get("rules", ()))
    fields.setdefault("groups", (GroupEntry("default", (), tuple(entry.id for entry in entries)),))
    return Bundle("1", Document(lists=tuple(entries), **fields), names, own)


def own_lines(directory: pathlib.Path, rules: Sequence[OwnRule]) -> RuleSet | None:
    """The rules of people's own that are lines of lists, compiled; None when there are none."""
    lines = lines_of(rules)
    if not lines:
        return None
    directory.mkdir()
    assert compile_lines(lines, directory) == []
    return RuleSet.open(directory, [text for _, text in lines])


def wire(name: str) -> bytes:
    """A name's canonical wire form."""
    return from_text(name)


def query(
    name: str,
    type: str = "A",
    *,
    id: int = ID,
    payload: int | None = 1232,
    do: bool = False,
    cd: bool = False,
    ad: bool = False,
    rd: bool = True,
    options: Sequence[dns.edns.Option] = (),
) -> bytes:
    """A query as dnspython makes it; `payload` None is one without EDNS."""
    message = dns.message.make_query(name, type)
    message.id = id
    message.flags = dns.flags.Flag(0)
    for on, flag in ((rd, dns.flags.RD), (ad, dns.flags.AD), (cd, dns.flags.CD)):
        message.flags |= flag if on else 0
    if payload is not None:
        message.use_edns(0, dns.flags.DO if do else 0, payload, options=list(options))
    return message.to_wire()


def read(reply: bytes) -> dns.message.Message:
    """A reply as dnspython understands it; one with anything left over or malformed raises."""
    return dns.message.from_wire(reply)


def name_wire(name: dns.name.Name) -> bytes:
    """A name of dnspython's in wire form, its letters as they are."""
    found = name.to_wire()
    assert found is not None
    return found


def texts(section: Sequence[dns.rrset.RRset]) -> list[str]:
    """A section's records as zone-file text."""
    return [line for rrset in section for line in rrset.to_text().splitlines()]


def errors(message: dns.message.Message) -> list[tuple[int, str]]:
    """The Extended DNS Errors of a message."""
    return [(int(o.code), o.text or "") for o in message.options if isinstance(o, dns.edns.EDEOption)]


class Later:
    """A query to an upstream in memory that is under way."""

    def __init__(self, home: set[Later], deliver: Deliver) -> None:
        self._home = home
        self._deliver = deliver
        home.add(self)

    def arrive(self, result: bytes | UpstreamError) -> None:
        if self in self._home:
            self._home.discard(self)
            self._deliver(result)

    def close(self) -> None:
        self._home.discard(self)


class MemoryUpstream:
    """A transport (upstream.transport.Transport) that answers from zone text, after `delay` seconds, or those of
    `delays` for a name.

    `asked` are the questions as text and `times` when they came, `probes` when somebody asked whether it is there;
    `open` those that wait for their answer. `result` may be replaced: it makes of a query the reply, a failure, or None
    to say nothing.
    """

    def __init__(self, zone: str = "", delay: float = 0.0) -> None:
        self._replies: dict[bytes, bytes] = {}
        self.records: dict[tuple[dns.name.Name, dns.rdatatype.RdataType], dns.rrset.RRset] = {}
        self.load(zone)
        self.delay = delay
        self.delays: dict[str, float] = {}
        self.asked: list[str] = []
        self.times: list[float] = []
        self.probes: list[float] = []
        self.open: set[Later] = set()
        self.result: Callable[[dns.message.Message], bytes | UpstreamError | None] = self.reply

    def load(self, zone: str) -> None:
        """Put other records in force: a line each, "owner TTL type data"."""
        self.records.clear()
        self._replies.clear()
        for line in filter(str.strip, zone.splitlines()):
            owner, ttl, type, data = line.split(None, 3)
            rrset = dns.rrset.from_text(owner, int(ttl), "IN", type, data)
            self.records.setdefault((rrset.name, rrset.rdtype), rrset).add(rrset[0])

    def send(self, query: bytes, deliver: Deliver) -> Sent:
        message = dns.message.from_wire(query)
        loop = asyncio.get_running_loop()
        asked = f"{message.question[0].name} {dns.rdatatype.to_text(message.question[0].rdtype)}"
        if asked == PROBE:
            self.probes.append(loop.time())
        else:
            self.asked.append(asked)
            self.times.append(loop.time())
        later = Later(self.open, deliver)
        result = self.result(message)
        if result is not None:
            delay = self.delays.get(str(message.question[0].name), self.delay)
            loop.call_later(delay, later.arrive, result)
        return later

    def reply(self, message: dns.message.Message) -> bytes:
        """The answer along CNAMEs, the same each time; a negative one with the SOA of the zone, if there is one."""
        query = message.to_wire()[2:]
        if query not in self._replies:
            self._replies[query] = self._reply(message)[2:]
        return message.id.to_bytes(2, "big") + self._replies[query]

    def _reply(self, message: dns.message.Message) -> bytes:
        response = dns.message.make_response(message, recursion_available=True)
        name = message.question[0].name
        type = message.question[0].rdtype
        for _ in range(20):
            found = self.records.get((name, type))
            alias = found or self.records.get((name, dns.rdatatype.CNAME))
            if alias is None:
                break
            response.answer.append(alias)
            if found is not None:
                return response.to_wire(max_size=65535)
            name = alias[0].target
        if not any(owner.is_subdomain(name) for owner, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        soas = [rrset for (owner, type), rrset in self.records.items() if type == SOA and name.is_subdomain(owner)]
        response.authority += soas[:1]
        return response.to_wire(max_size=65535)


class MemoryReach:
    """What a Forwarder reaches upstreams over (upstream.carriers.Reach): the transports of each scheme, wherever the
    upstream is."""

    def __init__(self, **schemes: Sequence[Transport]) -> None:
        self._schemes = schemes

    def to(self, endpoint: Endpoint, *, dated: bool = True) -> Sequence[Transport]:
        return self._schemes[endpoint.transport] if dated else ()
