"""How far a run is, told as it goes, and whether there is time for more."""

from __future__ import annotations

import time
from collections.abc import Sequence


class Progress:
    """Steps that are begun one after the other; `weights` says of each how long it may take, in any unit, and `limit`
    how many seconds there are for all."""

    def __init__(self, weights: Sequence[float], limit: float) -> None:
        self._weights, self._limit = list(weights), limit
        self._begun = 0
        self._began = time.monotonic()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began

    def begin(self, words: str) -> None:
        """Say what is done now, and how long the rest will take if all of it takes as long as its weight says."""
        done, left = sum(self._weights[: self._begun]), sum(self._weights[self._begun :])
        seconds = min(self.elapsed / done * left, self._limit - self.elapsed) if done else self._limit
        self._begun += 1
        told = f"{'some' if done else 'at most'} {max(seconds, 0) / 60:.0f} min left"
        print(f"[{self._begun}/{len(self._weights)}] {words}; {told}", flush=True)

    def skip(self, steps: int) -> None:
        """The next so many steps are not done."""
        del self._weights[self._begun : self._begun + steps]

    def fits(self, seconds: float) -> bool:
        """Whether there is time for something that takes so long."""
        return self.elapsed + seconds <= self._limit
