"""The URL of a database. What is wrong with one is told without showing it: there may be a password in it."""

from __future__ import annotations

import re

from resolver.config.values import StoreUrl
from resolver.errors import TextError

PATTERN = (
    r"^(postgresql(\+psycopg)?://([^:/?#@\[\]\s]+(:[^/?#@\s]*)?@)?"
    r"(\[[0-9A-Fa-f:.]+\]|[^:/?#@\[\]\s]*)(:[0-9]{1,5})?/[^/?#@\s]+(\?[^#\s]+)?)?$"
)
_FORM = "postgresql+psycopg://USER@HOST/DATABASE"
_ADVICE = "with a password, USER:PASSWORD, in which @ : / ? # % are written %40 %3A %2F %3F %23 %25"


def store(text: str) -> StoreUrl:
    """The database of a URL; of none, the file in the state directory."""
    text = text.strip()
    if not re.search(PATTERN, text):
        scheme = "it begins with postgres:// and " if text.startswith("postgres://") else ""
        raise TextError(f"{scheme}is not the URL of a PostgreSQL database: write {_FORM}; {_ADVICE}")
    return StoreUrl(text)
