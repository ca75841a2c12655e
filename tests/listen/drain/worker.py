"""The whole worker with the second hot path: its composition root, as `resolver/worker.py` is."""

from __future__ import annotations

import asyncio

from resolver import worker
from resolver.process import configure_logging
from tests.listen.drain.naive import NAIVE

if __name__ == "__main__":
    arguments = worker.arguments()
    configure_logging("naive")
    asyncio.run(worker.Worker(arguments, NAIVE).run())
