"""Passwords: what is one, and their hashes (argon2id, RFC 9106), which take time and memory on purpose. They are made
one at a time, on a thread of their own, so that signing in cannot take the processor from answering queries."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from resolver.errors import ApiError
from resolver.paths import PRODUCT

T = TypeVar("T")

SHORTEST = 10
LONGEST = 256
"""Characters of a password."""

_DIFFERENT = 5
_WAITING = 16

_MEMORY = 19_456  # KiB, for as long as one is made: a small machine has them to spare
_ROUNDS = 2


class Passwords:
    """Raises ApiError 503 when too many people wait for an answer."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(_ROUNDS, _MEMORY, parallelism=1, type=Type.ID)
        self._thread = ThreadPoolExecutor(1, "passwords")
        self._waiting = 0
        self._nobody = ""

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(_normal(password)))

    async def is_right(self, password: str, hash: str | None) -> bool:
        """Whether a password is the one of a hash; for None, of nobody, it takes the same time to say no."""
        return await self._run(lambda: self._is_right(_normal(password), hash))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= _WAITING:
            raise ApiError(503, "busy", "too many people are signing in at this moment: try again in a few seconds")
        self._waiting += 1
        try:
            # What was begun goes on when nobody waits for it any more; it is one at a time all the same.
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._waiting -= 1

    def _is_right(self, password: str, hash: str | None) -> bool:
        if hash is None and not self._nobody:
            self._nobody = self._hasher.hash(secrets.token_urlsafe())
        try:
            return self._hasher.verify(self._nobody if hash is None else hash, password) and hash is not None
        except (VerificationError, InvalidHashError):
            return False


def check(password: str, name: str, path: str = "password") -> None:
    """Raise ApiError for what is no password worth the name; `path` is the field that it came in."""
    told = ""
    if len(password) < SHORTEST:
        told = f"a password has {SHORTEST} characters or more: a few words in a row are easy to keep in mind"
    elif len(password) > LONGEST:
        told = f"a password has at most {LONGEST} characters"
    elif len(set(password)) < _DIFFERENT:
        told = f"a password has at least {_DIFFERENT} different characters"
    elif _bare(password) in {_bare(name), PRODUCT, "password"}:
        told = "a password is something that nobody guesses: not the name, and not the word password"
    if told:
        raise ApiError(400, "invalid", told, path)


def _bare(text: str) -> str:
    """Without what people add to a word to make it longer."""
    return text.casefold().strip("0123456789!?.,-_ ")


def _normal(password: str) -> str:
    """The same for every keyboard (NFKC), and never too long; what cannot be encoded is no password of anybody's."""
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST]).encode("utf-8", "backslashreplace").decode()
