"""Everything that /metrics tells, from one reading of the service. Base units, as Prometheus wants them.

Labels have bounded sets of values: what the config names (lists, upstreams as `labels` has them), workers, and words of
Lull's own. No name that was asked for, no client and no device is ever one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
from prometheus_client.core import InfoMetricFamily, Metric

from resolver.admin import bodies
from resolver.admin.families import counter, counters, gauge, gauges, histogram, states, summary
from resolver.admin.labels import upstream_labels
from resolver.admin.processes import Usage
from resolver.admin.tallied import LIMITS, Tallied
from resolver.journal.frames import Health
from resolver.lists.bodies import ListState
from resolver.model import UpstreamHealth
from resolver.paths import METRICS
from resolver.store.writer import Counts

_STORE = ("ok", "locked", "full", "readonly", "corrupt", "hung", "failed")
_JOBS = ("running", "done", "failed")
_SLOW = "; equal ones of one second count with the longest of them"


class Snapshot(msgspec.Struct, frozen=True):
    """What the metrics are made of. `workers` are by number; `made` is when the policy in force was made (Unix time);
    `devices` are all that are known and those with a name; `jobs` are by state, `requests` of the admin by the first
    digit of their status, and `under_way` now."""

    status: bodies.Status
    wanted: int
    workers: Mapping[str, Health]
    lists: list[ListState]
    tallied: Tallied
    writer: Counts
    made: float
    devices: tuple[int, int]
    jobs: Mapping[str, int]
    requests: Mapping[str, int]
    under_way: int
    processes: Mapping[str, Usage]


def measures(of: Snapshot) -> Iterator[Metric]:
    """Every family."""
    yield from _general(of)
    yield from _queries(of.tallied)
    yield from _workers(of)
    yield from _caches(of.workers)
    yield from _upstreams(of.status.upstreams)
    yield from _lists(of.lists)
    yield from _store(of)
    yield from _processes(of.processes)
    yield from _admin(of)


def _general(of: Snapshot) -> Iterator[Metric]:
    status = of.status
    trouble = bool(status.bundle.trouble)
    yield gauge("up", "Whether DNS is well", status.well)
    yield InfoMetricFamily(METRICS + "build", "The version that runs", {"version": status.version})
    yield gauge("start_time_seconds", "Unix time of control's start", status.started)
    yield gauge("bundle_generation", "The policy in force", _number(status.bundle.generation))
    yield gauge("bundle_created_timestamp_seconds", "Unix time at which the policy in force was made", of.made)
    yield gauge("bundle_failing", "Whether the last change of the policy is not in force everywhere", trouble)
    yield gauge("bundle_names", "Names of all lists in the policy in force", status.bundle.names)
    yield gauge("pauses", "Pauses in force", len(status.pauses))
    yield gauge("troubles", "Things that need attention", len(status.troubles))
    yield gauge("devices", "Devices that were seen or named", of.devices[0])
    yield gauge("devices_named", "Devices that have a name", of.devices[1])


def _queries(tallied: Tallied) -> Iterator[Metric]:
    def by(word: str, name: str, help: str, values: Mapping[str, int]) -> Metric:
        return counters(name, f"Queries in the log, by {help}", (word,), _keyed(dict(sorted(values.items()))))

    by_kind = sorted(tallied.queries.items())
    yield counters("queries", "Queries, by verdict and by what answered", ("verdict", "origin"), by_kind)
    yield by("type", "questions", "the record type asked for", tallied.types)
    yield by("rcode", "responses", "the response code", tallied.rcodes)
    yield by("source", "blocked", "the list, or other place of the rule, that blocked them", tallied.blocked)
    spent = {origin: (one.buckets, one.seconds) for origin, one in sorted(tallied.latency.items())}
    yield histogram("response_seconds", "How long answers of queries in the log took" + _SLOW, "origin", LIMITS, spent)


def _workers(of: Snapshot) -> Iterator[Metric]:
    def each(value: Callable[[Health], float]) -> dict[str, float]:
        return {number: value(health) for number, health in of.workers.items()}

    yield gauge("workers", "Workers that are connected", len(of.status.workers))
    yield gauge("workers_configured", "Workers that there should be", of.wanted)
    answered, unsent = _keyed(each(lambda one: one.answered)), _keyed(each(lambda one: one.refused_busy))
    yield counters("worker_answered", "Queries answered since the worker's start", ("worker",), answered)
    yield counters("worker_unsent", "Answers that could not be sent", ("worker",), unsent)
    yield gauges("worker_requests_in_flight", "Queries under way", "worker", each(lambda one: one.waiting))
    waiting = each(lambda one: one.journal_waiting)
    yield gauges("worker_journal_waiting_rows", "Rows of the log that wait for control", "worker", waiting)
    generations = each(lambda one: _number(one.generation))
    yield gauges("worker_bundle_generation", "The policy that the worker answers by", "worker", generations)


def _caches(workers: Mapping[str, Health]) -> Iterator[Metric]:
    found = [((number, "answers"), health.answers) for number, health in workers.items()]
    found += [((number, "rrsets"), health.truth) for number, health in workers.items()]
    labels = ("worker", "cache")
    for name, help in (
        ("hits", "How often what was asked for was in the cache"),
        ("misses", "How often it was not"),
        ("stale", "How often it was given though too old"),
        ("evictions", "Entries that went for want of room"),
    ):
        yield counters(f"cache_{name}", help, labels, [(key, getattr(cache, name)) for key, cache in found])
    entries: dict[tuple[str, ...], float] = {key: float(cache.entries) for key, cache in found}
    yield gauges("cache_entries", "Entries in the cache", labels, entries)
    taken: dict[tuple[str, ...], float] = {key: float(cache.bytes) for key, cache in found}
    yield gauges("cache_bytes", "About how many bytes the cache takes", labels, taken)


def _upstreams(upstreams: Sequence[UpstreamHealth]) -> Iterator[Metric]:
    labels = upstream_labels(one.url for one in upstreams)
    by = {labels[one.url]: one for one in upstreams}

    def each(field: str) -> dict[str, float]:
        return {label: float(getattr(one, field)) for label, one in by.items()}

    yield gauges("upstream_up", "Whether the upstream answers", "upstream", each("up"))
    yield gauges("upstream_doubtful", "Whether it is being found out if it answers", "upstream", each("doubtful"))
    yield gauges("upstream_loss_ratio", "Share of the last questions without an answer", "upstream", each("loss"))
    yield counters("upstream_asked", "Questions asked", ("upstream",), _keyed(each("asked")))
    yield counters("upstream_failed", "Questions without a usable answer", ("upstream",), _keyed(each("failed")))
    spent = {
        label: (one.answers, one.spent, {"0.5": one.p50_ms / 1000, "0.95": one.p95_ms / 1000})
        for label, one in by.items()
    }
    yield summary("upstream_response_seconds", "How long the upstream's answers took", "upstream", spent)


def _lists(lists: Sequence[ListState]) -> Iterator[Metric]:
    def each(value: Callable[[ListState], float]) -> dict[str, float]:
        return {one.id: value(one) for one in lists}

    def when(word: str, what: str, field: str) -> Metric:
        times = each(lambda one: float(getattr(one, field)))
        return gauges(f"list_{word}_timestamp_seconds", f"Unix time at which {what}; 0 for never", "list", times)

    yield gauges("list_rules", "Rules in use", "list", each(lambda one: one.rules))
    yield gauges("list_skipped_lines", "Lines that gave no rule", "list", each(lambda one: one.skipped))
    refused = each(lambda one: one.refused is not None)
    yield gauges("list_refused", "Whether a new version was refused", "list", refused)
    yield gauges("list_failing", "Whether the last check failed", "list", each(lambda one: bool(one.error)))
    yield when("fetched", "a version was last received", "fetched")
    yield when("checked", "it was last looked for", "checked")
    yield when("changed", "another version last came into force", "changed")


def _store(of: Snapshot) -> Iterator[Metric]:
    state, counts = of.status.store.state, of.writer
    yield gauge("store_up", "Whether the database can be used", state == "ok")
    yield states("store_state", "How the database is", "state", _STORE, state if state in _STORE else "failed")
    yield counter("journal_rows_written", "Rows written to the log", counts.rows_written)
    yield gauge("journal_waiting_rows", "Rows that wait to be written", counts.rows_waiting)
    dropped = {"worker": of.tallied.dropped, "control": counts.queries_dropped}
    help = "Queries whose rows were given up, by who had too many of them"
    yield counters("journal_dropped_queries", help, ("where",), _keyed(dropped))


def _processes(processes: Mapping[str, Usage]) -> Iterator[Metric]:
    def each(value: Callable[[Usage], float | None]) -> dict[str, float]:
        found = ((name, value(one)) for name, one in processes.items())
        return {name: number for name, number in found if number is not None}

    cpu = _keyed(each(lambda one: one.cpu))
    yield counters("process_cpu_seconds", "Time of CPU that the process took", ("process",), cpu)
    memory = each(lambda one: one.memory)
    yield gauges("process_resident_memory_bytes", "Memory that the process has", "process", memory)
    yield gauges("process_open_fds", "Files and sockets that it holds open", "process", each(lambda one: one.files))
    most = each(lambda one: one.most_files)
    yield gauges("process_max_fds", "How many of them it may hold open", "process", most)


def _admin(of: Snapshot) -> Iterator[Metric]:
    yield gauge("admin_requests_in_flight", "Requests of the admin that are under way", of.under_way)
    help = "Requests that the admin answered, by the first digit of the status"
    yield counters("admin_requests", help, ("code",), _keyed(of.requests))
    yield gauges("jobs", "Jobs that are known", "state", {word: float(of.jobs.get(word, 0)) for word in _JOBS})


def _number(generation: str) -> float:
    return float(generation) if generation.isdecimal() else 0.0


def _keyed(values: Mapping[str, float]) -> list[tuple[tuple[str], float]]:
    return [((key,), value) for key, value in values.items()]
