"""Every exception that Lull raises on purpose.

LullError
├── WireError            bytes that are not a DNS message
├── DomainError          text that is not a domain name
├── TextError            text that is not the value it should be: a duration, an address, an upstream, a record
├── RuleError            a rule a person wrote that cannot be understood
├── ConfigError          one or more mistakes in a config file, each with path and line
├── BundleError          a policy bundle that is missing or damaged
├── UpstreamError        an upstream that did not give a usable answer
│   ├── UpstreamTimeout      nothing came in time
│   └── UpstreamUnreachable  the network or the upstream refused
│       └── UpstreamUntimely     its certificate is refused for nothing but the date
├── ListError            a list that could not be fetched or compiled
├── StoreError           the database cannot be used now
├── BackupError          a backup that cannot be made, or that is not to be restored
├── ConflictError        a change that does not fit what stands in the database by now
└── ApiError             a request the admin refuses, or that the command was refused
"""

from __future__ import annotations

from typing import NamedTuple


class LullError(Exception):
    """The root of the tree; its text is a sentence for a person."""


class WireError(LullError):
    """Bytes that are not a well-formed DNS message (RFC 1035 section 4)."""


class DomainError(LullError):
    """Text that is not a domain name; says why."""


class TextError(LullError):
    """Text that is not the value it should be (a duration, an endpoint, an upstream, a record); says what to write."""


class RuleError(LullError):
    """A rule written by a person that cannot be understood; says what would be."""


class Problem(NamedTuple):
    """One mistake in a config file: where it is (file, 1-based line or 0, dotted path) and what to do about it."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        parts = (f"{self.file}:{self.line}" if self.line else self.file, self.path, self.message)
        return ": ".join(part for part in parts if part)


class ConfigError(LullError):
    """Every mistake of a config file at once, in the order of their lines."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class BundleError(LullError):
    """A policy bundle that is missing, damaged or of another version."""


class UpstreamError(LullError):
    """An upstream gave no usable answer."""


class UpstreamTimeout(UpstreamError):
    """No upstream answered in time."""


class UpstreamUnreachable(UpstreamError):
    """The network or the upstream refused (ICMP unreachable, connection refused, no route, a wrong certificate)."""


class UpstreamUntimely(UpstreamUnreachable):
    """A certificate that is right but for the date: it is out of date, or this machine's clock is wrong."""


class ListError(LullError):
    """A list could not be fetched, was refused, or did not compile."""


class StoreError(LullError):
    """The database cannot be used now: locked, full, read-only or corrupt."""


class BackupError(LullError):
    """A backup that cannot be made, or that cannot or must not be restored; says why, and what to do."""


class ConflictError(LullError):
    """A change that does not fit what others changed since; the text says what that is."""


class ApiError(LullError):
    """A refusal of the admin API: `status` is the HTTP status, `code` a stable word, `path` the offending field."""

    def __init__(self, status: int, code: str, message: str, path: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.path = path
