"""Many alarms on one timer of the loop."""

from __future__ import annotations

from resolver.upstream.alarms import Alarms
from tests.scenarios.virtual import VirtualLoop
from tests.support import run_virtual


def test_each_is_called_at_its_time_and_none_that_was_cancelled() -> None:
    async def main(loop: VirtualLoop) -> None:
        alarms, began = Alarms(loop), loop.time()
        rung: list[tuple[str, float]] = []
        done = loop.create_future()

        def ring(name: str) -> None:
            rung.append((name, round(loop.time() - began, 3)))

        def first() -> None:
            ring("first")
            gone.cancel()
            alarms.set(began + 0.25, lambda: ring("set by the first"))

        gone = alarms.set(began + 0.2, lambda: ring("gone"))
        alarms.set(began + 0.3, lambda: ring("third"))
        alarms.set(began + 0.3, lambda: ring("beside it"))
        alarms.set(began + 0.1, first)
        alarms.set(began + 0.05, lambda: ring("never")).cancel()
        alarms.set(began + 5, lambda: done.set_result(None))
        await done
        assert rung == [("first", 0.1), ("set by the first", 0.25), ("third", 0.3), ("beside it", 0.3)]

    run_virtual(main)


def test_nothing_is_called_after_the_end() -> None:
    async def main(loop: VirtualLoop) -> None:
        alarms = Alarms(loop)
        rung: list[int] = []
        alarms.set(loop.time() + 0.1, lambda: rung.append(1))
        alarms.close()
        alarms.set(loop.time() + 0.2, lambda: rung.append(2))
        done = loop.create_future()
        loop.call_later(1, done.set_result, None)
        await done
        assert rung == [2]

    run_virtual(main)


def test_one_may_end_them_all_and_a_mistake_of_one_costs_no_other() -> None:
    async def main(loop: VirtualLoop) -> None:
        alarms, began = Alarms(loop), loop.time()
        rung: list[int] = []
        mistakes: list[object] = []
        loop.set_exception_handler(lambda _, context: mistakes.append(context["exception"]))

        def stumble() -> None:
            raise KeyError("a mistake")

        for number, call in enumerate((stumble, lambda: rung.append(1), alarms.close, lambda: rung.append(3))):
            alarms.set(began + 0.1 * number, call)
        done = loop.create_future()
        loop.call_later(1, done.set_result, None)
        await done
        assert rung == [1]
        assert [type(one) for one in mistakes] == [KeyError]

    run_virtual(main)
