"""`lull status`: is it the DNS? The answer first, then every part with its numbers."""

from __future__ import annotations

import contextlib
import time
from argparse import Namespace

from resolver.admin.bodies import Status, WorkerStatus
from resolver.commands.api import connect, decode
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import GREEN, RED, YELLOW, as_json, line, table, when, whom
from resolver.commands.token import said, welcome
from resolver.config.leaves import show_duration
from resolver.errors import ApiError
from resolver.model import UpstreamHealth
from resolver.paths import PRODUCT


def run(arguments: Namespace) -> int:
    api = connect(arguments)
    data = api.get("status")
    status = decode(data, Status)
    if arguments.json:
        as_json(data)
    else:
        link = ""
        with contextlib.suppress(ApiError):  # who has a token for looking alone is not told
            link = welcome(api)
        _text(status, link)
    return OK if status.well else FAILED


def _text(status: Status, link: str) -> None:
    since = f" (since {when(status.since)})" if status.since else ""
    line(since, head=status.sentence, colour=GREEN if status.well else RED)
    for trouble in status.troubles:
        if trouble != status.sentence:
            for part in trouble.splitlines():
                line(f" {part}", head="attention:", colour=YELLOW)
    if link:
        line(f" {said(link)}", head="attention:", colour=YELLOW)
    if status.requests:
        line(f" {status.requests:,} of members: {PRODUCT} requests", head="asked for:", colour=YELLOW)
    for pause in status.pauses:
        line(f" for {whom(pause.client, pause.group)} until {when(pause.until)}", head="paused", colour=YELLOW)
    line()
    running = show_duration(max(0.0, time.time() - status.started))
    line(f"{PRODUCT} {status.version}, running since {when(status.started)} ({running})")
    line(f"policy {status.bundle.generation or 'none yet'}, {status.bundle.names:,} names on lists")
    store = status.store
    rows = f"{store.rows_written:,} rows written, {store.rows_waiting:,} waiting, {store.rows_dropped:,} given up"
    state = store.state if store.state == "ok" else f"{store.state} since {when(store.since)}"
    line(f"log database {state}, {rows}")
    line()
    table(("UPSTREAM", "STATE", "LATENCY", "ASKED", "FAILED", "REASON"), map(_upstream, status.upstreams))
    line()
    table(("WORKER", "PID", "POLICY", "ANSWERED", "WAITING", "DROPPED", "CACHED"), map(_worker, status.workers))


def _upstream(one: UpstreamHealth) -> tuple[str, ...]:
    state = "up" if one.up else f"down since {when(one.since)}"
    where = f" ({one.at[0]})" if one.at else ""
    return one.url + where, state, f"{one.latency_ms:.1f} ms", f"{one.asked:,}", f"{one.failed:,}", one.reason


def _worker(one: WorkerStatus) -> tuple[str, ...]:
    counts = (one.answered, one.waiting, one.dropped, one.rrsets)
    return str(one.number), str(one.pid), one.generation, *(f"{count:,}" for count in counts)
