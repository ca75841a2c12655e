"""Where upstreams that are given by name were found: remembered, so that a restart needs nobody to tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from resolver.config import choosing
from resolver.config.schema import Config
from resolver.journal.hub import Worker

Hosts = Mapping[str, tuple[str, ...]]


def remembered(config: Config, before: Hosts, workers: Iterable[Worker]) -> dict[str, tuple[str, ...]]:
    """The addresses of every name that the config has, as workers found them, or as they were `before`."""
    names = {one.host for _, upstreams in choosing.places(config) for one in upstreams if not one.addressed}
    found = dict(before) | _found(workers)
    return {name: found[name] for name in sorted(names & found.keys())}


def moved(config: Config, before: Hosts, workers: Iterable[Worker]) -> bool:
    """Whether that is worth to be written down: a name is new, or none of its addresses is as it was."""
    now = remembered(config, before, workers)
    return any(not set(addresses) & set(before.get(name, ())) for name, addresses in now.items())


def _found(workers: Iterable[Worker]) -> dict[str, tuple[str, ...]]:
    healths = [worker.health for worker in workers if worker.health is not None]
    return {name: addresses for health in healths for name, addresses in health.hosts.items()}
