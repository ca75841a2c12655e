"""/metrics, in the text format of Prometheus. No name that was asked for and no client is ever a label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from resolver.admin import bodies
from resolver.admin.handling import service
from resolver.lists.bodies import ListState
from resolver.model import UpstreamHealth
from resolver.paths import METRICS


class Snapshot(msgspec.Struct, frozen=True):
    """What the metrics are made of. `counted` is every query ever counted, by verdict and origin."""

    status: bodies.Status
    lists: list[ListState]
    counted: Mapping[tuple[str, str], int]


class SnapshotCollector(Collector):
    """One reading of the service."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        yield from _general(self._snapshot)
        yield from _workers(self._snapshot.status.workers)
        yield from _upstreams(self._snapshot.status.upstreams)
        yield from _lists(self._snapshot.lists)
        yield from _store(self._snapshot.status.store)


def _general(snapshot: Snapshot) -> Iterator[Metric]:
    status = snapshot.status
    yield _queries(snapshot.counted)
    yield _gauge("up", "Whether DNS is well", status.well)
    yield InfoMetricFamily(METRICS + "build", "The version that runs", {"version": status.version})
    yield _gauge("start_time_seconds", "Unix time of control's start", status.started)
    generation = status.bundle.generation
    yield _gauge("bundle_generation", "The policy in force", float(generation) if generation.isdecimal() else 0.0)
    yield _gauge("bundle_names", "Names of all lists in it", status.bundle.names)
    yield _gauge("pauses", "Pauses in force", len(status.pauses))
    yield _gauge("troubles", "Things that need attention", len(status.troubles))


def _queries(counted: Mapping[tuple[str, str], int]) -> Metric:
    help = "Queries in the totals, by verdict and by what answered"
    family = CounterMetricFamily(METRICS + "queries", help, labels=("verdict", "origin"))
    for key, count in sorted(counted.items()):
        family.add_metric(key, count)
    return family


def _workers(workers: list[bodies.WorkerStatus]) -> Iterator[Metric]:
    by = {str(one.number): one for one in workers}
    yield _counters("worker_answered", "Queries answered since its start", "worker", _each(by, "answered"))
    yield _counters("worker_dropped", "Queries turned away as too many waited", "worker", _each(by, "dropped"))
    yield _gauges("worker_waiting", "Queries under way", "worker", _each(by, "waiting"))
    yield _gauges("worker_cached_rrsets", "RRsets in the cache", "worker", _each(by, "rrsets"))
    yield _gauges("worker_cached_answers", "Finished answers in the cache", "worker", _each(by, "packets"))
    yield _gauges("worker_journal_waiting", "Rows that wait for control", "worker", _each(by, "journal_waiting"))


def _upstreams(upstreams: list[UpstreamHealth]) -> Iterator[Metric]:
    by = {one.url: one for one in upstreams}
    latency = {one.url: one.latency_ms / 1000 for one in upstreams}
    yield _gauges("upstream_up", "Whether it answers", "upstream", _each(by, "up"))
    yield _gauges("upstream_latency_seconds", "How long an answer takes, smoothed", "upstream", latency)
    yield _counters("upstream_asked", "Questions asked", "upstream", _each(by, "asked"))
    yield _counters("upstream_failed", "Questions without a usable answer", "upstream", _each(by, "failed"))


def _lists(lists: list[ListState]) -> Iterator[Metric]:
    by = {one.id: one for one in lists}
    failing = {one.id: float(bool(one.error)) for one in lists}
    yield _gauges("list_rules", "Rules in use", "list", _each(by, "rules"))
    yield _gauges("list_skipped_lines", "Lines that gave no rule", "list", _each(by, "skipped"))
    refused = {one.id: float(one.refused is not None) for one in lists}
    yield _gauges("list_refused", "Whether a new version was refused", "list", refused)
    yield _gauges("list_failing", "Whether the last check failed", "list", failing)
    yield _gauges(
        "list_fetched_time_seconds", "Unix time at which a version was last received", "list", _each(by, "fetched")
    )


def _store(store: bodies.StoreStatus) -> Iterator[Metric]:
    yield _gauge("store_up", "Whether the database can be used", store.state == "ok")
    yield _counter("journal_rows", "Rows written to the log since control's start", store.rows_written)
    yield _counter("journal_dropped", "Rows given up since control's start", store.rows_dropped)
    yield _gauge("journal_waiting", "Rows that wait to be written", store.rows_waiting)


def _each(things: Mapping[str, object], field: str) -> dict[str, float]:
    return {key: float(getattr(thing, field)) for key, thing in things.items()}


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(METRICS + name, help, value=float(value))


def _counter(name: str, help: str, value: float) -> Metric:
    return CounterMetricFamily(METRICS + name, help, value=float(value))


def _gauges(name: str, help: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(METRICS + name, help, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family


def _counters(name: str, help: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(METRICS + name, help, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family


async def metrics(request: web.Request) -> web.Response:
    asked = service(request)
    counted = await asked.counted()
    registry = CollectorRegistry()
    registry.register(SnapshotCollector(Snapshot(asked.status(), asked.listing.states(), counted)))
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


ROUTES = (web.get("/metrics", metrics),)
