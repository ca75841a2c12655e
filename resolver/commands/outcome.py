"""How a command ends: exceptions become one sentence on standard error, and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable

from resolver.commands.output import note
from resolver.errors import ApiError, ConfigError, DomainError, LullError, RuleError, TextError, UpstreamError
from resolver.paths import PRODUCT

OK, FAILED, USAGE, NO_ANSWER, REFUSED = range(5)
INTERRUPTED = 130
BROKEN_PIPE = 141
NOT_RUNNING = "not-running"
"""The `code` of the ApiError for an admin that does not answer."""

EXIT_CODES = """exit codes:
  0  done
  1  done, but not well: serve cannot start; query got an RCODE other than NOERROR and NXDOMAIN; status is not well;
     diagnose found something the matter;
     a list could not be refreshed; a change is not in force everywhere yet
  2  the command or the config is wrong
  3  no answer: the daemon is not running, or the server said nothing
  4  the admin refused: a token that is missing or wrong, or something it does not do"""


def guarded(work: Callable[[], int]) -> int:
    """The exit code of `work`, whatever it raises of what may happen to a command. Standard output is written out."""
    try:
        code = _told(work)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _discard()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        _discard()
        note(f"{PRODUCT}: {error}")
        return FAILED
    return code


def _told(work: Callable[[], int]) -> int:
    try:
        return work()
    except SystemExit as stop:  # argparse, after saying why
        return stop.code if isinstance(stop.code, int) else OK
    except ConfigError as error:
        for problem in error.problems:
            note(str(problem))
        return USAGE
    except LullError as error:
        note(f"{PRODUCT}: {_sentence(error)}")
        return _code(error)


def _sentence(error: LullError) -> str:
    if isinstance(error, ApiError) and error.path:
        return f"{error.path}: {error}"
    return str(error)


def _code(error: LullError) -> int:
    match error:
        case ApiError(code=code):
            return NO_ANSWER if code == NOT_RUNNING else REFUSED
        case UpstreamError():
            return NO_ANSWER
        case TextError() | DomainError() | RuleError():
            return USAGE
        case _:
            return FAILED


def _discard() -> None:
    """Let what is still buffered go nowhere: nobody reads it, and the interpreter would complain at its end."""
    with contextlib.suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, sys.stdout.fileno())
        os.close(descriptor)
