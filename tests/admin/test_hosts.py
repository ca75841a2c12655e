import socket

import pytest

from resolver.admin.hosts import is_ours
from resolver.config.admin import Admin
from resolver.config.schema import Config
from resolver.config.values import ExactName

CONFIG = Config(admin=Admin(hosts=("Admin.Example.org",)))


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Pi.example.net")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8080",
        "192.0.2.1:80",
        "[::1]",
        "[2001:db8::1]:8080",
        "localhost:8080",
        "LOCALHOST",
        "pi.example.net",
        "pi.local:8080",
        "pi.home.arpa",
        "lull.home.arpa.",
        "admin.example.org:443",
    ],
)
def test_ours(host: str) -> None:
    assert is_ours(host, CONFIG)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ":",
        ":8080",
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "pi.example.net.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "evil.example#127.0.0.1",
        "[::1",
        "[::1]evil.example",
        "[evil.example]",
        "127.0.0.1:8080:1",
        "local",
        "home.arpa",
        "example.net",
        "\u212aelvin",
    ],
)
def test_not_ours(host: str) -> None:
    assert not is_ours(host, CONFIG)


def test_the_names_that_the_config_gives_the_machine() -> None:
    config = Config(host_names=(ExactName("box.lan."),))
    assert is_ours("box.lan", config)
    assert not is_ours("admin.example.org", config)
