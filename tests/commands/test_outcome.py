"""Every way in which a command may end has its exit code and its sentence."""

from __future__ import annotations

import pytest

from resolver.commands.outcome import EXIT_CODES, NOT_RUNNING, guarded
from resolver.errors import (
    ApiError,
    BundleError,
    ConfigError,
    DomainError,
    LullError,
    Problem,
    RuleError,
    TextError,
    UpstreamTimeout,
)


def raising(error: BaseException) -> int:
    def work() -> int:
        raise error

    return guarded(work)


@pytest.mark.parametrize("code", [0, 1, 3])
def test_the_code_of_a_command_that_ends_well_is_its_own(code: int) -> None:
    assert guarded(lambda: code) == code


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (LullError("x"), 1, "lull: x\n"),
        (BundleError("x"), 1, "lull: x\n"),
        (TextError("x"), 2, "lull: x\n"),
        (DomainError("x"), 2, "lull: x\n"),
        (RuleError("x"), 2, "lull: x\n"),
        (ConfigError([Problem("f", 2, "a.b", "x"), Problem("f", 3, "c", "y")]), 2, "f:2: a.b: x\nf:3: c: y\n"),
        (ApiError(0, NOT_RUNNING, "x"), 3, "lull: x\n"),
        (UpstreamTimeout("x"), 3, "lull: x\n"),
        (ApiError(401, "token", "x"), 4, "lull: x\n"),
        (ApiError(400, "invalid", "x\x1b", "for"), 4, "lull: for: x\\x1b\n"),
        (OSError(28, "No space left on device"), 1, "lull: [Errno 28] No space left on device\n"),
        (SystemExit(2), 2, ""),
        (SystemExit(0), 0, ""),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 141, ""),
    ],
)
def test_what_is_raised(error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(error) == code
    assert capsys.readouterr() == ("", said)


def test_a_mistake_of_ours_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        raising(KeyError("x"))


def test_every_code_is_explained() -> None:
    assert [line.split()[0] for line in EXIT_CODES.splitlines() if line[2:3].isdigit()] == list("01234")
