#!/usr/bin/env python3
"""As many rules as one likes, the same each time: many.py COUNT > LIST

Names as lists have them, a line each and every one another: two to four syllables and a number in base 36 make the
label that is registered, one in three has a label before it, and ends are as common as they are. Nothing is drawn by
chance: name N is the same whatever COUNT is. 18 bytes a name on the average, where real lists have 20.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator

_SYLLABLES = tuple(a + b for a, b in itertools.product("bcdfghklmnprstvz", ("a", "e", "i", "o", "u", "ar", "en", "is")))
_ENDS = ("com",) * 9 + ("net", "org", "info", "de", "ru", "top", "xyz", "co.uk", "com.br", "site")
_BEFORE = ("www", "ads", "track", "cdn", "pixel", "stats", "click", "a", "s1", "mail")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def names(count: int, first: int = 0) -> Iterator[str]:
    """`count` names, from that of the number `first`."""
    for number in range(first, first + count):
        yield name(number)


def name(number: int) -> str:
    """The name of a number."""
    mixed = number * 0x9E3779B97F4A7C15 % (1 << 64)  # Fibonacci hashing: neighbours have nothing in common
    label = "".join(_SYLLABLES[mixed >> shift & 127] for shift in range(57, 57 - 7 * (2 + (mixed >> 30) % 3), -7))
    before = f"{_BEFORE[(mixed >> 20) % len(_BEFORE)]}." if mixed % 3 == 0 else ""
    return f"{before}{label}{_base36(number)}.{_ENDS[(mixed >> 8) % len(_ENDS)]}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def main() -> None:
    sys.stdout.writelines(f"{one}\n" for one in names(int(sys.argv[1])))


if __name__ == "__main__":
    main()
