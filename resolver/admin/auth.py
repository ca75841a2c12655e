"""Who may come in: the token in its file, and what is signed with it for browsers to keep."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import logging
import os
import pathlib
import re
import secrets
import tempfile

from aiohttp import web

from resolver.model import Clock
from resolver.paths import PRODUCT

log = logging.getLogger(__name__)

COOKIE = f"{PRODUCT}_session"
SESSION = 30 * 86_400
"""Seconds that a session lasts."""

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
    """Knows the token. Sessions are a signed end and nothing else: they outlive a restart, and end with the token."""

    def __init__(self, token: str, clock: Clock) -> None:
        self._token = token.encode()
        self._clock = clock

    def is_token(self, given: str) -> bool:
        """Whether this is the token; takes the same time for every wrong one of a length."""
        return hmac.compare_digest(given.encode("utf-8", "backslashreplace"), self._token)

    def is_bearer(self, header: str) -> bool:
        """Whether this value of Authorization holds the token (RFC 6750 section 2.1)."""
        scheme, _, given = header.partition(" ")
        return scheme.lower() == "bearer" and self.is_token(given.strip())

    def begin_session(self) -> str:
        """The value of a cookie that is a session from now on."""
        what = f"{int(self._clock.time()) + SESSION}.{secrets.token_urlsafe(9)}"
        return f"{what}.{self._sign('session', what)}"

    def is_session(self, cookie: str) -> bool:
        """Whether this value of a cookie is a session of ours that has not ended."""
        what, _, signature = cookie.rpartition(".")
        if not self._is_signed("session", what, signature):
            return False
        return int(what.partition(".")[0]) > self._clock.time()

    def form_token(self, session: str) -> str:
        """What a form of this session must bring back."""
        return self._sign("form", session)

    def is_form_token(self, session: str, given: str) -> bool:
        return self._is_signed("form", session, given)

    def seal(self, session: str, text: str) -> str:
        """Text for this session's browser to keep for us, in characters that a cookie can hold."""
        plain = base64.urlsafe_b64encode(text.encode("utf-8", "backslashreplace")).decode("ascii")
        return f"{plain}.{self._sign('seal', session + plain)}"

    def unseal(self, session: str, sealed: str) -> str:
        """The text again; empty when it is not of our making for this session."""
        plain, _, signature = sealed.rpartition(".")
        if not self._is_signed("seal", session + plain, signature):
            return ""
        with contextlib.suppress(binascii.Error, UnicodeDecodeError):
            return base64.urlsafe_b64decode(plain).decode()
        return ""

    def _sign(self, purpose: str, text: str) -> str:
        message = f"{purpose}\0{text}".encode("utf-8", "backslashreplace")
        return hmac.new(self._token, message, hashlib.sha256).hexdigest()

    def _is_signed(self, purpose: str, text: str, signature: str) -> bool:
        given = signature.encode("utf-8", "backslashreplace")
        return hmac.compare_digest(given, self._sign(purpose, text).encode("ascii"))


ACCESS = web.AppKey("access", Access)
