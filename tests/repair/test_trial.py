"""A repair as it goes on, and as it is kept."""

from __future__ import annotations

from resolver.repair.trial import Trial, Unit, begun, remembered, state_of

UNITS = [Unit(f"d{n}.example", (f"a.d{n}.example", f"b.d{n}.example"), 1.0) for n in range(4)]


def again(trial: Trial) -> Trial:
    """The trial as it comes back from where it was kept."""
    found = remembered(state_of(trial))
    assert found is not None
    return found


def test_from_the_whole_to_the_culprit() -> None:
    trial = begun(UNITS)
    assert (trial.stage, trial.left, len(trial.names)) == ("trying", 4, 8)
    reloads = 0
    while trial.stage == "trying":
        trial = again(trial.answered(works="d2.example" in trial.now))
        reloads += 1
    assert (trial.stage, trial.now, trial.names) == ("found", ("d2.example",), ["a.d2.example", "b.d2.example"])
    assert (trial.left, len(trial.answers)) == (1, reloads)
    assert reloads <= 4


def test_more_is_put_on_trial_when_that_was_not_enough() -> None:
    trial = begun(UNITS[:2]).answered(works=False)
    assert (trial.stage, trial.names) == ("elsewhere", [])
    wider = trial.widened(UNITS[2:])
    assert (wider.stage, len(wider.names), wider.left) == ("trying", 8, 2), "one of the new ones, if it is one"
    assert again(wider).answered(works=False).stage == "elsewhere"
    while wider.stage == "trying":
        wider = wider.answered(works={"d0.example", "d3.example"} <= set(wider.now))
    assert wider.now == ("d0.example", "d3.example"), "one of the first alone was not enough"


def test_answers_that_cannot_be() -> None:
    trial = begun(UNITS).answered(works=True)
    smaller = trial.answered(works=True)
    assert smaller.stage == "trying"
    one = smaller.answered(works=True)
    assert one.stage == "found"
    assert one.answered(works=False).stage == "contradiction"
    assert one.answered(works=False).names == []


def test_what_cannot_be_gone_on_with() -> None:
    assert remembered("{}") is None
    assert remembered("not JSON") is None
