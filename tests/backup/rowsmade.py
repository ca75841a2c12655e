"""Rows of tables that other rooms write."""

from __future__ import annotations

from tests.store.making import NOON


def hit(key: str) -> dict[str, object]:
    return {"key": key, "count": 7, "last": NOON}


USER = {
    "id": 3,
    "name": "ada",
    "role": "admin",
    "password": "$argon2id$…",
    "totp": "",
    "step": 0,
    "device": "",
    "grants": False,
    "created": float(NOON),
    "seen": None,
}
TOKEN = {
    "id": 5,
    "name": "grafana",
    "digest": "0" * 64,
    "scopes": "read",
    "who": "ada",
    "created": float(NOON),
    "expires": None,
    "seen": NOON + 0.5,
}
REQUEST = {
    "id": 2,
    "at": float(NOON),
    "user": 3,
    "client": "tablet",
    "name": "games.example",
    "seconds": 600,
    "state": "waiting",
    "decided": None,
    "who": "",
}
