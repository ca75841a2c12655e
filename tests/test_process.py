"""What every process does alike: the clocks."""

from __future__ import annotations

import re
import time

from resolver.process import SystemClock, boot_id, whereabouts


def test_the_monotonic_clock_is_that_of_the_machine_suspended_or_not() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= SystemClock().monotonic() <= time.clock_gettime(time.CLOCK_BOOTTIME)
    assert abs(SystemClock().time() - time.time()) < 1


def test_a_start_of_the_machine_has_an_id_that_stays() -> None:
    assert re.fullmatch(r"[0-9a-f-]{36}", boot_id())
    assert boot_id() == boot_id()


def test_an_exception_can_be_told_of_without_what_it_says() -> None:
    try:
        _ = dict[str, str]()["secret.example"]
    except KeyError as error:
        said = whereabouts(error)
    assert said.startswith("KeyError\n")
    assert "test_process.py" in said
    assert str(KeyError("secret.example")) not in said.splitlines()[0]
