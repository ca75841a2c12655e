"""Finding out whether an upstream that is in doubt is there, and when one that is down is back.

Clients' questions are not used for that: they would wait, and go to somebody they need not go to. What is asked is the
root's name servers, which every resolver knows and which tells nothing about anybody. A doubt is settled within GIVE_UP
seconds of the first silence; one that is down is asked after 1, 2, 4, 4 … seconds, once each, while anybody wants it.
"""

from __future__ import annotations

import asyncio
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


class _Watch:
    """One upstream that is being looked at."""

    def __init__(self) -> None:
        self.pause = _FIRST_PAUSE
        self.timer: asyncio.TimerHandle | None = None
        self.open: dict[float, Sent] = {}  # by when it was sent


class Breaker:
    """Watches upstreams; one for all pools. `watch` whenever there is a doubt."""

    def __init__(self, loop: asyncio.AbstractEventLoop, random_id: Callable[[], int]) -> None:
        self._loop = loop
        self._random_id = random_id
        self._watched: dict[Upstream, _Watch] = {}

    def watch(self, upstream: Upstream) -> None:
        """Probe until it is well; does nothing when that is being done."""
        if upstream not in self._watched and upstream.state != State.WELL:
            self._watched[upstream] = _Watch()
            self._look(upstream)

    def _look(self, upstream: Upstream) -> None:
        watch = self._watched[upstream]
        now = self._loop.time()
        upstream.judge()
        if upstream.state == State.WELL or (not upstream.up and now - upstream.wanted >= _UNWANTED):
            self._end(upstream)
            return
        for sent in [sent for sent in watch.open if now - sent >= _LISTEN]:
            watch.open.pop(sent).close()
        query = wire.build(PROBE, self._random_id(), do=False, cd=False)
        watch.open[now] = upstream.transports[0].send(query, partial(self._deliver, upstream, watch, now))
        pause = _DOUBT
        if not upstream.up:
            pause, watch.pause = watch.pause, min(2 * watch.pause, _MAX_PAUSE)
        watch.timer = self._loop.call_later(pause, self._look, upstream)

    def _deliver(self, upstream: Upstream, watch: _Watch, began: float, result: bytes | UpstreamError) -> None:
        watch.open.pop(began, None)
        try:
            if isinstance(result, UpstreamError):
                raise result
            useful = wire.parse(result, PROBE).rcode in _USEFUL
        except WireError as error:
            upstream.failing(UpstreamUnreachable(f"a malformed answer: {error}"), began)
            return
        except UpstreamUnreachable as error:
            upstream.failing(error, began)
            return
        except UpstreamError:  # a want of our own
            return
        if useful:
            upstream.succeeded(self._loop.time() - began, measured=False)
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
        for sent in watch.open.values():
            sent.close()

    def close(self) -> None:
        """Watch nothing any more."""
        for upstream in list(self._watched):
            self._end(upstream)
