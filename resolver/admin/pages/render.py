"""From templates and values to pages. Values are hostile text: markup is escaped, and nothing unprintable is left."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from datetime import UTC, datetime

import jinja2
from aiohttp import web

from resolver.admin.shown import clock_time
from resolver.paths import PRODUCT

TEMPLATES = pathlib.Path(__file__).parents[1] / "templates"

_START, _END = 40, 60
_LONGEST = 300

_BROWSERS = (  # the first that fits: most call themselves others too
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def plain(text: str) -> str:
    """Text of any length and kind in one line that says what is in it: control and direction marks as escapes."""
    cut = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def short(name: str) -> str:
    """A name that fits a table: of a long one the start, and the end, which says whose it is."""
    return plain(name if len(name) <= _START + _END else f"{name[:_START]}…{name[-_END:]}")


def number(value: int) -> str:
    """1,234,567"""
    return f"{value:,}"


def iso(at: float) -> str:
    """Unix time as machines read it (RFC 3339)."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def words(length: str) -> str:
    """A length of one unit, such as 5m, as people say it."""
    count, unit = length[:-1], {"m": "minute", "h": "hour"}[length[-1]]
    return f"{count} {unit}" if count == "1" else f"{count} {unit}s"


def length_of(seconds: float) -> str:
    """A length as people say it: 30 minutes, 1 hour."""
    rest = max(1, round(seconds))
    size, unit = next(pair for pair in ((3600, "hour"), (60, "minute"), (1, "second")) if rest % pair[0] == 0)
    return f"{rest // size} {unit}" if rest == size else f"{rest // size} {unit}s"


def browser(agent: str) -> str:
    """What a browser calls itself (RFC 9110 section 10.1.5), in two words; what is none, as it is."""
    name = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return f"{name} on {system}" if name and system else short(agent) or "not told"


def groups(text: str) -> str:
    """A secret in groups of four, as people copy it."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def share(part: int, whole: int) -> str:
    """A part in per cent of the whole."""
    return f"{100 * part / whole:.1f} %" if whole else "none"


class Pages:
    """The templates, compiled once they are used."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        """`addresses` has those of our files, by their names."""
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            auto_reload=False,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(plain=plain, short=short, number=number, moment=clock_time, words=words)
        self._templates.filters.update(length_of=length_of, groups=groups, browser=browser, iso=iso)
        self._templates.globals.update(
            product=PRODUCT.capitalize(), command=PRODUCT, share=share, static=addresses.__getitem__
        )

    def response(self, template: str, status: int = 200, /, **values: object) -> web.Response:
        """A page as HTML."""
        text = self._templates.get_template(template).render(values)
        return web.Response(text=text, status=status, content_type="text/html")


PAGES = web.AppKey("pages", Pages)
