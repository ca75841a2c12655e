"""What every hot path must do (`listen/drain.py`). Each check takes one and may fail."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from resolver.listen.drain import Fast
from tests.listen.drain import answers, hostile

Check = Callable[[Fast], Coroutine[Any, Any, None]]

CHECKS: tuple[Check, ...] = (
    answers.ids_are_echoed,
    answers.a_spelling_is_echoed_or_left_to_others,
    answers.ttls_come_down_by_the_second,
    answers.what_has_expired_is_a_miss,
    answers.misses_are_answered_with_what_came_along,
    answers.hits_come_from_the_address_that_was_asked,
    answers.a_new_bundle_has_none_of_the_old_answers,
    answers.each_policy_has_its_own_answers,
    answers.who_is_held_back_has_no_hits,
    answers.every_answer_is_counted_once,
    hostile.a_table_keeps_to_its_room,
    hostile.garbage_is_a_miss_and_stops_nobody,
    hostile.port_zero_is_never_answered,
    hostile.errors_of_sending_stop_nobody,
    hostile.a_full_send_buffer_stops_nobody,
    hostile.others_have_their_turn,
    hostile.stopped_it_reads_no_more_and_still_sends,
)
