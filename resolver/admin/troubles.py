"""What needs attention, over all rooms: each in a sentence, with what it is about, so that people are led to where it
is dealt with. From memory: it can be told whatever the disk and the database do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from resolver.admin.bodies import Status, StoreStatus, Trouble
from resolver.admin.parts import Parts
from resolver.admin.siteshown import unblocked
from resolver.lists.bodies import ListState
from resolver.lists.known import BY_HAND
from resolver.paths import PRODUCT


def troubles(parts: Parts, sentence: str, config_trouble: str, store: StoreStatus) -> Iterator[Trouble]:
    """All of it, the worst first; `sentence` says why DNS is not well ("" if it is)."""
    if sentence:
        yield Trouble(sentence, "dns")
    workers = sorted(parts.hub.workers, key=lambda worker: worker.number)
    healths = [worker.health for worker in workers if worker.health]
    for address in sorted({address for health in healths for address in health.wild}):
        yield Trouble(f"{address} asks more than limits.client allows, and some of it is refused", "devices")
    if store.state != "ok":
        yield Trouble(f"database: {store.detail or store.state}", "database")
    if parts.hub.trouble:
        yield Trouble(parts.hub.trouble, "dns")
    if parts.publisher.trouble:
        yield Trouble(parts.publisher.trouble, "policy")
    if config_trouble:
        yield Trouble(config_trouble, "config")
    for worker in workers:
        if worker.health and worker.health.trouble:
            yield Trouble(f"worker {worker.number}: {worker.health.trouble}", "dns")
    told = parts.dnstap.told()
    if told.trouble:
        yield Trouble(f"{told.trouble}; {told.dropped:,} answers are lost to it", "config")
    yield from _of_policy(parts)


def attention(status: Status, found: Iterable[Trouble]) -> list[Trouble]:
    """The troubles of a status with what they are about, as far as that was `found`, and each upstream that does not
    answer though DNS is well."""
    about = {one.text: one for one in found}
    down = [one for one in status.upstreams if status.well and not one.up]
    return [
        *(about.get(text, Trouble(text, "config")) for text in status.troubles),
        *(Trouble(f"{one.url} does not answer: {one.reason or 'nothing came'}", "upstreams") for one in down),
    ]


def _of_policy(parts: Parts) -> Iterator[Trouble]:
    if parts.lists.error:
        yield Trouble(f"lists: {parts.lists.error}", "lists")
    for state in parts.lists.states():
        for trouble in _of_list(state):
            yield Trouble(f"list {state.id}: {trouble}", "lists", state.id)
    left_out = parts.publisher.left_out()
    if left_out:
        yield Trouble(f"rules {left_out}", "rules")
    bundle = parts.publisher.bundle
    if bundle is not None:
        for text in unblocked(bundle.document.sites, parts.clock.time()):
            yield Trouble(text, "sites")


def _of_list(state: ListState) -> Iterator[str]:
    refused = state.refused
    if refused is not None:
        anyway = f"; to take it anyway: {PRODUCT} lists accept {state.id}" if refused.rules else ""
        yield f"a new version was refused: {refused.reason}{anyway}"
    for line in state.everything[:1]:
        yield f"line {line.line:,} of it matches every name: {line.text}"
    if state.error and not (refused is not None and state.error.endswith(refused.reason)):
        yield state.error
    if state.note and state.note != BY_HAND:
        again = f"{PRODUCT} lists accept {state.id}"
        yield f"it went back to an older version: {state.note}; to take the newer one all the same: {again}"
    if state.skipped and not state.rules:
        yield f"none of its {state.lines:,} lines is a rule; see {PRODUCT} lists skipped {state.id}"
