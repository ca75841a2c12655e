"""Response policy zones as zone-file text (draft-vixie-dnsop-dns-rpz, RFC 1035 section 5.1).

A zone is read line by line: `$ORIGIN`, the owner of the record before and an open parenthesis are carried from one line
to the next. Here is what the owners mean; what the records' data say is for `answers`.
"""

from __future__ import annotations

import ipaddress
import re

from resolver.rules.answers import answer
from resolver.rules.comment import is_comment
from resolver.rules.normal import no_name, normal
from resolver.rules.rule import Action, Form, Found, Network, Options, Outcome, Pattern, Reason, Rule, Skip

MOST_LINES = 64
"""A record of more lines is no record: what opened its parenthesis was a mistake."""

MOST_WORDS = 8192
"""The words that one record may have, over all its lines."""

# An owner, perhaps a TTL and a class in either order, CNAME and its target.
_COMMON = re.compile(
    r"""([^\s;"()$][^\s;"()]*)\s+(?:(?:\d\w*|IN)\s+){0,2}CNAME\s+([^\s;"()]+)\s*(?:;.*)?""", re.IGNORECASE | re.DOTALL
)
_TOKEN = re.compile(r'\s+|(;.*)|([()])|("(?:[^"\\]|\\.)*"|(?:[^\s;"()\\]|\\.)+)', re.DOTALL)
_BEFORE_TYPE = re.compile(r"\d+(?:[SMHDW]\d+)*[SMHDW]?|IN", re.IGNORECASE)
_TYPE = re.compile(r"[A-Z][A-Z0-9]*", re.IGNORECASE)
_TYPES = frozenset(("A", "AAAA", "CAA", "CNAME", "DNAME", "HTTPS", "MX", "NS", "PTR", "SOA", "SRV", "SVCB", "TXT"))
_SIGNING = frozenset(("CDNSKEY", "CDS", "DNSKEY", "DS", "NSEC", "NSEC3", "NSEC3PARAM", "RRSIG", "ZONEMD"))
_UNSUPPORTED = frozenset(("rpz-client-ip", "rpz-nsdname", "rpz-nsip"))
_NETWORK = re.compile(r"[0-9]{1,3}(?:\.(?:[0-9a-f]{1,4}|zz)){1,8}\.rpz-ip")
_NOTHING_HERE = (Skip(Reason.RPZ),)


class Zone:
    """The reader of one zone: called with each line, as `read.lines` with `indent` gives it. Never raises.

    `open` says that a parenthesis is open, so that the next line goes on with the same record; `owned` that there is an
    owner which a line without one could mean. The zone's own name is the SOA's owner, until then the first $ORIGIN.
    """

    def __init__(self) -> None:
        self.open = False
        self.owned = False
        self._zone = ""  # names here are absolute, in small letters, without the final dot; "" is the root, or unknown
        self._origin: str | None = None
        self._owner = ""
        self._words: list[str] = []
        self._lines = 0

    def __call__(self, line: str) -> Outcome:
        common = None if self.open else _COMMON.fullmatch(line)
        if common is not None:  # nearly all lines there are
            return self._record(common[1], "CNAME", (common[2],))
        if not self.open:
            text = line.strip()
            if is_comment(text) or text[0] == ";":
                return ()
            if line[0] == "$":
                return self._directive(line)
            self._words = [""] if line[0] == " " else []
            self._lines = 0
        return self._more(line)

    def _more(self, line: str) -> Outcome:
        """The words of a line are those of a record, or some of them."""
        words = _tokens(line)
        self._lines += 1
        if words is not None:
            self._words += words
            depth = self._words.count("(") - self._words.count(")")
            self.open = depth > 0 and self._lines < MOST_LINES and len(self._words) < MOST_WORDS
            if self.open:
                return ()
            if depth == 0:
                return self._entry([word for word in self._words if word not in ("(", ")")])
        self.open = False
        return _NOTHING_HERE * self._lines

    def _directive(self, line: str) -> Outcome:
        word, *values = line.partition(";")[0].split()
        if word.upper() == "$TTL":
            return ()
        if word.upper() != "$ORIGIN" or len(values) != 1:
            return _NOTHING_HERE
        origin = self._absolute(values[0])
        if origin and normal(origin) is None:
            return _NOTHING_HERE
        self._origin = origin
        self._zone = self._zone or origin
        return ()

    def _entry(self, words: list[str]) -> Outcome:
        """A whole record: its owner ("" for the one before) and the rest."""
        owner, *rest = words or [""]
        if not owner and rest and not (_BEFORE_TYPE.fullmatch(rest[0]) or rest[0].upper() in _TYPES | _SIGNING):
            owner, *rest = rest  # a file that is indented throughout
        for _ in range(2):
            if rest and _BEFORE_TYPE.fullmatch(rest[0]):
                del rest[0]
        if not owner and not self.owned:
            return _NOTHING_HERE
        if not rest or _TYPE.fullmatch(rest[0]) is None:
            return _NOTHING_HERE
        return self._record(owner, rest[0].upper(), tuple(rest[1:]))

    def _record(self, owner: str, type: str, data: tuple[str, ...]) -> Outcome:
        if owner:
            self._owner = self._absolute(owner)
            self.owned = True
        if type == "SOA":
            self._begin(owner)
            return ()
        if type in _SIGNING:  # every reader of such zones ignores them
            return ()
        trigger = self._trigger()
        if not trigger:
            return () if trigger == "" and type == "NS" else _NOTHING_HERE
        wild = trigger.startswith("*.")
        found = answer(type, data, self._origin or "", trigger, "*." if wild else "")
        return _NOTHING_HERE if found is None else (_rule(trigger, *found),)

    def _begin(self, owner: str) -> None:
        """A zone begins: its SOA says its name, if that is absolute."""
        if self._owner and (self._origin is not None or owner.endswith(".")):
            self._zone = self._owner
            self._origin = self._owner if self._origin is None else self._origin

    def _absolute(self, text: str) -> str:
        name = text.lower()
        if name == "@":
            return self._origin or ""
        if name.endswith("."):
            return name[:-1]
        return f"{name}.{self._origin}" if self._origin else name

    def _trigger(self) -> str | None:
        """The owner without the zone's name: "" for the zone itself, None for a name outside it."""
        if not self._zone:
            return self._owner
        if self._owner == self._zone:
            return ""
        trigger = self._owner.removesuffix("." + self._zone)
        return None if trigger == self._owner else trigger


def _tokens(line: str) -> list[str] | None:
    """The words, strings in quotation marks and parentheses of a line, without its comment; None for a loose mark."""
    words = []
    at = 0
    while at < len(line):
        found = _TOKEN.match(line, at)
        if found is None:
            return None
        at = found.end()
        if found[2] or found[3]:
            words.append(found[2] or found[3])
    return words


def _rule(trigger: str, action: Action, options: Options) -> Found:
    label = trigger.rpartition(".")[2]
    if label == "rpz-ip":
        return _network(trigger, action, options)
    if label in _UNSUPPORTED:
        return Skip(Reason.TRIGGER)
    if trigger == "*":
        return Pattern("", action, "*" + options.frame[1], Options(says=options.says), everything=True)
    wild = trigger.startswith("*.")
    text = trigger[2:] if wild else trigger
    name = normal(text)
    if name is None:
        return no_name(text)
    return Rule(name, action, Form.SUBDOMAINS if wild else Form.EXACT, options)


def _network(trigger: str, action: Action, options: Options) -> Found:
    """`24.0.2.0.192.rpz-ip` is 192.0.2.0/24, `32.zz.db8.2001.rpz-ip` is 2001:db8::/32."""
    if _NETWORK.fullmatch(trigger) is None:
        return Skip(Reason.RPZ)
    length, *groups = trigger.split(".")[:-1]
    groups.reverse()
    if len(groups) == 4 and "zz" not in groups:
        address = ".".join(groups)
    else:
        address = re.sub("(?::|^)zz(?::|$)", "::", ":".join(groups))
    try:
        network = str(ipaddress.ip_network(f"{address}/{length}"))
    except ValueError:
        return Skip(Reason.RPZ)
    if network.endswith("/0"):
        return Skip(Reason.TOO_BROAD)
    return Network(network, action, trigger + options.frame[1], Options(says=options.says))
