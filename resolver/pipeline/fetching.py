"""Asking upstream and keeping what it says: once for all who wait, and also when nobody waits any more.

Here stands what is known of the way to the upstreams: when somebody last answered, and whether it is `dark` (what was
asked a moment ago had no answer, and nothing else had either). Failures are remembered (RFC 9520); those that came of
darkness only until the first answer.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from functools import partial

import msgspec

from resolver.cache.entry import Key
from resolver.cache.failures import Failure, Failures
from resolver.cache.rrsets import RRsetCache, negative_ttl
from resolver.errors import UpstreamError, UpstreamTimeout, UpstreamUnreachable
from resolver.model import Clock, Ede, EdeCode, Question, Rcode
from resolver.pipeline.later import Later
from resolver.pipeline.trust import believed, clamped
from resolver.policy.truth import Trust, Truth
from resolver.process import whereabouts
from resolver.upstream.attempt import Answer
from resolver.upstream.pool import Pool
from resolver.wire.reply import Reply

log = logging.getLogger(__name__)

MOST_EDE = 4  # extended errors of an upstream that are passed on
_HIGHEST = 15  # of the RCODEs that fit the header (RFC 1035 section 4.1.1)
_TRY = 1.0  # seconds between questions that are asked in the dark although they are known to fail
_USABLE = frozenset({int(Rcode.NOERROR), int(Rcode.NXDOMAIN)})


class Fetched(msgspec.Struct, frozen=True):
    """What an upstream said, believed (`ad`) and kept for so many seconds as far as it is kept."""

    reply: Reply
    upstream: str
    lifetime: int
    ad: bool


class Failed(msgspec.Struct, frozen=True):
    """No usable answer, and why."""

    rcode: int
    ede: tuple[Ede, ...]
    upstream: str = ""


Outcome = Fetched | Failed
_Asking = tuple[Key, bytes]


class Fetching:
    """One for all stages. `pool` gives the upstreams and `truth` the policy in force; `asked` counts questions."""

    def __init__(
        self,
        rrsets: RRsetCache,
        pool: Callable[[], Pool],
        truth: Callable[[], Truth],
        clock: Clock,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.failures = Failures(clock)
        self.dark = False
        self.asked = 0
        self._rrsets = rrsets
        self._pool = pool
        self._truth = truth
        self._clock = clock
        self._loop = loop
        self._heard = self._tried = -math.inf
        self._open: dict[_Asking, Later[Outcome]] = {}

    def fetch(self, question: Question, *, do: bool, cd: bool, subnet: bytes = b"") -> Later[Outcome]:
        """What comes of asking; those who ask the same at the same time are told the same. It does not fail.
        Nobody need wait: what comes is kept all the same. `subnet` is what the upstream is told of the client
        (`wire.subnet`)."""
        asking = ((question.name, question.type, do, cd), subnet)
        return self._open.get(asking) or self._ask(asking, question)

    def _ask(self, asking: _Asking, question: Question) -> Later[Outcome]:
        waiting = self._open[asking] = Later()
        self.asked += 1
        (name, type, do, cd), subnet = asking
        pool = self._pool()
        tell = partial(self._came, asking, waiting, pool, self._clock.monotonic())
        try:
            pool.inquire(Question(name, type, subnet) if subnet else question, tell, do=do, cd=cd)
        except Exception as error:  # noqa: BLE001 - `_came` logs it, and tells those who wait
            self._loop.call_soon(tell, error)
        return waiting

    def failing(self, question: Question, *, do: bool, cd: bool) -> Failure | None:
        """The failure of a question that is not to be asked again yet."""
        return self.failures.get((question.name, question.type, do, cd)) if self.failures else None

    def probe(self, question: Question, *, do: bool, cd: bool) -> None:
        """Ask, once a second, something that is believed to have no answer, to see whether that is still so."""
        now = self._clock.monotonic()
        if now >= self._tried + _TRY:
            self._tried = now
            self.fetch(question, do=do, cd=cd)

    def silent(self, began: float) -> None:
        """What was asked then has had no answer, and it should have had one."""
        self.dark = self.dark or self._heard < began

    def forget(self) -> None:
        """Forget failures, and ask anew even what is being asked: the upstreams are others."""
        self.failures.clear()
        self._open = {}
        self.dark = False

    def _came(
        self, asking: _Asking, waiting: Later[Outcome], pool: Pool, began: float, result: Answer | Exception
    ) -> None:
        current = self._open.get(asking) is waiting
        if current:
            del self._open[asking]
        try:
            outcome = self._outcome(asking[0], pool, began, result, current=current)
        except Exception as error:  # noqa: BLE001 - nobody shall wait for it in vain
            log.error("internal error about an answer from upstream: %s", whereabouts(error))
            outcome = Failed(Rcode.SERVFAIL, (Ede(EdeCode.OTHER, "internal error"),))
        waiting.settle(outcome)

    def _outcome(self, key: Key, pool: Pool, began: float, result: Answer | Exception, *, current: bool) -> Outcome:
        """What came of a question; it is kept if it is `current`."""
        if isinstance(result, UpstreamError):
            return self._fail(key, result, began, keep=current)
        if isinstance(result, Exception):
            raise result
        self._heard = self._clock.monotonic()
        self.dark = False
        self.failures.reachable()
        # Whose certificates nobody can date is not believed more than others.
        trust: Trust = "none" if pool.untimely else self._truth().trust
        return self._read(key, result, trust, keep=current and pool is self._pool())

    def _read(self, key: Key, answer: Answer, trust: Trust, *, keep: bool) -> Outcome:
        reply = answer.reply
        if reply.rcode not in _USABLE:
            # An extended RCODE speaks of our EDNS with the upstream, not of the client's (RFC 6891 section 6.1.3).
            rcode = reply.rcode if reply.rcode <= _HIGHEST else Rcode.SERVFAIL
            failed = Failed(rcode, reply.ede[:MOST_EDE], answer.upstream)
            if keep:
                self.failures.put(key, failed.rcode, failed.ede, reach=False)
            return failed
        name, type, do, cd = key
        ad = reply.ad and believed(answer.upstream, trust)
        reply = clamped(reply, self._truth())
        lifetime = 0
        if keep and reply.scope:  # which is for some clients only: for their finished answers alone
            lifetime = _lifetime(reply)
        elif keep:
            if self.failures:
                self.failures.forget(key)
            lifetime = self._rrsets.put(Question(name, type), reply, do=do, cd=cd, ad=ad)
        return Fetched(reply, answer.upstream, lifetime, ad)

    def _fail(self, key: Key, error: UpstreamError, began: float, *, keep: bool) -> Failed:
        known = isinstance(error, UpstreamTimeout | UpstreamUnreachable)  # anything else is a want of our own
        code = EdeCode.NETWORK_ERROR if isinstance(error, UpstreamUnreachable) else EdeCode.NO_REACHABLE_AUTHORITY
        failed = Failed(Rcode.SERVFAIL, (Ede(code, str(error)),))
        if known and keep:
            self.silent(began)
            self.failures.put(key, failed.rcode, failed.ede, reach=self._heard < began)
        return failed


def _lifetime(reply: Reply) -> int:
    """For how many seconds a reply that is not kept may be given again."""
    ttl = min([rrset.ttl for rrset in (*reply.answer, *reply.authority)], default=0)
    return ttl if reply.positive else min(ttl, negative_ttl(reply))
