import pathlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.config.document import schema_json
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.storing import PATTERN, store
from resolver.config.values import StoreUrl
from resolver.errors import ConfigError, TextError


@pytest.mark.parametrize(
    "url",
    [
        "",
        "postgresql+psycopg://lull@db.example/lull",
        "postgresql://lull:p%40ss@db.example:5432/lull?sslmode=verify-full",
        "postgresql+psycopg://lull@[2001:db8::1]:5432/lull",
        "postgresql+psycopg://lull@/lull?host=/run/postgresql",
        "postgresql+psycopg:///lull",
        "postgresql+psycopg://lull:@192.0.2.1/lull",
    ],
)
def test_urls(url: str) -> None:
    assert store(f" {url} ") == StoreUrl(url)


SECRET = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        f"postgres://lull:{SECRET}@db.example/lull",
        f"postgresql+asyncpg://lull:{SECRET}@db.example/lull",
        f"postgresql+psycopg://lull:{SECRET}@db.example",
        f"postgresql+psycopg://lull:{SECRET}@db.example/",
        f"postgresql+psycopg://lull:a@{SECRET}@db.example/lull",
        f"postgresql+psycopg://lull:a/{SECRET}@db.example/lull",
        f"postgresql+psycopg://lull:a#{SECRET}@db.example/lull",
        f"postgresql+psycopg://lull:{SECRET} x@db.example/lull",
        f"mysql://lull:{SECRET}@db.example/lull",
        SECRET,
    ],
)
def test_what_is_refused_is_not_shown(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f'lists: []\nstore: "{url}"\n'.encode(), pathlib.Path("lull.yaml"), Known())
    said = str(caught.value)
    assert said.startswith("lull.yaml:2: store: ")
    assert "write postgresql+psycopg://USER@HOST/DATABASE" in said
    assert SECRET not in said
    assert ("postgres://" in said) is url.startswith("postgres://")


def test_a_config_does_not_show_its_password() -> None:
    text = f"lists: []\nstore: postgresql+psycopg://lull:{SECRET}@db.example/lull\n"
    config = parse(text.encode(), pathlib.Path("lull.yaml"), Known())
    assert config.store.url.endswith("/lull")
    for shown in (repr(config), str(config.store), f"{config.store}", schema_json()):
        assert SECRET not in shown


@given(st.text(max_size=30) | st.from_regex(PATTERN, fullmatch=True))
def test_the_pattern_is_what_is_read(text: str) -> None:
    try:
        store(text)
        read = True
    except TextError:
        read = False
    assert read is bool(re.search(PATTERN, text.strip()))
