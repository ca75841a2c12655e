"""One connection to an upstream with many queries at once, whatever it speaks; `lines` has the connections of one
endpoint."""

from __future__ import annotations

import asyncio
import logging
import ssl
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine
from operator import itemgetter
from typing import Protocol

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.endpoint import Endpoint, Hosts
from resolver.upstream.transport import Deliver
from resolver.wire.reply import matches

log = logging.getLogger(__name__)

CONNECT = 4.0  # seconds for finding the address, connecting and the handshake
IDLE = 15.0  # seconds without queries after which a connection is closed (RFC 7766 section 6.2.3)
SILENT = 2.0  # seconds that a query waits on a connection that says nothing, until the connection is given up
FORGET = 10.0  # seconds that an ID is kept back after its query was abandoned
IN_FLIGHT = 200  # queries on one connection; after that another is opened
_STRAYS = 100  # replies in a row that belong to nothing
CLOSED = "the connection was closed without an answer"
_LATE = "no connection in time"

Spawn = Callable[[Coroutine[object, object, None]], "asyncio.Task[None]"]


class Home(Protocol):
    """Whose connection it is."""

    @property
    def endpoint(self) -> Endpoint: ...

    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...

    def lost(self, line: Line, error: UpstreamError, *, again: bool) -> None:
        """A line is over. What was on it is sent once more, if `again`, or fails."""
        ...

    def retry(self, call: Call, error: UpstreamError, *, again: bool = True) -> None:
        """Send a call that has left its line once more on another; one that was sent twice already fails."""
        ...


class Call:
    """A query under way (transport.Sent). `number` is its place on the line; `sent` the query with the ID that it has
    there, `since` when it was put there."""

    __slots__ = ("deliver", "line", "number", "query", "sent", "since", "tries")

    def __init__(self, query: bytes, deliver: Deliver) -> None:
        self.query = query
        self.deliver: Deliver | None = deliver
        self.line: Line | None = None
        self.number = -1
        self.sent = query
        self.since = 0.0
        self.tries = 0

    def settle(self, result: bytes | UpstreamError) -> None:
        deliver, self.deliver = self.deliver, None
        if deliver is not None:
            deliver(result)

    def close(self) -> None:
        """The number stays taken until the reply comes, or FORGET has passed; to call a query back costs more than to
        read its reply, and servers take it for an attack (RFC 9113 section 10.5)."""
        self.deliver = None


class Line(ABC):
    """One connection. What speaks the protocol is in the subclasses: they call `opened`, `answered` and `fail`."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.loop = home.loop
        self.endpoint = home.endpoint
        self.calls: dict[int, Call] = {}  # sent, by number, oldest first
        self.waiting: deque[Call] = deque()  # not sent yet
        self.limit = IN_FLIGHT  # calls that it takes before another line is opened
        self.at_once = IN_FLIGHT  # calls that may be under way
        self.open = False
        self.over = False
        self.useful = False  # whether anything came of it
        self._heard = 0.0  # when the last reply came
        self._quiet = 0.0  # since when queries wait and nothing has come; 0: none waits
        self._strays = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def load(self) -> int:
        return len(self.calls) + len(self.waiting)

    @abstractmethod
    async def connect(self, host: str) -> None:
        """Connect to an address and shake hands. Raises OSError or UpstreamError."""

    @abstractmethod
    def transmit(self, call: Call) -> None:
        """Send a call: give it a number and put it among `calls`."""

    @abstractmethod
    def hang_up(self) -> None:
        """Close the connection, at once."""

    def failure(self, error: OSError) -> UpstreamError:
        """What an error of `connect` means."""
        return UpstreamUnreachable(error.strerror or str(error) or "the connection failed")

    def forget(self, call: Call) -> None:
        """A call that nobody waits for any more leaves `calls` without a reply."""
        del self.calls[call.number]

    def put(self, call: Call) -> None:
        call.line = self
        if self.open and not self.waiting and len(self.calls) < self.at_once:
            self._send(call)
        else:
            self.waiting.append(call)

    def _send(self, call: Call) -> None:
        now = call.since = self.loop.time()
        if not self._quiet:
            self._quiet = now
        self.transmit(call)

    def pump(self) -> None:
        """Send what waits, as far as there is room."""
        while self.waiting and self.open and len(self.calls) < self.at_once:
            call = self.waiting.popleft()
            if call.deliver is not None:
                self._send(call)

    def run(self, hosts: Hosts, spawn: Spawn) -> None:
        self._task = spawn(self._open(hosts))

    async def _open(self, hosts: Hosts) -> None:
        """Try the endpoint's addresses one after another."""
        try:
            failure = await self._connected(hosts)
        except TimeoutError:
            failure = UpstreamUnreachable(_LATE)
        except UpstreamError as error:
            failure = error
        except Exception:
            log.exception("connecting to %s", self.endpoint.url)  # a mistake of ours, for which no other query suffers
            failure = UpstreamUnreachable("connecting failed in a way that the log shows")
        if failure is not None:
            self._task = None
            self.fail(failure)

    async def _connected(self, hosts: Hosts) -> UpstreamError | None:
        """None when an address answers, or why none does: what a peer said of itself tells more than what the network
        said of another address. Of the time that is left each gets half, and the last one all."""
        end = self.loop.time() + CONNECT
        async with asyncio.timeout_at(end):
            addresses = await hosts.addresses(self.endpoint)
        failures: list[tuple[bool, UpstreamError]] = []  # of the network, or of a peer
        for left, host in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                async with asyncio.timeout((end - self.loop.time()) / min(left, 2)):
                    await self.connect(host)
                    return None
            except UpstreamError as error:
                failures.append((False, error))
            except TimeoutError:
                failures.append((True, UpstreamUnreachable(_LATE)))
            except OSError as error:
                failures.append((not isinstance(error, ssl.SSLError), self.failure(error)))
            except ValueError as error:  # a name that cannot be asked for in TLS
                failures.append((False, UpstreamUnreachable(str(error))))
            if isinstance(failures[-1][1], UpstreamUnreachable):  # and it is no want of our own
                hosts.fails(self.endpoint, host)
        nobody = UpstreamUnreachable(f"{self.endpoint.host} has no address")
        return min(failures, key=itemgetter(0), default=(True, nobody))[1]

    def opened(self) -> None:
        """The connection stands: send what has waited for it."""
        self.open = True
        self._task = None
        self._heard = self.loop.time()
        self.pump()

    def answered(self, call: Call, data: bytes) -> bool:
        """Hand over the reply to a call that has left `calls`; says whether it is one."""
        if not matches(data, call.sent):
            return False
        self.heard()
        if call.deliver is not None:
            call.settle(data if call.sent is call.query else call.query[:2] + data[2:])
        if self.waiting:
            self.pump()
        return True

    def heard(self) -> None:
        """Something came that belongs to a call, which has left `calls`: be it no answer, the line is not silent."""
        self._heard = now = self.loop.time()
        self._quiet = now if self.calls else 0.0
        self._strays = 0
        self.useful = True

    def stray(self) -> None:
        """Something came that answers nothing here."""
        self._strays += 1
        if self._strays > _STRAYS:
            self.fail(UpstreamUnreachable("its replies do not match the queries"))

    def check(self, now: float) -> None:
        """A look at a line from time to time: idle ones are closed, silent ones given up."""
        if not self.open:
            return
        if self._quiet and now - self._quiet >= SILENT:
            strange = "its replies do not match the queries" if self._strays else "it accepts queries and is silent"
            self.fail(UpstreamUnreachable(strange))
            return
        while self.calls and (oldest := next(iter(self.calls.values()))).deliver is None:
            if now - oldest.since < FORGET:
                break
            self.forget(oldest)
        self.pump()
        if not self.load and now - self._heard >= IDLE:
            self.fail(None)

    def fail(self, error: UpstreamError | None) -> None:
        """The connection is over, with an error or (None) without need; safe to call twice."""
        if self.over:
            return
        self.over = True
        was_open, self.open = self.open, False
        if self._task is not None:
            self._task.cancel()
        self.hang_up()
        self.home.lost(self, error or UpstreamUnreachable(CLOSED), again=was_open)
