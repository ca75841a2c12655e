"""Where a command looks for the daemon."""

from __future__ import annotations

import pathlib
from argparse import Namespace

import pytest

from resolver.commands import place
from resolver.config.values import Endpoint
from resolver.errors import ApiError, ConfigError


def written(directory: pathlib.Path, text: str, state: str | None = None) -> Namespace:
    config = directory / "lull.yaml"
    config.write_text(text)
    return Namespace(config=str(config), state=state)


def test_the_config_says_where_everything_is(tmp_path: pathlib.Path) -> None:
    arguments = written(tmp_path, "admin: {listen: '192.0.2.1:81'}\ndns: {listen: ['192.0.2.1:54', '192.0.2.2:55']}\n")
    assert place.admin_url(arguments) == "http://192.0.2.1:81"
    assert place.dns_server(arguments) == Endpoint("192.0.2.1", 54)


def test_an_empty_config_is_the_defaults(tmp_path: pathlib.Path) -> None:
    arguments = written(tmp_path, "")
    assert place.admin_url(arguments) == "http://127.0.0.1:8080"
    assert place.dns_server(arguments) == Endpoint("127.0.0.1", 5353)


@pytest.mark.parametrize(
    ("listen", "reached"),
    [
        ("0.0.0.0:53", "127.0.0.1:53"),
        ("[::]:53", "[::1]:53"),
        ("192.0.2.1:53", "192.0.2.1:53"),
        ("[2001:db8::1]:53", "[2001:db8::1]:53"),
    ],
)
def test_every_address_is_reached_on_loopback(tmp_path: pathlib.Path, listen: str, reached: str) -> None:
    arguments = written(tmp_path, f"admin: {{listen: '{listen}'}}\ndns: {{listen: ['{listen}']}}\n")
    assert str(place.dns_server(arguments)) == reached
    assert place.admin_url(arguments) == f"http://{reached}"


def test_a_mistake_elsewhere_does_not_stand_in_the_way(tmp_path: pathlib.Path) -> None:
    text = "admin: {listen: '127.0.0.1:81'}\nupstreams: ['tls//9.9.9.9']\nlists: [no-such-list]\nfoo: 1\n"
    assert place.admin_url(written(tmp_path, text)) == "http://127.0.0.1:81"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("dns: {}\nadmin: {listen: '127.0.0.1'}\n", ":2: admin.listen: "),
        ("admin: 5\n", ":1: admin: "),
        ("admin: {listen: [\n", "not readable as YAML"),
        ("- 1\n", "expected a mapping"),
    ],
)
def test_a_mistake_in_what_is_needed_is_said(tmp_path: pathlib.Path, text: str, where: str) -> None:
    with pytest.raises(ConfigError, match=where):
        place.admin_url(written(tmp_path, text))


def test_no_address_to_ask_at(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ConfigError, match=r"dns\.listen"):
        place.dns_server(written(tmp_path, "dns: {listen: ['nowhere']}\n"))


def test_a_config_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        place.admin_url(Namespace(config=str(tmp_path / "none.yaml"), state=None))


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("192.0.2.9:99", "http://192.0.2.9:99"),
        ("https://admin.example/lull/", "https://admin.example/lull"),
    ],
)
def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch, given: str, url: str) -> None:
    monkeypatch.setenv("LULL_ADMIN", given)
    monkeypatch.setenv("LULL_TOKEN", " word ")
    nowhere = Namespace(config="/nonexistent/lull.yaml", state=None)
    assert place.admin_url(nowhere) == url
    assert place.token(nowhere) == place.Token("word", "LULL_TOKEN")


def test_the_token_is_of_the_state_directory(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "token").write_text("token-a\n")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "token").write_text("token-b")
    text = f"state: {tmp_path / 'a'}\n"
    assert place.known_token(written(tmp_path, text)).value == "token-a"
    assert place.known_token(written(tmp_path, text, state=str(tmp_path / "b"))).value == "token-b"


@pytest.mark.parametrize("held", ["", "two words", "tab\tbed", "\x1b[2J", "a\nb", "é"])
def test_what_is_no_token(tmp_path: pathlib.Path, held: str) -> None:
    (tmp_path / "token").write_text(held)
    with pytest.raises(ApiError, match="holds no token"):
        place.known_token(written(tmp_path, "", state=str(tmp_path)))


def test_a_token_that_is_not_there_or_not_readable(tmp_path: pathlib.Path) -> None:
    arguments = written(tmp_path, "", state=str(tmp_path))
    with pytest.raises(ApiError, match=r"there is no token at .*/token: .* --state, or the token in LULL_TOKEN"):
        place.known_token(arguments)
    (tmp_path / "token").mkdir()
    with pytest.raises(ApiError, match="cannot be read: Is a directory"):
        place.known_token(arguments)
