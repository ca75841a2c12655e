"""Finding out whether an upstream that is in doubt is there, and when one that is down is back.

Clients' questions are not used for that: they would wait, and go to somebody they need not go to. What is asked is the
root's name servers, which every resolver knows and which tells nothing about anybody. A doubt is settled within GIVE_UP
seconds of the first silence; one that is down is asked after 1, 2, 4, 4 … seconds, once each, while anybody wants it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from functools import partial

from resolver.errors import UpstreamError, UpstreamUnreachable, WireError
from resolver.model import Question, Rcode, Type
from resolver.upstream.transport import Sent
from resolver.upstream.upstream import State, Upstream
from resolver.wire import reply as wire
from resolver.wire.name import ROOT

PROBE = Question(ROOT, Type.NS)
_USEFUL = frozenset({int(Rcode.NOERROR), int(Rcode.NXDOMAIN)})
_DOUBT = 0.3  # seconds between two probes of one in doubt
_FIRST_PAUSE = 1.0  # seconds between probes of one that is down, doubled each time
_MAX_PAUSE = 4.0
_UNWANTED = 30.0  # seconds after which one that is down, and that nobody wanted to ask, is left alone
_LISTEN = 2.0  # seconds that the answer to a probe is waited for


class _Probe:
    """A probe under way: over which of the upstream's transports, since when."""

    def __init__(self, over: int, began: float) -> None:
        self.over = over
        self.began = began
        self.sent: Sent | None = None


class _Watch:
    """One upstream that is being looked at."""

    def __init__(self) -> None:
        self.pause = _FIRST_PAUSE
        self.down = False  # when it was last looked at
        self.timer: asyncio.TimerHandle | None = None
        self.open: list[_Probe] = []


class Breaker:
    """Watches upstreams; one for all pools. `watch` whenever there is a doubt."""

    def __init__(self, loop: asyncio.AbstractEventLoop, random_id: Callable[[], int]) -> None:
        self._loop = loop
        self._random_id = random_id
        self._watched: dict[Upstream, _Watch] = {}

    def watch(self, upstream: Upstream) -> None:
        """Probe until it is well; does nothing when that is being done."""
        if upstream.state == State.WELL:
            return
        watch = self._watched.get(upstream)
        if watch is not None and watch.down and upstream.up:
            self._end(upstream)  # it was back meanwhile, and this is a new doubt
            watch = None
        if watch is None:
            self._watched[upstream] = _Watch()
            self._look(upstream)

    def _look(self, upstream: Upstream) -> None:
        watch = self._watched[upstream]
        now = self._loop.time()
        upstream.judge()
        if upstream.state == State.WELL or (not upstream.up and now - upstream.wanted >= _UNWANTED):
            self._end(upstream)
            return
        _forget(watch, now - _LISTEN)
        self._send(upstream, watch, _Probe(0, now))
        pause, watch.down = _DOUBT, not upstream.up
        if watch.down:
            pause, watch.pause = watch.pause, min(2 * watch.pause, _MAX_PAUSE)
        watch.timer = self._loop.call_later(pause, self._look, upstream)

    def _send(self, upstream: Upstream, watch: _Watch, probe: _Probe) -> None:
        query = wire.build(PROBE, self._random_id(), do=False, cd=False)
        watch.open.append(probe)
        probe.sent = upstream.transports[probe.over].send(query, partial(self._deliver, upstream, watch, probe))

    def _deliver(self, upstream: Upstream, watch: _Watch, probe: _Probe, result: bytes | UpstreamError) -> None:
        watch.open.remove(probe)
        try:
            if isinstance(result, UpstreamError):
                raise result
            reply = wire.parse(result, PROBE)
        except WireError as error:
            upstream.failing(UpstreamUnreachable(f"a malformed answer: {error}"), probe.began)
            return
        except UpstreamUnreachable as error:
            upstream.failing(error, probe.began)
            return
        except UpstreamError:  # a want of our own
            return
        cut = reply.truncated and upstream.lame  # perhaps for that: then it matters whether it is over TCP, too
        if cut and probe.over + 1 < len(upstream.transports):
            self._send(upstream, watch, _Probe(probe.over + 1, self._loop.time()))
        if reply.rcode in _USEFUL and not cut:
            upstream.succeeded(self._loop.time() - probe.began, measured=False)
        else:
            upstream.heard()
        if upstream.state == State.WELL:
            self._end(upstream)

    def _end(self, upstream: Upstream) -> None:
        watch = self._watched.pop(upstream, None)
        if watch is None:
            return
        if watch.timer is not None:
            watch.timer.cancel()
        _forget(watch)

    def close(self) -> None:
        """Watch nothing any more."""
        for upstream in list(self._watched):
            self._end(upstream)


def _forget(watch: _Watch, before: float = math.inf) -> None:
    """Wait no more for probes that were sent until then."""
    gone = [probe for probe in watch.open if probe.began <= before]
    watch.open = [probe for probe in watch.open if probe.began > before]
    for probe in gone:
        if probe.sent is not None:
            probe.sent.close()
