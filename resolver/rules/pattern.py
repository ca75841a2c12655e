"""The pattern of an adblock rule → the names, or addresses in answers, that it means.

`|` is the beginning or the end of a name, `||` the beginning of any of its labels, `^` its end (or a character that
no rule can name), `*` any characters, also none; what is not anchored may stand anywhere. `/…/` is an expression.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from typing import NamedTuple

import re2

from resolver.rules.comment import is_never_a_rule
from resolver.rules.normal import no_name, normal
from resolver.rules.rule import Form, Reason, Skip

LONGEST_REGEX = 1000
"""Characters of an expression; a longer one is not tried."""

LONGEST_MASK = 512
"""Characters between the anchors of any other pattern: a name has 253, and no two of its characters need a `*`."""

_REGEX_MEMORY = 64 * 1024  # bytes; some 2,000 of RE2's instructions, people's own expressions take a tenth
_SHORTEST = 3  # a shorter pattern is in most names
_EVERY_NAME = frozenset(("", "*", "|", "||", "://"))  # as AdGuard reads them beside a modifier that narrows them
_BEGINNING = re.compile(r"/([A-Za-z0-9.-]{2,253}\.)")  # the slash is the last one of `http://`
_MASK = re.compile(r"[A-Za-z0-9_.*-]*")
_URL = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%^-]*")  # RFC 3986 section 2, and the separator inside a URL
_ADDRESS = re.compile(r"\[?([0-9A-Fa-f:.]{2,45})\]?(/[0-9]{1,3})?")
_STARS = re.compile(r"\*+")
_OPENING = {"||": r"(?:^|\.)", "|": "^"}
_SEPARATOR = r"(?:\?|$)"  # of all characters outside [a-zA-Z0-9.%_-], a subject of a Pattern can only hold `?`
_SAMPLES = ("q.ve", "0.jp", "www.zephyr-7.org", "a.b.c.d", "xn--p1ai.x_1.kim", "3.113.0.203.in-addr.arpa")
_WRONG = {
    "missing ]": "a [ is never closed",
    "missing )": "a ( is never closed",
    "unexpected )": "a ) closes nothing",
    "no argument for repetition": "a *, + or ? has nothing before it to repeat",
    "bad repetition": "a *, + or ? repeats another",
    "invalid repetition size": "the numbers in { } cannot be so",
    "invalid character class range": "a range in [ ] is the wrong way round, or of a class that nobody knows",
    "trailing \\": "it ends with a \\",
    "invalid escape sequence": "it has a \\ before what needs none, or a reference back, which RE2 does not have",
    "invalid perl operator": "RE2 has no look-arounds",
}
"""What RE2 says, and how people are told."""


class Named(NamedTuple):
    """One name in normal form; it is written at `start` to `end` of the pattern."""

    name: str
    form: Form
    start: int
    end: int


class Fitting(NamedTuple):
    """The names in which an RE2 expression finds something; `everything`: all of them."""

    regex: str
    everything: bool = False


class Addressed(NamedTuple):
    """The addresses of a network, in canonical text."""

    network: str


Meaning = Named | Fitting | Addressed | Skip | None


class _Mask(NamedTuple):
    """A pattern taken apart: `head` is `||`, `|`, `*` or empty, `closing` an expression or empty. It is `bare` when it
    is all body."""

    head: str
    body: str
    closing: str
    start: int
    bare: bool

    @property
    def end(self) -> int:
        return self.start + len(self.body)


def read(text: str, *, narrowed: bool) -> Meaning:
    """What a pattern means; None for the names that are never a rule.

    `narrowed` says that modifiers leave out some questions: only then may a pattern be in nearly every name.
    """
    if len(text) < _SHORTEST or text in _EVERY_NAME:
        if not narrowed:
            return Skip(Reason.TOO_BROAD)
        if text in _EVERY_NAME:
            return Fitting(".*", everything=True)
    if text[0] == "/":
        return _slashed(text)
    mask = _taken_apart(text)
    if not mask.body:
        return Fitting(".*", everything=True) if text.lstrip("|").startswith("*") else Skip(Reason.TOO_BROAD)
    return _addressed(mask) or _named(mask)


def _slashed(text: str) -> Fitting | Skip:
    if text[-1] == "/" and len(text) >= _SHORTEST:
        return _expression(text[1:-1])
    beginning = _BEGINNING.fullmatch(text)
    if beginning is None:
        return Skip(Reason.NOT_DNS)
    return Fitting("^" + beginning[1].lower().replace(".", r"\."))


def _expression(text: str) -> Fitting | Skip:
    """An expression in RE2's syntax. It is tried here, so that what cannot be used is told of with its line."""
    if len(text) > LONGEST_REGEX:
        return Skip(Reason.REGEX)
    regex = "(?i)" + text
    try:
        compiled = re2.compile(regex, _options())
    except (re2.error, UnicodeEncodeError):
        return Skip(Reason.REGEX)
    return Fitting(regex, everything=all(compiled.search(name) for name in _SAMPLES))


def why_not(text: str) -> str:
    """Why an expression cannot be used, in words; "" where there is no more to say than that."""
    if len(text) > LONGEST_REGEX:
        return f"it is longer than {LONGEST_REGEX:,} characters"
    try:
        re2.compile("(?i)" + text, _options())
    except (re2.error, UnicodeEncodeError) as error:
        said = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else ""
        return next((words for begins, words in _WRONG.items() if said.startswith(begins)), "")
    return ""


@functools.cache
def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = _REGEX_MEMORY
    options.log_errors = False
    return options


def _taken_apart(text: str) -> _Mask:
    head = "||" if text.startswith("||") else "|" if text[0] == "|" else ""
    rest, closing = text[len(head) :], ""
    if rest.endswith("|"):
        rest, closing = rest[:-1], "$"
    elif rest.endswith("/*"):
        rest, closing = rest[:-2], _SEPARATOR
    core = rest.rstrip("*^")
    if len(core) < len(rest):
        closing = _SEPARATOR if rest[len(core)] == "^" else ""
    body = core.lstrip("*")
    start = len(head) + len(core) - len(body)
    return _Mask("*" if len(body) < len(core) else head, body, closing, start, len(body) == len(text))


def _addressed(mask: _Mask) -> Addressed | Skip | None:
    """An address or network, however it is anchored; None when the pattern is about names. `0.0.0.0` and the like
    without an anchor come from hosts files: they are left to `_named`."""
    found = _ADDRESS.fullmatch(mask.body)
    if found is None or mask.head == "*":
        return None
    address, size = found.groups()
    if mask.bare and size is None and is_never_a_rule(address):
        return None
    try:
        network = ipaddress.ip_network(address + (size or ""), strict=False)
    except ValueError:
        return None
    return Addressed(str(network)) if network.prefixlen else Skip(Reason.TOO_BROAD)


def _named(mask: _Mask) -> Meaning:
    """The forms that are about one name and those that are about many."""
    head, body, closing, start, bare = mask
    if bare and is_never_a_rule(body.strip("[]")):
        return None
    if body.isascii() and _MASK.fullmatch(body) is None:
        return Skip(Reason.NOT_A_NAME if _URL.fullmatch(body) is None else Reason.NOT_DNS)
    if "*" in body or not (closing or bare):
        return _fitting(mask)
    if head == "||":
        return _name(body, Form.SUBTREE, start, mask.end)
    if head == "|":
        return _name(body, Form.EXACT, start, mask.end)
    if bare:
        return _fitting(mask) if _is_part(body) else _name(body, Form.EXACT, start, mask.end)
    return _name(body[1:], Form.SUBDOMAINS, start + 1, mask.end) if body[0] == "." else _fitting(mask)


def _name(text: str, form: Form, start: int, end: int) -> Named | Skip:
    name = normal(text)
    return no_name(text) if name is None else Named(name, form, start, end)


def _is_part(body: str) -> bool:
    """Whether a bare text is no whole name: `-ads.`, `.a.example`, `ads_`; `a.example.` and `_dmarc.a.example` are."""
    if body[-1] == ".":
        return body[0] in ".-" or "." not in body[:-1]
    return body[0] in ".-" or body[-1] in "-_" or (body[0] == "_" and "." not in body)


def _fitting(mask: _Mask) -> Fitting | Skip:
    text = _STARS.sub("*", mask.body)
    if len(text) > LONGEST_MASK or ".." in text:
        return Skip(Reason.NOT_A_NAME)
    if not text.isascii():
        # One label at a time, as a mask is no whole name; a blank is in no mask.
        text = ".".join([label if label.isascii() else normal(label) or " " for label in text.split(".")])
        if _MASK.fullmatch(text) is None:
            return Skip(Reason.NOT_A_NAME)
    broad = not text.strip(".*")
    if broad and mask.head in _OPENING:
        return Skip(Reason.NOT_A_NAME)
    middle = text.lower().replace(".", r"\.").replace("*", ".*")
    return Fitting(_OPENING.get(mask.head, "") + middle + mask.closing, everything=broad)
