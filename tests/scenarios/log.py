"""The journal's rows as a `jsonl log` block shows them."""

from __future__ import annotations

import ipaddress
import json

import dns.rcode
import dns.rdatatype

from resolver.journal.frames import Batch
from resolver.model import Exchange
from tests.scenarios.virtual import START


class Log:
    """The rows of all batches. Equal ones of a second are one row with their count, as they are in the database."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, str, Exchange], int] = {}

    def add(self, batch: Batch) -> None:
        for row in batch.rows:
            key = (batch.second, row.client, row.exchange)
            self._rows[key] = self._rows.get(key, 0) + row.count

    def lines(self) -> list[str]:
        """One line of JSON a row, in the order in which they came; `t` is seconds since the scenario began."""
        return [_line(second, client, exchange, count) for (second, client, exchange), count in self._rows.items()]


def _line(second: int, client: str, exchange: Exchange, count: int) -> str:
    row: dict[str, str | int] = {
        "client": client,
        "question": _question(exchange),
        "rcode": dns.rcode.to_text(dns.rcode.Rcode(exchange.rcode)),
        "origin": exchange.origin,
        "verdict": exchange.verdict,
        "list": exchange.source,
        "rule": exchange.rule,
        "via": _absolute(exchange.via) if not _is_address(exchange.via) else exchange.via,
        "shadow": exchange.shadow,
    }
    shown = {"t": second - int(START)} | {key: value for key, value in row.items() if value}
    return json.dumps(shown | ({"count": count} if count > 1 else {}), ensure_ascii=False)


def _question(exchange: Exchange) -> str:
    """Name and type; the type alone where the name is not kept, nothing where no question could be read."""
    type = dns.rdatatype.to_text(dns.rdatatype.RdataType.make(exchange.type)) if exchange.type else ""
    return f"{_absolute(exchange.name)} {type}".strip()


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _absolute(name: str) -> str:
    return f"{name.removesuffix('.')}." if name else ""
