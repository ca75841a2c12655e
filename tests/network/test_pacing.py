from __future__ import annotations

from resolver.network.pacing import Pacing


class Clock:
    now = 1000.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


def test_nothing_is_to_be_done_before_a_policy_was_made_or_while_it_says_the_same() -> None:
    pacing = Pacing(Clock())
    assert pacing.wait({"records": 1}) is None
    assert pacing.give("records", 1) == 1
    assert pacing.wait({"records": 1}) is None


def test_what_changes_is_in_force_at_once_and_over_and_over_less_often() -> None:
    clock = Clock()
    pacing = Pacing(clock)
    pacing.give("records", 0)
    assert [pacing.wait({"records": 1}) for _ in range(6)] == [0.0] * 6
    assert pacing.wait({"records": 1}) == 6.0, "so many lately, so many seconds"
    clock.now += 6
    assert pacing.wait({"records": 1}) == 0.0
    assert pacing.wait({"records": 1}) == 7.0
    clock.now += 300
    assert pacing.wait({"records": 1}) == 0.0
