"""What the C library is told of memory (mallopt(3)). By calls, and not only by its environment: that it heeds in no
program that has a capability (ld.so(8), secure-execution mode), as the interpreter has in the container."""

from __future__ import annotations

import ctypes
import os

# To keep nothing for each thread, as control has many that live shortly, and to give back what is free: the variable
# with which somebody else may have said so, M_ARENA_MAX and M_TRIM_THRESHOLD of malloc.h, and the value.
_PARAMETERS = (("MALLOC_ARENA_MAX", -8, 2), ("MALLOC_TRIM_THRESHOLD_", -1, 1 << 20))


def settle() -> None:
    """Tell it, unless the environment says something else; to be called before there are threads. Does nothing where
    the C library knows no such thing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for name, parameter, value in _PARAMETERS:
            if name not in os.environ:
                mallopt(parameter, value)
