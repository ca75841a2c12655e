"""`python -m resolver.backup.child`: do what is asked on standard input, and say on standard output how far it is and
how it went. A process of its own: it takes seconds of CPU, and memory that is given back when it ends."""

from __future__ import annotations

import logging
import os
import pathlib
import sys
import threading
from typing import assert_never

import msgspec

from resolver.backup.asked import Asked, BackUp, Doing, Done, Failed, Order, Restore, Said, asked_decoder
from resolver.backup.offline import Offline
from resolver.backup.staging import stage
from resolver.errors import LullError
from resolver.process import SystemClock, configure_logging

_NICE = 10


def do(asked: Asked) -> Done:
    """Raises LullError, OSError."""
    last: list[object] = []

    def say(what: str, percent: float | None) -> None:
        now = [what, None if percent is None else int(percent)]
        if now != last:
            last[:] = now
            tell(Doing(what, percent))

    match asked:
        case Order():
            return Done(stage(asked, say))
        case BackUp(file, state, out, log):
            with pathlib.Path(out).open("ab") as new:
                Offline(pathlib.Path(file), pathlib.Path(state), SystemClock()).back_up(new.write, log=log)
            return Done()
        case Restore(file, state, backup, config):
            offline = Offline(pathlib.Path(file), pathlib.Path(state), SystemClock())
            return Done(*offline.restore(pathlib.Path(backup), say, config=config))
        case unknown:
            assert_never(unknown)


def tell(said: Said) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
    sys.stdout.buffer.flush()


def _follow() -> None:
    """End with whoever asked: they hold the other end of standard input for as long as they live. It is read past
    Python's own buffer, whose lock nobody may hold when this process ends."""
    while os.read(0, 4096):
        pass
    os._exit(1)


def main() -> None:
    configure_logging("backup")
    logging.getLogger().setLevel(logging.ERROR)  # what goes well is told in another way
    os.nice(_NICE)
    try:
        asked = asked_decoder.decode(sys.stdin.buffer.readline())
        threading.Thread(target=_follow, daemon=True).start()
        done: Said = do(asked)
    except (LullError, OSError) as error:
        done = Failed(str(error))
    tell(done)


if __name__ == "__main__":
    main()
