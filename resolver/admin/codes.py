"""Codes of six digits that change every thirty seconds, from an app that knows the secret (TOTP, RFC 6238)."""

from __future__ import annotations

import hmac

import pyotp

from resolver.paths import PRODUCT

STEP = 30
"""Seconds."""

_AROUND = (-1, 0, 1)  # steps for which a code is taken: clocks differ, and people type slowly


def new_secret() -> str:
    """160 bits as base32."""
    return str(pyotp.random_base32())


def url(secret: str, name: str) -> str:
    """The secret as apps take it: otpauth://totp/…"""
    return str(pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=PRODUCT.capitalize()))


def step_of(secret: str, code: str, now: float) -> int | None:
    """The time step that a code is of, about `now` (Unix time); None for a wrong code. Takes the same time for all."""
    made, given, found = pyotp.TOTP(secret), _digits(code), None
    for away in _AROUND:
        step = int(now // STEP) + away
        if hmac.compare_digest(made.generate_otp(max(step, 0)).encode(), given):
            found = step
    return found


def _digits(code: str) -> bytes:
    """As apps show it, perhaps in two halves."""
    return "".join(code.split())[:16].encode("utf-8", "backslashreplace")
