"""What /metrics says, read back with the parser that comes with the format."""

from __future__ import annotations

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.admin.household import House

Samples = dict[tuple[str, tuple[str, ...]], float]
"""Values by name and labels' values, in the order of the labels' names."""


async def families(house: House) -> list[Metric]:
    reply = await house.get("/metrics")
    assert reply.status == 200, reply.text
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return list(text_string_to_metric_families(reply.text))


async def scrape(house: House) -> Samples:
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in await families(house)
        for sample in family.samples
    }
