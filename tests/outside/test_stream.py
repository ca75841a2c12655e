"""The live log as other programs read it: curl."""

from __future__ import annotations

import asyncio
import subprocess

from tests.admin.household import TOKEN, House, Opener
from tests.admin.parts import row, until


def test_with_curl(open_house: Opener) -> None:
    """`curl -N`, as people would."""

    async def scenario(house: House) -> None:
        command = ["curl", "-sN", "-H", f"Authorization: Bearer {TOKEN}", f"{house.url}/api/v1/log/stream?name=example"]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        await until(lambda: house.service.logged.tail.readers == 1)
        house.worker.journal([row("a.example")])
        async with asyncio.timeout(5):
            while not (line := await process.stdout.readline()).startswith(b"data:"):
                pass
        assert b'"name":"a.example"' in line
        process.terminate()
        await process.wait()
        await until(lambda: house.service.logged.tail.readers == 0)

    open_house(scenario)
