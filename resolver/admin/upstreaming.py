"""The upstreams as people handle them: how they are, how they were, and testing one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Raw

from resolver.admin.changing import Changing
from resolver.admin.jobbodies import Job
from resolver.admin.jobs import Jobs, Report
from resolver.admin.parts import Parts
from resolver.admin.upstreambodies import Unanswered, UpstreamHour, UpstreamInfo, Upstreams, UpstreamTested
from resolver.config.leaves import shown
from resolver.config.providers import Provider
from resolver.config.schema import Config
from resolver.config.values import Upstream
from resolver.errors import ApiError
from resolver.model import UpstreamHealth
from resolver.probes.testing import test
from resolver.store.counting import HOUR
from resolver.store.upstreamhours import AnsweredHour

KIND = "test-upstream"

AT_ONCE = 4
"""Tests under way."""

_ROOT = "."


class Upstreaming:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(
        self,
        parts: Parts,
        config: Callable[[], Config],
        changing: Changing,
        jobs: Jobs,
        known: Callable[[], Sequence[UpstreamHealth]],
    ) -> None:
        """`config` gives the config in force, `known` what workers know of upstreams."""
        self._parts = parts
        self._config = config
        self._changing = changing
        self._jobs = jobs
        self._known = known

    @property
    def providers(self) -> Mapping[str, Provider]:
        """The upstreams that can be named in one word."""
        return self._parts.catalogue.offered.providers

    async def every(self, hours: int) -> Upstreams:
        """How the upstreams are, and how they were in so many hours, the one that goes on included."""
        since = self._parts.clock.time() // HOUR * HOUR - (hours - 1) * HOUR
        self._parts.writer.hasten()
        try:
            found = await self._changing.store(lambda: self._parts.queries.upstream_hours(since))
        except ApiError as error:
            return Upstreams(since, [_info(one, []) for one in self._known()], unknown=str(error))
        unanswered = [Unanswered(one.at, one.count) for one in found if not one.upstream]
        return Upstreams(since, [_info(one, found) for one in self._known()], unanswered)

    def changing(self) -> bool:
        """Whether workers do not know all upstreams of the config yet: they tell what they ask once a second."""
        known = {one.url for one in self._known()}
        return bool(known) and any(one.url not in known for one in self._config().upstreams)

    def testing(self, url: str) -> Job[Raw]:
        """Begin to ask one of the upstreams of the config, whose result is an UpstreamTested; that takes three seconds
        at most. Only these: nobody may have others asked from here."""
        upstream, zone = _named(self._config(), url)
        if self._jobs.running(KIND) >= AT_ONCE:
            raise ApiError(429, "busy", f"{AT_ONCE} tests are under way already: wait for one to end")
        bundle = self._parts.publisher.bundle
        document = None if bundle is None else bundle.document

        async def work(_: Report) -> UpstreamTested:
            bootstrap, hosts = (document.bootstrap, document.hosts) if document else ((), {})
            found = await test(upstream, zone, self._parts.clock, bootstrap, hosts)
            return UpstreamTested(url, not found.reason, found.first_ms, found.ms, found.reason)

        return self._jobs.begin(KIND, f"test {url}", work, alone=True)


def _info(one: UpstreamHealth, hours: Sequence[AnsweredHour]) -> UpstreamInfo:
    fields = {name: getattr(one, name) for name in UpstreamHealth.__struct_fields__}
    mine = [UpstreamHour(of.at, of.count, of.failed, of.p50, of.p95) for of in hours if of.upstream == one.url]
    return UpstreamInfo(**fields, hours=mine)


def _named(config: Config, url: str) -> tuple[Upstream, str]:
    """The upstream of the config with this URL, and the name that it must know of."""
    for upstream, zone in _every(config):
        if upstream.url == url:
            return upstream, zone
    raise ApiError(404, "not-found", f"{shown(url[:512])} is none of the upstreams in use", "url")


def _every(config: Config) -> Iterator[tuple[Upstream, str]]:
    for common in (*config.upstreams, *config.fallback):
        yield common, _ROOT
    for group in config.groups.values():
        for own in group.upstreams:
            yield own, _ROOT
    for zone, upstreams in config.forward.items():
        for one in upstreams:
            yield one, zone
