"""The product's names, and where its files are. The lowest floor: imports nothing of ours."""

from __future__ import annotations

import os
import pathlib
import sys

PRODUCT = "lull"
"""The one constant that the command, environment variables, metrics, headers and file names come from."""

ENVIRONMENT = PRODUCT.upper() + "_"
METRICS = PRODUCT + "_"
DATABASE = PRODUCT + ".db"
CONFIG = PRODUCT + ".yaml"
SELF_SIGNED = "self-signed.pem"
"""In the state directory: the certificate for trying encrypted queries, with its key."""
WHO = PRODUCT.capitalize() + "-Who"
"""The header in which the command says who gave it, for the trail of changes."""

STARTER = "starter"
"""The id of the list that ships with Lull: it stands in for every list that has no version yet."""

_UNIX_PATH_LIMIT = 100  # sockaddr_un holds 108 bytes with the final NUL (unix(7)); some room is left


def shipped(*parts: str) -> pathlib.Path:
    """The path of a data file that ships with Lull: `shipped("blocklists", "starter.txt")`.

    In a checkout `blocklists/` and `config/` stand beside the package; in an install they are inside it.
    """
    package = pathlib.Path(__file__).resolve().parent
    inside = package / "_data"
    return (inside if inside.is_dir() else package.parent).joinpath(*parts)


def config_file(given: str | None) -> pathlib.Path:
    """The config file in force: the one given, else ./lull.yaml, else /etc/lull/lull.yaml, else the shipped one."""
    if given is not None:
        return pathlib.Path(given)
    for candidate in (pathlib.Path(CONFIG), pathlib.Path("/etc") / PRODUCT / CONFIG):
        if candidate.is_file():
            return candidate
    return shipped("config", CONFIG)


def runtime_dir(state: pathlib.Path) -> pathlib.Path:
    """Where the control socket lives: systemd's RUNTIME_DIRECTORY if it is set, else `run` in the state directory."""
    given = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return pathlib.Path(given) if given else state / "run"


def control_socket(state: pathlib.Path) -> pathlib.Path:
    """The Unix socket on which control listens for workers."""
    return runtime_dir(state) / "control.sock"


def salt_file(state: pathlib.Path) -> pathlib.Path:
    """The file (mode 0600) that holds what clients' names of the day are made with; no part of a backup."""
    return runtime_dir(state) / "salt"


def choices_file(state: pathlib.Path) -> pathlib.Path:
    """The file that holds what the database last said was chosen in place of what the config file says."""
    return state / "chosen.json"


def token_file(state: pathlib.Path) -> pathlib.Path:
    """The file (mode 0600) that holds the admin's bearer token."""
    return state / "token"


def welcome_file(state: pathlib.Path) -> pathlib.Path:
    """The file (mode 0600) that holds the digest of the key of a first visit, for as long as there is no admin."""
    return state / "welcome"


def python_module(name: str) -> list[str]:
    """The command that runs one of our modules as a process. Nothing is imported from the directory it runs in."""
    return [sys.executable, "-P", "-m", name]


def unix_address(path: pathlib.Path) -> tuple[str, int | None]:
    """An address for bind() or connect() to a Unix socket, however deep its directory lies.

    Returns the address and a directory descriptor to close after the call (None when the plain path is short enough).
    """
    plain = str(path)
    if len(os.fsencode(plain)) < _UNIX_PATH_LIMIT:
        return plain, None
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    return f"/proc/self/fd/{directory}/{path.name}", directory
