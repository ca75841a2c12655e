"""What a process has in memory: each kind loads what its own work takes, and no more."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# What stands for a part that is large, by the process that has no use for it.
_ADMIN = {"aiohttp", "alembic", "argon2", "jinja2", "multidict", "prometheus_client", "psycopg", "pyotp", "segno"}
_STORE = {"sqlalchemy", "sqlite3"}
_LISTS = {"brotli", "yarl", "zstandard"}
_TRANSPORTS = {"aioquic", "h11", "h2", "OpenSSL", "cryptography"}
_CONFIG = {"publicsuffixlist", "yaml"}

_NOT = {
    "resolver.plan": {"asyncio", "msgspec", "pathlib", "resolver.supervisor"},
    "resolver.supervisor": {
        *_ADMIN,
        *_STORE,
        *_LISTS,
        *_TRANSPORTS,
        *_CONFIG,
        *("asyncio", "dnslib", "marisa_trie", "msgspec", "re2", "resolver.config", "resolver.wire", "ssl"),
    },
    "resolver.cli": {*_ADMIN, *_STORE, *_LISTS, *_TRANSPORTS, "marisa_trie"},
    "resolver.worker": {*_ADMIN, *_STORE, *_LISTS, *_TRANSPORTS, *_CONFIG},
    "resolver.starter": {*_ADMIN, *_STORE, *_LISTS, *_TRANSPORTS},
    "resolver.rules.child": {*_ADMIN, *_STORE, *_LISTS, *_TRANSPORTS, *_CONFIG, "asyncio", "resolver.policy", "ssl"},
    "resolver.control": {"aioquic", "alembic", "h11", "mako", "OpenSSL", "psycopg"},
}


@pytest.mark.parametrize("module", _NOT)
def test_a_process_loads_no_more_than_its_work_takes(module: str) -> None:
    program = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert sorted(_NOT[module] & set(json.loads(done.stdout))) == []
