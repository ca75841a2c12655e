"""The token in its file, by which the command on this machine comes in."""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import pathlib
import re
import secrets
import tempfile

from resolver.paths import PRODUCT

log = logging.getLogger(__name__)

_TOKEN = re.compile(rb"[!-~]{16,512}")
_LARGEST = 4096


def load_or_make_token(path: pathlib.Path) -> str:
    """The token in a file, which is made (mode 0600, wholly or not at all) if it is missing or empty.

    Never raises: when the file can be neither read nor made, the log says why and the token lives in memory alone.
    """
    try:
        held = _read(path)
        if held:
            if _TOKEN.fullmatch(held):
                _keep_private(path)
                return held.decode("ascii")
            why = "it does not hold a token: 16 to 512 plain characters without spaces; delete it to get a new one"
        else:
            return _make(path)
    except OSError as error:
        why = error.strerror or str(error)
    log.error("%s: %s; until the next start the token is one that nobody can read", path, why)
    return secrets.token_urlsafe(32)


def _read(path: pathlib.Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return b""
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, so that a FIFO there cannot hold up the start
        return (file.read(_LARGEST) or b"").strip()


def _make(path: pathlib.Path) -> str:
    token = secrets.token_urlsafe(32)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix="token-", dir=path.parent)  # mode 0600
    new = pathlib.Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - the descriptor is what mkstemp gives
            file.write(token.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
    log.info("a token for the admin was made; `%s token` shows it", PRODUCT)
    return token


def _keep_private(path: pathlib.Path) -> None:
    with contextlib.suppress(OSError):
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
            log.warning("%s could be read by others; it no longer can", path)


class Access:
    """Knows the token of the state directory, which is the command's."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def is_token(self, given: str) -> bool:
        """Whether this is the token; takes the same time for every wrong one of a length."""
        return hmac.compare_digest(given.encode("utf-8", "backslashreplace"), self._token)
