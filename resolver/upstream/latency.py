"""How quick an upstream is: smoothed latency, its median and 95th percentile, and the share of queries that had no
answer.

The percentiles follow the samples without keeping any: each one above the 95th raises it nineteen times as much as one
below it lowers it, so that it rests where one sample in twenty is above (Robbins and Monro, in the logarithm); the
median goes as far up as down.
"""

from __future__ import annotations

_WEIGHT = 0.1  # of a new sample in the smoothed latency
_LOSS_WEIGHT = 0.05  # of a new query in the smoothed loss
_UP, _DOWN = 1.21, 0.99  # factors of the percentile; 19 steps down make up for one up
_HALF = 1.05  # factor of the median, up and down
_FIRST = 3.0  # the percentile after the first sample, in that sample
_PENALTY = 1.0  # seconds that a query without an answer costs, roughly
_LEAST = 0.0005  # seconds; below that, upstreams are equally near


class Latency:
    """Seconds, all of them. `score` is what asking costs on average, losses counted in; an upstream that nobody has
    asked yet has the best one, so that it is tried. `answers` came, which took `spent` seconds together."""

    __slots__ = ("answers", "loss", "mean", "p50", "p95", "score", "spent")

    def __init__(self) -> None:
        self.mean = self.p50 = self.p95 = self.loss = self.spent = 0.0
        self.answers = 0
        self.score = _LEAST

    def came(self, seconds: float) -> None:
        """An answer came after so long."""
        self.answers += 1
        self.spent += seconds
        if self.mean:
            self.mean += _WEIGHT * (seconds - self.mean)
            self.p50 *= _HALF if seconds > self.p50 else 1 / _HALF
            self.p95 *= _UP if seconds > self.p95 else _DOWN
        else:
            self.mean = self.p50 = seconds
            self.p95 = _FIRST * seconds
        self.loss -= _LOSS_WEIGHT * self.loss
        self.score = self.mean + _PENALTY * self.loss + _LEAST

    def lost(self) -> None:
        """No answer came."""
        self.loss += _LOSS_WEIGHT * (1 - self.loss)
        self.score = self.mean + _PENALTY * self.loss + _LEAST
