"""Diagnoses as jobs: begun, looked at while they run, and kept for a while when they are over."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets
from collections.abc import Callable, Iterable
from typing import NoReturn

from resolver.admin import checks, diagnosed
from resolver.admin.diagnosebodies import Diagnosing, Diagnosis, Result, Step
from resolver.admin.parts import Parts
from resolver.admin.whybodies import Why
from resolver.admin.whys import Whys
from resolver.config import providers, upstreams
from resolver.config.leaves import is_address, shown
from resolver.config.schema import Config
from resolver.config.values import Endpoint, SubtreeName, Upstream
from resolver.errors import ApiError, TextError
from resolver.model import Client, Tier
from resolver.policy.bundle import Bundle
from resolver.policy.clients import DEFAULT
from resolver.policy.document import Document
from resolver.probes.examining import Plan, examine
from resolver.wire.name import suffixes

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Diagnoses under way."""

KEPT = 50
"""Diagnoses that are remembered, those under way included."""

LONGEST_WAIT = 20.0
"""Seconds that somebody may wait for a diagnosis to go on."""


class _Job:
    """A diagnosis and who waits for it."""

    def __init__(self, id: str, why: Why, asked_for: str, began: float) -> None:
        """`asked_for` is the client as it was given."""
        self.id = id
        self.name = why.name
        self.asked_for = asked_for
        self.client, self.group = why.device or why.client, why.group
        self.began = began
        self.steps: dict[str, str | None] = {}
        self.result: Result | None = None
        self.error = ""
        self.news = asyncio.Event()

    @property
    def over(self) -> bool:
        return self.result is not None or bool(self.error)

    def tell(self, what: str, outcome: str | None) -> None:
        self.steps[what] = outcome
        self.changed()

    def changed(self) -> None:
        """Wake all who wait; the next wait for the next change."""
        self.news.set()
        self.news = asyncio.Event()

    def shown(self) -> Diagnosis:
        steps = [Step(what, outcome) for what, outcome in self.steps.items()]
        return Diagnosis(self.id, self.name, self.client, self.group, self.began, steps, self.result, self.error)


class Diagnoses:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], whys: Whys) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        self._whys = whys
        self._jobs: dict[str, _Job] = {}
        self._waiting: asyncio.Queue[tuple[_Job, Plan, Bundle]] = asyncio.Queue()

    async def keep(self) -> NoReturn:
        """Work on what was begun, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(self._work(*await self._waiting.get()))

    async def begin(self, asked: Diagnosing) -> Diagnosis:
        """Begin a diagnosis. ApiError 409 "consent" when a resolver that is not configured would learn the name."""
        bundle = self._parts.publisher.bundle
        if bundle is None:
            raise ApiError(503, "not-ready", "no policy is in force yet: try again in a second")
        name = checks.domain_name(asked.name)
        why = await self._whys.why(name, asked.client)  # tells who is meant before anybody is asked
        also = tuple(self._also(asked, name))
        if sum(not job.over for job in self._jobs.values()) >= AT_ONCE:
            raise ApiError(503, "busy", f"{AT_ONCE} diagnoses are under way already: wait for one to end")
        self._forget()
        job = _Job(secrets.token_hex(8), why, asked.client, self._parts.clock.time())
        self._jobs[job.id] = job
        self._waiting.put_nowait((job, self._plan(why, also, bundle.document), bundle))
        return job.shown()

    async def of(self, id: str, wait: float = 0.0) -> Diagnosis:
        """How a diagnosis stands; when it has gone on, if that is within so many seconds."""
        job = self._jobs.get(id)
        if job is None:
            raise ApiError(404, "not-found", "there is no such diagnosis any more: begin it again", "id")
        if wait > 0 and not job.over:
            await _within(job.news, min(wait, LONGEST_WAIT))
        return job.shown()

    async def whole(self, asked: Diagnosing) -> Diagnosis:
        """A diagnosis from its beginning to its end: that takes some 12 seconds at most."""
        began = await self.begin(asked)
        while not (found := await self.of(began.id, LONGEST_WAIT)).over:
            pass
        return found

    # At work

    async def _work(self, job: _Job, plan: Plan, bundle: Bundle) -> None:
        try:
            job.result = await self._diagnosed(job, plan, bundle)
        except ApiError as error:
            job.error = str(error)
        except Exception as error:
            log.warning("a diagnosis failed", exc_info=True)
            job.error = f"it failed: {error or type(error).__name__}"
        job.changed()

    async def _diagnosed(self, job: _Job, plan: Plan, bundle: Bundle) -> Result:
        found = await examine(plan, self._parts.clock, job.tell)
        why = await self._whys.why(job.name, job.asked_for)  # once more: by now the aliases are known
        client = bundle.identify(why.client) if why.client else Client("", why.group, device=why.device)
        return diagnosed.result(diagnosed.facts(why, found, client, bundle.identify(plan.own.host)))

    # Whom to ask

    def _plan(self, why: Why, also: tuple[Upstream, ...], known: Document) -> Plan:
        """What is only ever answered here is asked of nobody else (PROTOCOL, "Names with a meaning")."""
        config = self._config()
        ours = why.tier == Tier.LOCAL and why.verdict == "rewrite"
        wanted = () if ours else _upstreams(config, why.name, why.group)
        also = () if ours else also
        return Plan(why.name, self._own(), wanted, also, known.bootstrap, known.hosts, config.diagnose.portal)

    def _own(self) -> Upstream:
        """Lull itself, as this machine reaches it."""
        listen = self._config().dns.listen[0]
        address = ipaddress.ip_address(listen.host)
        host = listen.host if not address.is_unspecified else "127.0.0.1" if address.version == 4 else "::1"
        return Upstream(str(Endpoint(host, listen.port)), "udp", host, listen.port)

    def _also(self, asked: Diagnosing, name: str) -> Iterable[Upstream]:
        """Resolvers that the person named; those that are configured are asked anyway."""
        config = self._config()
        known = {(one.transport, one.host, one.port) for one in _every(config)}
        for text in asked.also:
            endpoint = self._resolver(text.strip())
            if (endpoint.transport, endpoint.host, endpoint.port) in known:
                continue
            if not asked.agreed:
                message = f"{endpoint.url} is not configured here: it would learn that somebody asks for {name}"
                raise ApiError(409, "consent", message, "also")
            yield endpoint

    def _resolver(self, text: str) -> Upstream:
        """A resolver by its address, its URL, or the name of a provider, of whose resolvers it is the first."""
        if is_address(text):
            text = f"udp://[{text}]" if ":" in text else f"udp://{text}"
        known = self._parts.catalogue.offered.providers
        try:
            found = upstreams.upstream(text)
        except TextError as error:
            raise ApiError(400, "invalid", str(error), "also") from error
        if found.transport == "named" and (problem := providers.wrong(found, known)):
            raise ApiError(400, "invalid", problem, "also")
        meant = providers.meant((found,), known, self._config().dns.listen)
        if not meant:
            raise ApiError(400, "invalid", f"{shown(text)} is nobody but Lull itself", "also")
        return meant[0]

    def _forget(self) -> None:
        over = [job.id for job in self._jobs.values() if job.over]
        for id in over[: max(0, len(self._jobs) - KEPT + 1)]:
            del self._jobs[id]


async def _within(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return


def _upstreams(config: Config, name: str, group: str) -> tuple[Upstream, ...]:
    """Whom Lull asks for a name: those of its domain, else of the group, else of all; and who stands in for these."""
    for zone in suffixes(name):
        if found := config.forward.get(SubtreeName(zone)):
            return found
    of = config.groups.get(group or DEFAULT)
    wanted = ((of.upstreams if of else ()) or config.upstreams) + config.fallback
    return tuple({one.url: one for one in wanted}.values())


def _every(config: Config) -> Iterable[Upstream]:
    yield from (*config.upstreams, *config.fallback)
    for ones in config.forward.values():
        yield from ones
    for group in config.groups.values():
        yield from group.upstreams
