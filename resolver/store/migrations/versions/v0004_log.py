"""The log as numbers, with blocks, postings and sums by the hour; users, sessions, tokens and requests."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_BYTEWISE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_AT_ONCE = 5_000  # rows held in memory


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column, sa.BigInteger) for column in columns))


_FACET = ("group", "type", "rcode", "origin", "verdict", "source", "upstream")
_KIND = ("rule", "via", "shadow")

_OLD = _table("log", "id", "at", "client", "name", *_FACET, *_KIND, "count", "took_us")
_NAMES = _table("names", "id", "key", "name")
_CLIENTS = _table("clients", "id", "client")
_FACETS = _table("facets", "id", *_FACET, "speed")
_KINDS = _table("kinds", "id", "facet", *_KIND, "digest")
_ROWS = _table("log_rows", "id", "at", "name", "client", "kind", "count", "took_us")
_BLOCKS = _table("blocks", "block", "first", "last")
_POSTINGS = _table("postings", "term", "block")

_LIMITS_US = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000)
_SPEED = sa.case(
    *(
        (_OLD.c.took_us <= sa.literal_column(str(limit)), sa.literal_column(str(step)))
        for step, limit in enumerate(_LIMITS_US)
    ),
    else_=sa.literal_column("12"),
)
_SAME_FACET = sa.and_(*(_FACETS.c[name] == _OLD.c[name] for name in _FACET), _FACETS.c.speed == _SPEED)
_SAME_KIND = sa.and_(_KINDS.c.facet == _FACETS.c.id, *(_KINDS.c[name] == _OLD.c[name] for name in _KIND))
_HOUR = _ROWS.c.at - _ROWS.c.at % sa.literal_column("3600")
_BLOCK = _ROWS.c.id.op(">>")(sa.literal_column("12"))


def upgrade() -> None:
    """Every row of the log keeps its id. The old ones go when the new ones are there; all of it is one transaction."""
    _make_values()
    _make_rows()
    _make_sums()
    _make_accounts()
    op.add_column("devices", sa.Column("privacy", sa.String, nullable=False, server_default=""))
    if not op.get_context().as_sql:
        _number_names()
        _number_kinds()
    _number(_CLIENTS, sa.select(_OLD.c.client).distinct())
    _move()
    _index()
    _sum()
    op.drop_table("log")
    op.rename_table("log_rows", "log")


def _given() -> sa.Column[Any]:
    return sa.Column("id", _ID, primary_key=True, autoincrement=False)


def _made() -> sa.Column[Any]:
    return sa.Column("id", _ID, primary_key=True)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String, nullable=False)


def _big(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _small(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False)


def _part(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)


def _time(name: str, *, known: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Float, nullable=not known)


def _make_values() -> None:
    op.create_table("names", _given(), sa.Column("key", _BYTEWISE, nullable=False), _text("name"))
    op.create_index("names_key", "names", ["key"], unique=True)
    op.create_table("clients", _given(), _text("client"))
    op.create_index("clients_client", "clients", ["client"], unique=True)
    op.create_table(
        "facets",
        _given(),
        *(_text("group"), _small("type"), _small("rcode"), _text("origin"), _text("verdict")),
        *(_text("source"), _text("upstream"), _small("speed")),
    )
    op.create_index("facets_values", "facets", [*_FACET, "speed"], unique=True)
    op.create_table(
        "kinds",
        *(_given(), _big("facet"), *map(_text, _KIND)),
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
    )
    op.create_index("kinds_digest", "kinds", ["digest"], unique=True)
    op.create_index("kinds_facet", "kinds", ["facet"])
    op.create_index("kinds_rule", "kinds", ["rule"], postgresql_using="hash")
    some = sa.text("shadow <> ''")
    op.create_index("kinds_shadow", "kinds", ["id"], sqlite_where=some, postgresql_where=some)


def _make_rows() -> None:
    numbers = map(_big, ("at", "name", "client", "kind"))
    op.create_table("log_rows", _given(), *numbers, *map(_small, ("count", "took_us")))
    op.create_table("blocks", _part("block"), *map(_big, ("first", "last")))
    op.create_table("postings", _part("term"), _part("block"), sqlite_with_rowid=False)


def _make_sums() -> None:
    op.create_table("drops", _part("hour"), _big("count"))
    for span in ("hour", "day"):
        op.create_table(f"{span}_facets", _part(span), _part("facet"), _big("count"), sqlite_with_rowid=False)
        for what in ("client", "name"):
            counts = map(_big, ("count", "blocked"))
            op.create_table(f"{span}_{what}s", _part(span), _part(what), *counts, sqlite_with_rowid=False)


def _make_accounts() -> None:
    op.create_table(
        "users",
        *(_made(), *map(_text, ("name", "role", "password", "totp")), _big("step"), _text("device")),
        sa.Column("grants", sa.Boolean, nullable=False),
        *(_time("created"), _time("seen", known=False)),
        sqlite_autoincrement=True,
    )
    op.create_index("users_name", "users", ["name"], unique=True)
    op.create_table(
        "sessions",
        *(sa.Column("digest", sa.String, primary_key=True), _big("user")),
        *(*map(_time, ("created", "seen", "ends")), _text("address"), _text("agent")),
    )
    op.create_table(
        "tokens",
        *(_made(), *map(_text, ("name", "digest", "scopes", "who")), _time("created")),
        *(_time("expires", known=False), _time("seen", known=False)),
        sqlite_autoincrement=True,
    )
    op.create_index("tokens_digest", "tokens", ["digest"], unique=True)
    op.create_table(
        "requests",
        *(_made(), _time("at"), _big("user"), _text("client"), _text("name"), _big("seconds")),
        *(_text("state"), _time("decided", known=False), _text("who")),
        sqlite_autoincrement=True,
    )


def _read(found: sa.Select[Any]) -> Iterator[tuple[Any, ...]]:
    return (tuple(row) for row in op.get_bind().execute(found, execution_options={"yield_per": _AT_ONCE}))


def _insert(table: sa.TableClause, rows: Iterable[tuple[Any, ...]]) -> None:
    names, left = [column.name for column in table.c], iter(rows)
    while some := [dict(zip(names, row, strict=True)) for row in itertools.islice(left, _AT_ONCE)]:
        op.bulk_insert(sa.table(table.name, *map(sa.column, names)), some)


def _fill(table: sa.TableClause, found: sa.Select[Any]) -> None:
    op.execute(sa.insert(table).from_select([*table.c], found))


def _number(table: sa.TableClause, values: sa.Select[Any]) -> None:
    """Give ids to what is found."""
    those = values.subquery()
    _fill(table, sa.select(sa.func.row_number().over(), *those.c))


def _number_names() -> None:
    """Names as people read them are beyond SQL."""
    found = enumerate(_read(sa.select(_OLD.c.name).distinct()), 1)
    _insert(_NAMES, ((id, key, ".".join(key.split(".")[::-1])) for id, (key,) in found))


def _number_kinds() -> None:
    """So are digests."""
    _number(_FACETS, sa.select(*(_OLD.c[name] for name in _FACET), _SPEED.label("speed")).distinct())
    those = sa.select(_FACETS.c.id, *(_OLD.c[name] for name in _KIND)).distinct()
    found = enumerate(_read(those.select_from(_OLD.outerjoin(_FACETS, _SAME_FACET))), 1)
    _insert(_KINDS, ((id, *kind, _digest(*kind)) for id, kind in found))


def _digest(facet: int, *texts: str) -> bytes:
    sized = (b"%d:%b" % (len(data), data) for data in (text.encode() for text in texts))
    return hashlib.blake2b(b"\0".join((b"%d" % facet, *sized)), digest_size=16).digest()


def _move() -> None:
    """By outer joins: what were not found would be NULL, which the table refuses. So no row can get lost."""
    wide = _OLD.outerjoin(_NAMES, _NAMES.c.key == _OLD.c.name).outerjoin(_CLIENTS, _CLIENTS.c.client == _OLD.c.client)
    ids = (_NAMES.c.id, _CLIENTS.c.id, _KINDS.c.id)
    found = sa.select(_OLD.c.id, _OLD.c.at, *ids, _OLD.c["count"], _OLD.c.took_us)
    wide = wide.outerjoin(_FACETS, _SAME_FACET).outerjoin(_KINDS, _SAME_KIND)
    _fill(_ROWS, found.select_from(wide).order_by(_OLD.c.id))


def _index() -> None:
    """Blocks, and what is in them."""
    _fill(_BLOCKS, sa.select(_BLOCK, sa.func.min(_ROWS.c.at), sa.func.max(_ROWS.c.at)).group_by(_BLOCK))
    kinds = _ROWS.outerjoin(_KINDS, _KINDS.c.id == _ROWS.c.kind)
    for of, column in enumerate((_ROWS.c.name, _ROWS.c.client, _ROWS.c.kind, _KINDS.c.facet)):
        term = (column * sa.literal_column("4") + sa.literal_column(str(of))).label("term")
        found = sa.select(term, _BLOCK.label("block")).distinct().order_by(term, "block")
        _fill(_POSTINGS, found.select_from(kinds if of == 3 else _ROWS))


def _sum() -> None:
    wide = _ROWS.join(_KINDS, _KINDS.c.id == _ROWS.c.kind).join(_FACETS, _FACETS.c.id == _KINDS.c.facet)
    count = _ROWS.c["count"]
    blocked = sa.func.sum(
        sa.case((_FACETS.c.verdict == sa.literal_column("'block'"), count), else_=sa.literal_column("0"))
    )
    every = (
        ("facets", _KINDS.c.facet, ()),
        ("clients", _ROWS.c.client, (blocked,)),
        ("names", _ROWS.c.name, (blocked,)),
    )
    for what, value, more in every:
        table = _table(f"hour_{what}", "hour", what[:-1], "count", *(["blocked"] if more else []))
        found = sa.select(_HOUR, value, sa.func.sum(count), *more).group_by(_HOUR, value)
        _fill(table, found.select_from(wide))
