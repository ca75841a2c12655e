"""/metrics, in the text format of Prometheus. No name that was asked for and no client is ever a label."""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from resolver.admin.handling import service
from resolver.admin.measures import Snapshot, measures
from resolver.admin.routing import Route


class SnapshotCollector(Collector):
    """One reading of the service."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        return measures(self._snapshot)


@web.middleware
async def counting(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count what is asked of the admin. To be outside of what makes refusals of failures."""
    metering = service(request).metering
    metering.under_way += 1
    try:
        response = await handler(request)
        metering.requests[f"{response.status // 100}xx"] += 1
        return response
    finally:
        metering.under_way -= 1


async def metrics(request: web.Request) -> web.Response:
    """Everything that can be counted, for Prometheus."""
    asked = service(request)
    registry = CollectorRegistry()
    registry.register(SnapshotCollector(await asked.metering.snapshot(asked.status())))
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


ROUTES = (Route("GET", "/metrics", metrics, "read", content="text/plain"),)
