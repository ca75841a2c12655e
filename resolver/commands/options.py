"""The options of each command, as argparse takes them."""

from __future__ import annotations

from argparse import ArgumentParser

from resolver.commands import devices as knowing
from resolver.commands import jobs as working
from resolver.commands import lists as listing
from resolver.commands import pause as pausing
from resolver.commands import rules as ruling
from resolver.commands import schedule as scheduling
from resolver.commands import settings as choosing
from resolver.commands import site as repairing
from resolver.commands import stats as counting
from resolver.commands import values
from resolver.paths import PRODUCT

_WHO = "its address, MAC address or name"


def nothing(_: ArgumentParser) -> None:
    """Those that every command takes are enough."""


def query(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", type=values.domain)
    parser.add_argument("type", metavar="TYPE", nargs="?", default="A", type=values.rr_type, help="A unless given")
    parser.add_argument(
        "--server", metavar="HOST[:PORT]", type=values.server, help="ask this one instead of the daemon"
    )
    parser.add_argument("--tcp", action="store_true", help="ask over TCP")
    parser.add_argument("--dnssec", action="store_true", help="ask for signatures too (DO)")


def why(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("name", metavar="NAME", type=values.domain)
    add("--client", metavar="DEVICE", type=values.client, help=f"as this device sees it: {_WHO}")
    add("--type", metavar="T", type=values.rr_type, help="the record type; A unless given")
    add(
        "--at",
        metavar="TIME",
        type=values.moment,
        help="as it will be then: 21:30, 'mon 21:30', '2026-11-23 07:00', +30m",
    )


def rule(parser: ArgumentParser) -> None:
    add = parser.add_argument
    help = (
        "the names, and all below them; with the word exact, they alone; or a line as lists have them, in one word: "
        "'||x^$dnstype=AAAA'"
    )
    add("words", metavar="NAME", nargs="+", type=values.text, help=help)
    add("--exact", action="store_true", help="this name alone, without those below it")
    add("--for", dest="duration", metavar="TIME", type=values.span, help="10m, 1h30m …; else for good")
    scope(parser)
    add("--site", metavar="SITE", type=values.domain, help="to allow: only while the device is on this site")
    add("--comment", metavar="TEXT", default="", type=values.comment, help="why, for those who come later")


def scope(parser: ArgumentParser) -> None:
    whom = parser.add_mutually_exclusive_group()
    whom.add_argument("--client", metavar="DEVICE", type=values.client, help=f"only for this device: {_WHO}")
    whom.add_argument("--group", metavar="G", type=values.text, help="only for this group")
    whom.add_argument("--all", action="store_true", help="for everyone, as without any of these")


def rules(parser: ArgumentParser) -> None:
    add = parser.add_argument
    help = "list unless given; suggest: which could go; changes: who changed what"
    add("action", nargs="?", choices=tuple(ruling.ACTIONS), default="list", help=help)
    add(
        "words",
        metavar="ID|FILE",
        nargs="*",
        type=values.text,
        help="the rules to delete; the FILE to add, - for stdin",
    )
    does = parser.add_mutually_exclusive_group()
    for action in ("allow", "deny"):
        help = f"to add: lines that do not say it {action}; unless given they mean what they do in a list"
        does.add_argument(f"--{action}", dest="do", action="store_const", const=action, help=help)
    add("--for", dest="duration", metavar="TIME", type=values.span, help="to add: for so long; else for good")
    scope(parser)
    add("--comment", metavar="TEXT", default="", type=values.comment, help="to add: why, for those who come later")


def backup(parser: ArgumentParser) -> None:
    add = parser.add_argument
    help = f"where to write it, - for standard output; else {PRODUCT}-backup-DATE-TIME.tar.gz, here"
    add("file", metavar="FILE", nargs="?", type=values.text, help=help)
    add("--log", action="store_true", help="with the log of queries, and what was counted of them")


def restore(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("file", metavar="FILE", type=values.text, help="the backup")
    add("--yes", action="store_true", help="do not ask whether that is what is wanted")
    add("--without-config", action="store_true", help="leave the config, and lists that are files, as they are")


def undo(parser: ArgumentParser) -> None:
    help = "the change, as `rules changes` shows it; the last that stands unless given"
    parser.add_argument("id", metavar="ID", nargs="?", type=values.number, help=help)


def jobs(parser: ArgumentParser) -> None:
    help = "list unless given; end: end one that goes on, and forget it"
    parser.add_argument("action", metavar="ACTION", nargs="?", choices=working.ACTIONS, default="list", help=help)
    parser.add_argument("id", metavar="ID", nargs="?", default="", type=values.text, help="the job to end")


def lists(parser: ArgumentParser) -> None:
    add = parser.add_argument
    actions = ", ".join(listing.ACTIONS)
    help = f"{actions}; or the ID of a list to show it in full"
    add("action", metavar="ACTION", nargs="?", default="list", type=values.text, help=help)
    add(
        "ids",
        metavar="ID",
        nargs="*",
        type=values.text,
        help="the list whose refused version to accept, or to roll back; the lists to refresh, or whose skipped lines "
        "to show, all unless given. To try: a URL, a file, or an id of the catalogue. For the catalogue: a category, "
        "language or level, or a part of an id or title",
    )
    add("--syntax", choices=listing.SYNTAXES, help="to try: how its lines are read")
    add("--kind", choices=("block", "allow"), help="to try: what its names are for")
    add("--subdomains", action="store_true", default=None, help="to try: plain names mean their subdomains too")
    add(
        "--days",
        metavar="N",
        type=values.days,
        default=7,
        help="to try: how far back the log is looked at; 7 unless given",
    )


def services(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words",
        metavar="WORD",
        nargs="*",
        type=values.text,
        help="only what fits: a kind, or a part of an id, a title or a name",
    )


def upstreams(parser: ArgumentParser) -> None:
    help = "only what fits: a part of an id, a title, or of what is blocked"
    parser.add_argument("words", metavar="WORD", nargs="*", type=values.text, help=help)


def devices(parser: ArgumentParser) -> None:
    add = parser.add_argument
    actions = ", ".join(knowing.ACTIONS)
    help = f"{actions}; or a device to show it in full"
    add("action", metavar="ACTION", nargs="?", default="list", type=values.text, help=help)
    help = f"the device that is meant: {_WHO}; then its new name, its group, or what the log keeps of it"
    add("words", metavar="DEVICE", nargs="*", type=values.text, help=help)
    add("--group", metavar="G", type=values.text, help="to name: the group that it goes into too")


def settings(parser: ArgumentParser) -> None:
    add, actions = parser.add_argument, ", ".join(choosing.ACTIONS)
    add("action", metavar="ACTION", nargs="?", default="list", type=values.text, help=f"{actions}; list unless given")
    help = "a path, such as log.keep or groups.kids.lists; to set, then its VALUE in one word, as the config has it"
    add("words", metavar="PATH", nargs="*", type=values.text, help=help)


def pause(parser: ArgumentParser) -> None:
    parser.add_argument(
        "duration", metavar="DURATION", nargs="?", type=values.span, help=f"{pausing.DEFAULT} unless given"
    )
    scope(parser)
    parser.add_argument("--end", action="store_true", help="end pauses now: all, or those of --client or --group")


def schedule(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("name", metavar="NAME", type=values.text, help="as `schedules` shows it")
    help = "off: not today; on: start now; more: 30m or TIME more; normal: end all that; shown unless given"
    add("action", metavar="|".join(scheduling.ACTIONS), nargs="?", choices=scheduling.ACTIONS, help=help)
    add("time", metavar="TIME", nargs="?", type=values.span, help="how much more")
    add("--for", dest="duration", metavar="TIME", type=values.span, help="for so long, instead of until its usual end")
    scope(parser)


def site(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("site", metavar="SITE", type=values.text, help="a name of the site, as the browser shows it")
    add(
        "action",
        metavar="ACTION",
        nargs="?",
        choices=repairing.ACTIONS,
        help=f"{', '.join(repairing.ACTIONS)}; shown unless given. try allows what may be missing on a device for ten "
        "minutes; works and broken say whether that helped, and halve it; keep makes a rule of it, undo takes it back",
    )
    add(
        "names",
        metavar="NAME",
        nargs="*",
        type=values.text,
        help="to try, allow or remove: the names; to allow: or the word all",
    )
    add("--client", metavar="DEVICE", type=values.client, help=f"the device that it is about: {_WHO}")
    add("--group", metavar="G", type=values.text, help="to keep, allow, remove and delete: for this group")
    add("--everyone", action="store_true", help="to keep: for everyone, not for the device alone")
    add("--window", metavar="TIME", type=values.window, help="for so long after the last look at the site; or always")
    add("--for", dest="duration", metavar="TIME", type=values.span, help="to allow: for so long; else for good")
    add("--comment", metavar="TEXT", default="", type=values.comment, help="why, for those who come later")
    add("--exact", action="store_true", help="the site is this very name, not the registrable domain that it is in")
    add("--days", metavar="N", type=values.days, default=7, help="how far back the log is looked at; 7 unless given")


def diagnose(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("name", metavar="NAME", type=values.domain)
    add("--client", metavar="DEVICE", type=values.client, help=f"as this device sees it: {_WHO}")
    add(
        "--ask-also",
        metavar="RESOLVER",
        action="append",
        default=[],
        type=values.text,
        help="ask this one too: its address or URL, or a provider's name; repeatable",
    )
    add("--yes", action="store_true", help="it may learn the name although it is not configured")


def stats(parser: ArgumentParser) -> None:
    add = parser.add_argument
    time = "1h, 7d …, 07:00, 'mon 21:30' or '2026-11-22 07:00'"
    add("--since", metavar="TIME", type=values.past, help=f"from then on: {time}; {counting.DEFAULT} unless given")
    add("--until", metavar="TIME", type=values.past, help="only up to then, written likewise; whole hours are counted")
    add("--by", choices=counting.BY, help=f"how many of each: {', '.join(counting.BY)}")
    add("--limit", metavar="N", type=values.count, help=f"so many of each at most; {counting.LIMIT} unless given")
