"""How quick an upstream is: smoothed latency, its 95th percentile, and the share of queries that had no answer.

The percentile follows the samples without keeping any: each one above it raises it nineteen times as much as one below
it lowers it, so that it rests where one sample in twenty is above (Robbins and Monro, in the logarithm).
"""

from __future__ import annotations

_WEIGHT = 0.1  # of a new sample in the smoothed latency
_LOSS_WEIGHT = 0.05  # of a new query in the smoothed loss
_UP, _DOWN = 1.21, 0.99  # factors of the percentile; 19 steps down make up for one up
_FIRST = 3.0  # the percentile after the first sample, in that sample
_PENALTY = 1.0  # seconds that a query without an answer costs, roughly
_LEAST = 0.0005  # seconds; below that, upstreams are equally near


class Latency:
    """Seconds, all of them. `score` is what asking costs on average, losses counted in; an upstream that nobody has
    asked yet has the best one, so that it is tried."""

    __slots__ = ("loss", "mean", "p95", "score")

    def __init__(self) -> None:
        self.mean = self.p95 = self.loss = 0.0
        self.score = _LEAST

    def came(self, seconds: float) -> None:
        """An answer came after so long."""
        if self.mean:
            self.mean += _WEIGHT * (seconds - self.mean)
            self.p95 *= _UP if seconds > self.p95 else _DOWN
        else:
            self.mean, self.p95 = seconds, _FIRST * seconds
        self.loss -= _LOSS_WEIGHT * self.loss
        self.score = self.mean + _PENALTY * self.loss + _LEAST

    def lost(self) -> None:
        """No answer came."""
        self.loss += _LOSS_WEIGHT * (1 - self.loss)
        self.score = self.mean + _PENALTY * self.loss + _LEAST
