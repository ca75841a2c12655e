"""Who goes on when many have more to do than is fair."""

from __future__ import annotations

import asyncio
import time

from resolver.listen.rota import Rota


def test_each_goes_on_in_turn_and_others_are_looked_at_in_between() -> None:
    async def main() -> None:
        rota = Rota()
        done: list[str] = []

        def dear(name: str) -> None:
            done.append(name)
            time.sleep(0.002)

        for name in "abc":
            rota.add(lambda name=name: dear(name))  # type: ignore[misc] # of this turn of the loop
        assert rota.busy
        for other in range(1, 4):
            await asyncio.sleep(0)
            assert len(done) == other
        assert done == ["a", "b", "c"]
        assert not rota.busy

    asyncio.run(main())


def test_what_costs_little_is_done_together_and_may_come_again() -> None:
    async def main() -> None:
        rota = Rota()
        done: list[int] = []

        def cheap(left: int) -> None:
            done.append(left)
            if left:
                rota.add(lambda: cheap(left - 1))

        rota.add(lambda: cheap(5))
        await asyncio.sleep(0)
        assert done == [5, 4, 3, 2, 1, 0]
        assert not rota.busy

    asyncio.run(main())
