"""Where the running daemon is: its DNS socket, its admin, its token. Read from the config, or from the environment."""

from __future__ import annotations

import ipaddress
import os
import pathlib
from argparse import Namespace

from msgspec import UNSET, Struct

from resolver.config.load import read
from resolver.config.read import Reader
from resolver.config.report import Report
from resolver.config.schema import Config
from resolver.config.shapes import shape_of
from resolver.config.tree import compose
from resolver.config.values import Endpoint
from resolver.errors import ApiError, ConfigError, Problem
from resolver.paths import ENVIRONMENT, PRODUCT, config_file, token_file

ADMIN = ENVIRONMENT + "ADMIN"
TOKEN = ENVIRONMENT + "TOKEN"
_LONGEST = 4096


class Token(Struct, frozen=True):
    """The admin's bearer token and where it was found. Empty when there is none; `trouble` is why, and what to do."""

    value: str
    place: str
    trouble: str = ""


def settings(arguments: Namespace, *needed: str) -> Config:
    """The config without the checks that only the daemon needs, so that a mistake elsewhere in the file does not stand
    between a person and a running daemon. Raises ConfigError when it, or a `needed` key of it, cannot be read."""
    path = config_file(arguments.config)
    tree = compose(read(path), str(path))
    if isinstance(tree, Problem):
        raise ConfigError([tree])
    if tree is None:
        return Config()
    report = Report(str(path))
    config = Reader(report, str(path)).read(tree, shape_of(Config), "")
    if config is UNSET or any(report.lost(key) or report.lost(key.partition(".")[0]) for key in needed):
        raise ConfigError(report.sorted())
    assert isinstance(config, Config)
    return config


def admin_url(arguments: Namespace) -> str:
    """The base URL of the admin: LULL_ADMIN (HOST:PORT or a URL), else what the config says."""
    given = os.environ.get(ADMIN, "").strip()
    if given:
        return (given if "://" in given else f"http://{given}").rstrip("/")
    return f"http://{reachable(settings(arguments, 'admin.listen').admin.listen)}"


def dns_server(arguments: Namespace) -> Endpoint:
    """The first address on which the daemon answers queries."""
    listen = settings(arguments, "dns.listen").dns.listen
    if not listen:
        raise ConfigError([Problem(str(config_file(arguments.config)), 0, "dns.listen", "holds no address")])
    return reachable(listen[0])


def reachable(endpoint: Endpoint) -> Endpoint:
    """The endpoint as this machine can reach it: loopback where it listens on every address."""
    address = ipaddress.ip_address(endpoint.host)
    if not address.is_unspecified:
        return endpoint
    return Endpoint("127.0.0.1" if address.version == 4 else "::1", endpoint.port)


def token(arguments: Namespace) -> Token:
    """The token of LULL_TOKEN, else of the state directory. Raises ConfigError when that cannot be known."""
    given = os.environ.get(TOKEN, "").strip()
    if given:
        return _checked(given, TOKEN)
    state = pathlib.Path(arguments.state) if arguments.state else settings(arguments, "state").state
    path = token_file(state).absolute()
    try:
        with path.open("rb") as file:
            return _checked(file.read(_LONGEST).decode("latin-1").strip(), str(path))
    except FileNotFoundError:
        return Token("", str(path), f"there is no token at {path}: {_advice('is that the state directory')}")
    except OSError as error:
        return Token(
            "", str(path), f"the token at {path} cannot be read: {error.strerror}: {_advice('are you the user')}"
        )


def _advice(question: str) -> str:
    return f"{question} of the running `{PRODUCT} serve`? Give its --state, or the token in {TOKEN}"


def _checked(text: str, place: str) -> Token:
    """A token that an HTTP header can hold (RFC 9110 section 5.5)."""
    if text and text.isascii() and text.isprintable() and " " not in text:
        return Token(text, place)
    return Token("", place, f"{place} holds no token: a token is one word of printable ASCII")


def known_token(arguments: Namespace) -> Token:
    """The same. Raises ApiError where there is none."""
    found = token(arguments)
    if found.trouble:
        raise ApiError(401, "no-token", found.trouble)
    return found
