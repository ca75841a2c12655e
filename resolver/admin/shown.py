"""From what the rooms below know to the bodies that people see."""

from __future__ import annotations

from datetime import datetime

from resolver.admin import bodies
from resolver.admin.parts import Parts
from resolver.admin.troubles import troubles
from resolver.journal.hub import Worker
from resolver.model import UpstreamHealth
from resolver.network.calling import Calling
from resolver.store.filters import LogPage, LogRow
from resolver.wire.zone import rcode_text, type_text


def status(
    parts: Parts, started: float, version: str, config_trouble: str, pauses: list[bodies.PauseInfo]
) -> bodies.Status:
    """The whole state of the daemon in one body."""
    workers = sorted(parts.hub.workers, key=lambda worker: worker.number)
    upstreams = _upstreams(workers)
    well, sentence = _sentence(workers, upstreams)
    store = _store(parts)
    lists = parts.lists.states()
    bundle = parts.publisher.bundle
    return bodies.Status(
        well=well,
        sentence=sentence,
        version=version,
        started=started,
        workers=[_worker(worker) for worker in workers],
        upstreams=upstreams,
        bundle=bodies.BundleStatus(
            parts.publisher.generation, 0 if bundle is None else len(bundle.names), parts.publisher.trouble
        ),
        store=store,
        lists_failing=[state.id for state in lists if state.error],
        pauses=pauses,
        troubles=[one.text for one in troubles(parts, "" if well else sentence, config_trouble, store)],
        compiling=None if parts.lists.progress is None else round(100 * parts.lists.progress, 1),
    )


def wellness(parts: Parts) -> tuple[bool, float]:
    """Whether DNS is well, and since when that is known to be so (0.0: not known)."""
    workers = list(parts.hub.workers)
    upstreams = _upstreams(workers)
    well, _ = _sentence(workers, upstreams)
    return well, 0.0 if well or not workers else max(upstream.since for upstream in upstreams)


def _sentence(workers: list[Worker], upstreams: list[UpstreamHealth]) -> tuple[bool, str]:
    """Whether DNS is well, in one line."""
    if not workers:
        return False, "No worker is connected: nothing is known of queries right now."
    common = [upstream for upstream in upstreams if upstream.purpose in {"", "fallback"}]
    down = [upstream for upstream in common if not upstream.up]
    if common and len(down) == len(common):
        since = clock_time(max(upstream.since for upstream in down))
        return False, f"No upstream answers since {since}: {down[0].url}: {down[0].reason}."
    down += [upstream for upstream in upstreams if not upstream.up and upstream not in common]
    if down:
        return True, f"DNS is well; {down[0].url} does not answer ({down[0].reason}), the others do."
    return True, "DNS is well."


def clock_time(at: float) -> str:
    """Unix time as people here read it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _upstreams(workers: list[Worker]) -> list[UpstreamHealth]:
    """Each upstream once, over all workers: up if any that has asked it gets answers, counts added.

    A client's queries all go to one worker, so that another may have had no reason to ask and know nothing.
    """
    merged: dict[str, UpstreamHealth] = {}
    known = [one for worker in workers for one in (worker.health.upstreams if worker.health else ())]
    asked = {one.url for one in known if one.asked}
    for one in known:
        if one.asked or one.url not in asked:
            merged[one.url] = _merged(one, merged[one.url]) if one.url in merged else one
    return list(merged.values())


def _merged(one: UpstreamHealth, other: UpstreamHealth) -> UpstreamHealth:
    best = one if one.up and not other.up else other
    return UpstreamHealth(
        one.url,
        best.up,
        best.since,
        best.latency_ms,
        one.asked + other.asked,
        one.failed + other.failed,
        best.reason,
        best.p95_ms,
        best.loss,
        best.purpose,
        best.p50_ms,
        one.answers + other.answers,
        one.spent + other.spent,
        best.doubtful,
        best.at or one.at or other.at,
    )


def _worker(worker: Worker) -> bodies.WorkerStatus:
    health = worker.health
    if health is None:
        return bodies.WorkerStatus(worker.number, worker.pid, worker.generation, 0, 0, 0, 0, 0, 0, 0, worker.error)
    return bodies.WorkerStatus(
        worker.number,
        worker.pid,
        worker.generation,
        health.answered,
        health.waiting,
        health.refused_busy,
        health.rrsets,
        health.packets,
        health.journal_waiting,
        health.journal_dropped,
        health.trouble or worker.error,
    )


def _store(parts: Parts) -> bodies.StoreStatus:
    state, counts = parts.database.state, parts.writer.counts()
    incidents = [f"{clock_time(incident.at)} {incident.what}" for incident in parts.database.incidents]
    return bodies.StoreStatus(
        state.state,
        state.detail,
        state.since,
        counts.rows_written,
        counts.rows_waiting,
        counts.queries_dropped + counts.dropped_before,
        incidents,
        parts.database.place,
    )


def no_policy(parts: Parts) -> str:
    """Why control has nothing to give to the workers."""
    return f"Control has no policy: {parts.publisher.trouble or parts.lists.error or 'it is still being made'}."


def log_page(page: LogPage, calling: Calling) -> bodies.LogPage:
    """Rows of the log with what their devices are called now."""
    devices = {client: calling.of(client) for client in {row.client for row in page.rows}}
    return bodies.LogPage([entry(row, devices[row.client]) for row in page.rows], page.next, page.reached)


def entry(row: LogRow, device: str) -> bodies.LogEntry:
    return bodies.LogEntry(
        row.id,
        row.at,
        row.client,
        row.group,
        row.name,
        type_text(row.type) if row.type else "",
        rcode_text(row.rcode),
        row.origin,
        row.verdict,
        row.source,
        row.rule,
        row.via,
        row.upstream,
        row.count,
        row.took_us,
        row.shadow,
        device,
    )
