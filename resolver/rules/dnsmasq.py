"""dnsmasq's settings that block: `address=/a/b/`, `server=/a/`, `local=/a/` mean each name and its subdomains.

As dnsmasq 2.90 reads them: `.a` is the same as `a`, `*.a` its subdomains alone, `*a` every name that ends so, `#` every
name and nothing at all every name without a dot. `server=/a/#` exempts a name from a rule about its parent.
"""

from __future__ import annotations

import re

from resolver.rules.comment import COMMON_SINKS, is_comment, is_never_a_rule, without_tail
from resolver.rules.hosts import address_datum, is_sink
from resolver.rules.normal import no_name, normal
from resolver.rules.rule import Action, Form, Found, Options, Outcome, Pattern, Reason, Rule, Skip

_COMMON = re.compile(
    rf"address=/([^/]+)/(?:{'|'.join(map(re.escape, sorted(COMMON_SINKS)))}|#)?|(?:server|local)=/([^/]+)/"
)
_NO_DOTS = "^[^.]+$"


def parse(line: str) -> Outcome:
    """One line of a dnsmasq configuration."""
    common = _COMMON.fullmatch(line)  # nearly all lines there are
    if common is not None:
        name = normal(common[1] or common[2])
        if name is not None:
            return () if is_never_a_rule(name) else (Rule(name, Action.BLOCK, Form.SUBTREE),)
    text = "" if is_comment(line) else without_tail(line)
    if not text:
        return ()
    key, _, value = text.partition("=")
    key, value = key.strip(), value.strip()
    if key not in ("address", "server", "local") or value.count("/") < 2 or value[0] != "/":
        return (Skip(Reason.DNSMASQ),)
    *names, target = value[1:].split("/")
    meant = _address(target) if key == "address" else _server(key, target)
    if isinstance(meant, Skip):
        return (meant,)
    found = [_found(name.strip(), text, *meant) for name in names]
    return tuple([one for one in found if one is not None])


def _address(target: str) -> tuple[Action, Options | None] | Skip:
    if target in ("", "#") or is_sink(target):
        return Action.BLOCK, None
    datum = address_datum(target)
    if datum is None:
        return Skip(Reason.NO_ADDRESS)
    return Action.BLOCK, Options(says=datum, frame=("address=/", f"/{target}"))


def _server(key: str, target: str) -> tuple[Action, Options | None] | Skip:
    if target == "#":
        return Action.EXEMPT, Options(frame=(f"{key}=/", "/#"))
    return Skip(Reason.UPSTREAM) if target else (Action.BLOCK, None)


def _found(text: str, line: str, action: Action, options: Options | None) -> Found | None:
    """What one name of a line means; None for a name that is never a rule."""
    if text in ("#", "*"):
        return Pattern("", action, line, _bare(options), everything=True)
    if not text:
        return Pattern(_NO_DOTS, action, line, _bare(options))
    form = Form.SUBTREE
    below, ending = text.startswith("*."), text.startswith("*")
    rest = text.lstrip(".") if not ending else text[2:] if below else text[1:]
    name = normal(rest)
    if is_never_a_rule(rest):
        return None
    if name is None:
        return no_name(rest)
    if below:
        form = Form.SUBDOMAINS
        options = options and Options(says=options.says, frame=(options.frame[0] + "*.", options.frame[1]))
    elif ending:
        return Pattern(re.escape(name) + "$", action, line, _bare(options))
    return Rule(name, action, form, options)


def _bare(options: Options | None) -> Options | None:
    """The options of what shows its own text: without a frame, and none if nothing is left."""
    return None if options is None or options.says is None else Options(says=options.says)
