"""Diagnoses, which are jobs: who is asked for a name, and what came of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable

from msgspec import Raw

from resolver.admin import checks, diagnosed
from resolver.admin.diagnosebodies import Diagnosing, Diagnosis
from resolver.admin.jobbodies import Job
from resolver.admin.jobs import LONGEST_WAIT, Jobs, Report
from resolver.admin.parts import Parts
from resolver.admin.whybodies import Why
from resolver.admin.whys import Whys
from resolver.config import providers, upstreams
from resolver.config.leaves import is_address, shown
from resolver.config.schema import Config
from resolver.config.values import Endpoint, SubtreeName, Upstream
from resolver.errors import ApiError, TextError
from resolver.model import Client, Tier
from resolver.policy.clients import DEFAULT
from resolver.policy.document import Document
from resolver.probes.examining import Plan, examine
from resolver.wire.name import suffixes

KIND = "diagnose"

AT_ONCE = 4
"""Diagnoses under way."""


class Diagnoses:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], whys: Whys, jobs: Jobs) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        self._whys = whys
        self._jobs = jobs

    async def begin(self, asked: Diagnosing) -> Job[Raw]:
        """Begin a diagnosis, whose result is a Diagnosis; that takes some 12 seconds at most. ApiError 409 "consent"
        when a resolver that is not configured would learn the name."""
        bundle = self._parts.publisher.bundle
        if bundle is None:
            raise ApiError(503, "not-ready", "no policy is in force yet: try again in a second")
        name = checks.domain_name(asked.name)
        why = await self._whys.why(name, asked.client)  # tells who is meant before anybody is asked
        plan = self._plan(why, tuple(self._also(asked, name)), bundle.document)
        if self._jobs.running(KIND) >= AT_ONCE:
            raise ApiError(429, "busy", f"{AT_ONCE} diagnoses are under way already: wait for one to end")

        async def work(report: Report) -> Diagnosis:
            found = await examine(plan, self._parts.clock, _Steps(report).tell)
            after = await self._whys.why(name, asked.client)  # once more: by now the aliases are known
            client = bundle.identify(after.client) if after.client else Client("", after.group, device=after.device)
            known = diagnosed.facts(after, found, client, bundle.identify(plan.own.host))
            return Diagnosis(name, why.device or why.client, why.group, diagnosed.result(known))

        return self._jobs.begin(KIND, f"diagnose {name}", work)

    async def whole(self, asked: Diagnosing) -> Raw:
        """A diagnosis from beginning to end."""
        job = await self.begin(asked)
        while job.state == "running":
            job = await self._jobs.one(job.id, lambda _: True, LONGEST_WAIT)
        if job.error is not None or job.result is None:
            raise ApiError(503, "failed", "the diagnosis ended early" if job.error is None else job.error.message)
        return job.result

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


class _Steps:
    """What is being done, told as what a job says."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._steps: dict[str, str | None] = {}

    def tell(self, what: str, outcome: str | None) -> None:
        """Something begins, or (with its outcome) ends."""
        self._steps[what] = outcome
        over = sum(one is not None for one in self._steps.values())
        self._report.progress(100 * over / len(self._steps))
        self._report.say(f"{what} …" if outcome is None else f"{what}: {outcome}")


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
