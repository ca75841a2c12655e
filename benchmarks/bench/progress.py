"""How far a run is, told as it goes, and whether there is time for more."""

from __future__ import annotations

import time


class Progress:
    """Steps that are begun one after the other, of a number that is known before; `limit` in seconds is for all."""

    def __init__(self, steps: int, limit: float) -> None:
        self._steps, self._limit = steps, limit
        self._begun = 0
        self._began = time.monotonic()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began

    def begin(self, words: str) -> None:
        """Say what is done now, and how long the rest will take if it takes as long as what was done."""
        done, self._begun = self._begun, self._begun + 1
        left = min(self.elapsed / done * (self._steps - done), self._limit - self.elapsed) if done else self._limit
        print(
            f"[{self._begun}/{self._steps}] {words}; {'some' if done else 'at most'} {max(left, 0) / 60:.0f} min left",
            flush=True,
        )

    def skip(self, steps: int) -> None:
        """These steps are not done."""
        self._steps -= steps

    def fits(self, seconds: float) -> bool:
        """Whether there is time for something that takes so long."""
        return self.elapsed + seconds <= self._limit
