"""What is wrong between the values that say how answers are kept."""

from __future__ import annotations

from resolver.config.leaves import show_duration
from resolver.config.report import Report
from resolver.config.schema import Config


def check(config: Config, report: Report) -> None:
    cache = config.cache
    if cache.min_ttl > cache.max_ttl and not (report.lost("cache.min-ttl") or report.lost("cache.max-ttl")):
        least, most = show_duration(cache.min_ttl), show_duration(cache.max_ttl)
        report.add("cache.min-ttl", f"{least} is more than max-ttl, {most}; make one of them fit the other")
