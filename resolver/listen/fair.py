"""Which sockets the loop looks at first: those of datagrams. A thousand connections that all have a byte to read at
once would else keep every datagram waiting until the last of them was read."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import select
import selectors
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

BATCH = 8
"""Descriptors that are served before the first ones are looked at again."""


def fair_loop(first: Collection[int]) -> asyncio.AbstractEventLoop:
    """A loop that looks at these descriptors first, which nothing writes to."""
    return asyncio.SelectorEventLoop(FairSelector(first))


class FairSelector(selectors.EpollSelector):
    """As it is, but that few descriptors are ready at a time, and that those of `first`, which nothing writes to, come
    before all others. The rest the kernel gives in turn (epoll(7))."""

    def __init__(self, first: Collection[int] = ()) -> None:
        super().__init__()
        self._first = frozenset(first)
        self._all = select.epoll.fromfd(os.dup(self.fileno()))  # the same one, to be asked for fewer
        self._preferred = select.epoll()
        self._known = self.get_map()

    def register(self, fileobj: FileDescriptorLike, events: int, data: Any = None) -> selectors.SelectorKey:
        key = super().register(fileobj, events, data)
        if key.fd in self._first:
            self._preferred.register(key.fd, select.EPOLLIN)
        return key

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        key = super().unregister(fileobj)
        if key.fd in self._first:
            with contextlib.suppress(OSError):  # it was closed, which has unregistered it
                self._preferred.unregister(key.fd)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        wait = -1.0 if timeout is None else max(0.0, math.ceil(timeout * 1e3) * 1e-3)
        try:
            found = self._all.poll(wait, BATCH)
            if len(found) == BATCH:
                found = self._preferred.poll(0) + [one for one in found if one[0] not in self._first]
            elif len(found) > 1:
                found.sort(key=self._later)
        except InterruptedError:
            return []
        ready = []
        for descriptor, event in found:
            key = self._known.get(descriptor)
            if key is not None:
                reads = selectors.EVENT_READ if event & ~select.EPOLLOUT else 0
                writes = selectors.EVENT_WRITE if event & ~select.EPOLLIN else 0
                ready.append((key, (reads | writes) & key.events))
        return ready

    def _later(self, found: tuple[int, int]) -> bool:
        return found[0] not in self._first

    def close(self) -> None:
        self._all.close()
        self._preferred.close()
        super().close()
