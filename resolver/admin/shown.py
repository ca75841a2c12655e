"""From what the rooms below know to the bodies that people see."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from resolver.admin import bodies
from resolver.config import schema
from resolver.journal.hub import Worker
from resolver.model import Allow, Block, Pass, Rewrite, Tier, UpstreamHealth, Verdict
from resolver.paths import PRODUCT
from resolver.policy.decide import Explanation
from resolver.store.queries import LogPage, LogRow, Queries, Top
from resolver.store.rules import Rule
from resolver.wire.zone import rcode_text, type_text

if TYPE_CHECKING:
    from resolver.admin.service import Parts

_TOP = 10


def status(
    parts: Parts, started: float, version: str, config_trouble: str, pauses: list[bodies.PauseInfo]
) -> bodies.Status:
    """The whole state of the daemon in one body."""
    workers = sorted(parts.hub.workers, key=lambda worker: worker.number)
    upstreams = _upstreams(workers)
    well, sentence = _sentence(workers, upstreams)
    store = _store(parts)
    failing = [state for state in parts.lists.states() if state.error]
    worker_troubles = [f"worker {w.number}: {w.health.trouble}" for w in workers if w.health and w.health.trouble]
    troubles = [
        *([] if well else [sentence]),
        *([f"database: {store.detail or store.state}"] if store.state != "ok" else []),
        *([parts.hub.trouble] if parts.hub.trouble else []),
        *([parts.publisher.trouble] if parts.publisher.trouble else []),
        *([config_trouble] if config_trouble else []),
        *worker_troubles,
        *([f"lists: {parts.lists.error}"] if parts.lists.error else []),
        *(f"list {state.id}: {state.error}" for state in failing),
    ]
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
        lists_failing=[state.id for state in failing],
        pauses=pauses,
        troubles=troubles,
    )


def _sentence(workers: list[Worker], upstreams: list[UpstreamHealth]) -> tuple[bool, str]:
    """Whether DNS is well, in one line."""
    if not workers:
        return False, "No worker is connected: nothing is known of queries right now."
    down = [upstream for upstream in upstreams if not upstream.up]
    if upstreams and len(down) == len(upstreams):
        since = clock_time(max(upstream.since for upstream in down))
        return False, f"No upstream answers since {since}: {down[0].url}: {down[0].reason}."
    if down:
        return True, f"DNS is well; {down[0].url} does not answer ({down[0].reason}), the others do."
    return True, "DNS is well."


def clock_time(at: float) -> str:
    """Unix time as people here read it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _upstreams(workers: list[Worker]) -> list[UpstreamHealth]:
    """Each upstream once, over all workers: up if any of them gets answers, counts added."""
    merged: dict[str, UpstreamHealth] = {}
    for worker in workers:
        for one in worker.health.upstreams if worker.health else ():
            other = merged.get(one.url)
            if other is not None:
                best = one if one.up and not other.up else other
                one = UpstreamHealth(  # noqa: PLW2901 - the sum takes its place
                    one.url,
                    one.up or other.up,
                    best.since,
                    best.latency_ms,
                    one.asked + other.asked,
                    one.failed + other.failed,
                    best.reason,
                )
            merged[one.url] = one
    return list(merged.values())


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
        counts.rows_dropped + counts.dropped_before,
        incidents,
    )


def no_policy(parts: Parts) -> str:
    """Why control has nothing to give to the workers."""
    return f"Control has no policy: {parts.publisher.trouble or parts.lists.error or 'it is still being made'}."


def stats(queries: Queries, since: float) -> bodies.Stats:
    counts = queries.totals(since)
    return bodies.Stats(
        since,
        counts.queries,
        counts.verdicts,
        counts.origins,
        [bodies.Hour(hour.at, hour.verdicts) for hour in counts.hours],
        _counts(queries.top("blocked", since, _TOP)),
        _counts(queries.top("names", since, _TOP)),
        _counts(queries.top("clients", since, _TOP)),
    )


def _counts(tops: list[Top]) -> list[bodies.Count]:
    return [bodies.Count(top.value, top.count) for top in tops]


def log_page(page: LogPage) -> bodies.LogPage:
    return bodies.LogPage([_entry(row) for row in page.rows], page.next)


def _entry(row: LogRow) -> bodies.LogEntry:
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
    )


def config_rule(rule: schema.OwnRule) -> bodies.RuleInfo:
    return bodies.RuleInfo(None, rule.action, rule.name, "", "", None, "", None, "config")


def stored_rule(rule: Rule) -> bodies.RuleInfo:
    return bodies.RuleInfo(
        rule.id, rule.action, rule.name, rule.client, rule.group, rule.until, rule.comment, rule.created, rule.origin
    )


def why(found: Explanation, name: str, type: int) -> bodies.Why:
    """An explanation as people read it, with the one command that would change the outcome."""
    word, advice = _word(found.verdict, name)
    rule = None if isinstance(found.verdict, Pass) else found.verdict.rule
    until = None if found.verdict.until == math.inf else found.verdict.until
    return bodies.Why(
        name=name,
        type=type_text(type),
        client=found.client.address,
        group=found.client.group,
        verdict=word,
        tier=Tier.DEFAULT if rule is None else rule.tier,
        decided_by="" if rule is None else str(rule),
        until=until,
        matched=[str(match) for match in found.matched],
        unused=[str(match) for match in found.unused],
        advice=advice,
    )


def _word(verdict: Verdict, name: str) -> tuple[str, str]:
    match verdict:
        case Pass():
            return "pass", f"to block it: {PRODUCT} deny {name}"
        case Allow():
            return "allow", f"to block it: {PRODUCT} deny {name}"
        case Block():
            return "block", f"to allow it: {PRODUCT} allow {name}"
        case Rewrite():
            return "rewrite", "Lull answers this name itself; see `records` in the config"
        case unknown:
            assert_never(unknown)
