"""Families of metrics in one line each. Names are without the prefix that all have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from resolver.paths import METRICS

K = TypeVar("K", str, tuple[str, ...])


def gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(METRICS + name, help, value=float(value))


def counter(name: str, help: str, value: float) -> Metric:
    """A counter, whose sample is NAME_total."""
    return CounterMetricFamily(METRICS + name, help, value=float(value))


def gauges(name: str, help: str, labels: str | Sequence[str], values: Mapping[K, float]) -> Metric:
    """One sample for each value of a label, or each set of values of more."""
    family = GaugeMetricFamily(METRICS + name, help, labels=(labels,) if isinstance(labels, str) else labels)
    for key, value in values.items():
        family.add_metric((key,) if isinstance(key, str) else key, float(value))
    return family


def counters(
    name: str, help: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> CounterMetricFamily:
    """One sample for each set of labels' values."""
    family = CounterMetricFamily(METRICS + name, help, labels=labels)
    for key, value in values:
        family.add_metric(key, float(value))
    return family


def states(name: str, help: str, label: str, words: Sequence[str], now: str) -> Metric:
    """A sample for each word, 1 for the one that is so now."""
    return gauges(name, help, label, {word: float(word == now) for word in words})


def summary(name: str, help: str, label: str, values: Mapping[str, tuple[int, float, Mapping[str, float]]]) -> Metric:
    """For each value of a label how many there were, the sum of all, and quantiles."""
    family = Metric(METRICS + name, help, "summary")
    for key, (count, total, quantiles) in values.items():
        for quantile, value in quantiles.items():
            family.add_sample(METRICS + name, {label: key, "quantile": quantile}, value)
        family.add_sample(f"{METRICS}{name}_count", {label: key}, float(count))
        family.add_sample(f"{METRICS}{name}_sum", {label: key}, total)
    return family


def histogram(
    name: str, help: str, label: str, limits: Sequence[float], values: Mapping[str, tuple[Sequence[int], float]]
) -> Metric:
    """For each value of a label how many there were in each bucket, one more than there are limits, and the sum of
    all."""
    family = HistogramMetricFamily(METRICS + name, help, labels=(label,))
    bounds = [*(f"{limit:g}" for limit in limits), "+Inf"]
    for key, (buckets, total) in values.items():
        below, seen = [], 0
        for bound, count in zip(bounds, buckets, strict=True):
            seen += count
            below.append((bound, float(seen)))
        family.add_metric((key,), below, total)
    return family
