"""What a config says of whom to ask for what: checked, and with the words for upstreams replaced by what they mean."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from resolver.config import providers
from resolver.config.known import Known
from resolver.config.leaves import shown
from resolver.config.nodes import joined
from resolver.config.repeated import twice
from resolver.config.report import Report
from resolver.config.schema import Config
from resolver.config.values import Endpoint, Upstream


def places(config: Config) -> Iterator[tuple[str, tuple[Upstream, ...]]]:
    """Every list of upstreams of a config, and its path."""
    yield "upstreams", config.upstreams
    yield "fallback", config.fallback
    for zone, upstreams in config.forward.items():
        yield joined("forward", zone), upstreams
    for name, group in config.groups.items():
        yield joined("groups", name) + ".upstreams", group.upstreams


def check(config: Config, known: Known, report: Report) -> None:
    """Reports every mistake."""
    for at, upstreams in places(config):
        paths = report.paths(at, len(upstreams))
        given = list(zip(paths, upstreams, strict=True))
        for path, one in given:
            _one(path, one, config, known, report)
        twice(
            [(path, (one.transport, one.host, one.port, one.name, one.path), shown(one.url)) for path, one in given],
            report,
        )
        if upstreams and not report.incomplete(at) and not providers.meant(upstreams, *_context(config, known)):
            _nobody(at, upstreams, known, report)


def _one(path: str, one: Upstream, config: Config, known: Known, report: Report) -> None:
    if one.transport == "named":
        if problem := providers.wrong(one, known.offered.providers):
            report.add(path, problem)
        return
    for endpoint in config.dns.listen:
        if _loops(one, endpoint):
            report.add(path, f'{shown(one.url)} is Lull itself (dns.listen "{endpoint}"): name another resolver')
    if not (one.addressed or one.bootstrap or config.bootstrap or report.lost("bootstrap")):
        advice = "add ?bootstrap=ADDRESS to it, or servers to bootstrap"
        report.add(path, f"nobody can be asked for the address of {one.host}: {advice}")


def _nobody(at: str, upstreams: Sequence[Upstream], known: Known, report: Report) -> None:
    """Words that mean nobody: of those that are right, only `system` can."""
    if not any(providers.wrong(one, known.offered.providers) for one in upstreams):
        advice = "name a provider or a resolver beside it"
        report.add(at, f"this machine asks nobody but Lull ({providers.RESOLV_CONF}); {advice}")


def _loops(upstream: Upstream, endpoint: Endpoint) -> bool:
    """Whether queries to the upstream would come back to the endpoint."""
    if not upstream.addressed:
        return False
    to, at = ipaddress.ip_address(upstream.host), ipaddress.ip_address(endpoint.host)
    everywhere = at.is_unspecified and to.is_loopback and to.version == at.version
    return upstream.port == endpoint.port and (to == at or everywhere)


def _context(config: Config, known: Known) -> tuple[dict[str, providers.Provider], Sequence[Endpoint]]:
    return dict(known.offered.providers), config.dns.listen


def expand(config: Config, known: Known) -> Config:
    """The config with upstreams in the place of words for them."""
    context = _context(config, known)
    groups = {
        name: replace(group, upstreams=providers.meant(group.upstreams, *context))
        for name, group in config.groups.items()
    }
    return replace(
        config,
        upstreams=providers.meant(config.upstreams, *context),
        fallback=providers.meant(config.fallback, *context),
        forward={zone: providers.meant(upstreams, *context) for zone, upstreams in config.forward.items()},
        groups=groups,
    )
