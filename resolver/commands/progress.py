"""A bar on a terminal while the daemon does something that takes long. Nothing at all where nobody looks on."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from resolver.admin.bodies import Status
from resolver.commands.api import Api, decode
from resolver.errors import LullError

T = TypeVar("T")

_WIDTH = 40
_PAUSE = 0.3  # seconds between two looks
_CLEAR = "\r\x1b[K"


def watched(api: Api, work: Callable[[], T]) -> T:
    """What `work` returns or raises; meanwhile, if standard error is a terminal, how far a compile is."""
    if not sys.stderr.isatty():
        return work()
    done: Future[T] = Future()
    threading.Thread(target=_run, args=(work, done), daemon=True).start()  # so that Ctrl-C need not wait for it
    try:
        while not wait((done,), _PAUSE).done:
            print(end=_CLEAR + bar(_compiling(api)), file=sys.stderr, flush=True)
    finally:
        print(end=_CLEAR, file=sys.stderr, flush=True)
    return done.result()


def _run(work: Callable[[], T], done: Future[T]) -> None:
    try:
        done.set_result(work())
    except Exception as error:  # noqa: BLE001 - raised again where the result is asked for
        done.set_exception(error)


def bar(percent: float | None) -> str:
    """A compile that is so far; None: there is none."""
    if percent is None:
        return "looking …"
    done = min(max(round(percent * _WIDTH / 100), 0), _WIDTH)
    return f"compiling [{'#' * done}{'.' * (_WIDTH - done)}] {percent:3.0f} %"


def _compiling(api: Api) -> float | None:
    with contextlib.suppress(LullError):  # whoever waits for the work hears of it there
        return decode(api.get("status"), Status).compiling
    return None
