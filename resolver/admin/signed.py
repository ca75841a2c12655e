"""What is signed with a session's own secret, so that it is of use in that session alone: form tokens, and notices that
the browser keeps for the page that comes next."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac


def digest(secret: str) -> str:
    """By what we know a secret of ours again (SHA-256): sessions and tokens are kept as that alone. They are random,
    so nothing slower is needed."""
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()


def form_token(session: str) -> str:
    """What a form of this session must bring back."""
    return _sign(session, "form", "")


def is_form_token(session: str, given: str) -> bool:
    return bool(session) and _is_same(given, form_token(session))


def seal(session: str, text: str) -> str:
    """Text for this session's browser to keep for us, in characters that a cookie can hold."""
    plain = base64.urlsafe_b64encode(text.encode("utf-8", "backslashreplace")).decode("ascii")
    return f"{plain}.{_sign(session, 'seal', plain)}"


def unseal(session: str, sealed: str) -> str:
    """The text again; empty when it is not of our making for this session."""
    plain, _, signature = sealed.rpartition(".")
    if not session or not _is_same(signature, _sign(session, "seal", plain)):
        return ""
    with contextlib.suppress(binascii.Error, UnicodeDecodeError):
        return base64.urlsafe_b64decode(plain).decode()
    return ""


def _sign(session: str, purpose: str, text: str) -> str:
    message = f"{purpose}\0{text}".encode("utf-8", "backslashreplace")
    return hmac.new(session.encode("utf-8", "backslashreplace"), message, hashlib.sha256).hexdigest()


def _is_same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "backslashreplace"), wanted.encode("ascii"))
