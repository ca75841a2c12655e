"""The page /lists/catalogue: the lists that are known by name, by category, by language, or by what is looked for."""

from __future__ import annotations

import urllib.parse

import msgspec
from aiohttp import web

from resolver.admin.handling import service
from resolver.admin.offerbodies import OfferedList
from resolver.admin.pages.cataloguewords import BREAKS, CATEGORIES, LANGUAGES, LEVELS
from resolver.admin.pages.inside import inside, show
from resolver.admin.pages.numbers import first
from resolver.admin.routing import Route

PAGE = "/lists/catalogue"
SIZE = 25

_LONGEST = 100


class Shelf(msgspec.Struct, frozen=True):
    """A category or a language: what it is called and about, how many lists it has, and how many of them are in use."""

    id: str
    title: str
    about: str
    lists: int
    used: int


class Sought(msgspec.Struct, frozen=True):
    """What is looked for: "" for whatever it is."""

    category: str = ""
    language: str = ""
    text: str = ""

    def address(self, start: int) -> str:
        asked = {"category": self.category, "language": self.language, "q": self.text, "from": start or ""}
        return f"{PAGE}?{urllib.parse.urlencode({key: one for key, one in asked.items() if one})}"

    def fits(self, one: OfferedList) -> bool:
        """Every word of the text is to be in what is said of the list."""
        said = " ".join((one.id, one.title, one.blocks, one.note, *map(language, one.language))).casefold()
        return (
            (not self.category or self.category in one.category)
            and (not self.language or self.language in one.language)
            and all(word in said for word in self.text.casefold().split())
        )


class Catalogue(msgspec.Struct, frozen=True):
    """All that the page shows. Without anything to look for `found` is None: the shelves alone. Of those that were
    found `lists` are shown, from the place `start`; `before` and `after` are addresses, "" at the ends."""

    every: int
    categories: list[Shelf]
    languages: list[Shelf]
    sought: Sought
    title: str
    about: str
    found: int | None
    lists: list[OfferedList]
    start: int
    before: str
    after: str
    levels: dict[str, str] = msgspec.field(default_factory=lambda: dict(LEVELS))
    breaks: dict[str, str] = msgspec.field(default_factory=lambda: dict(BREAKS))
    spoken: dict[str, str] = msgspec.field(default_factory=lambda: dict(LANGUAGES))


async def page(request: web.Request) -> web.Response:
    """The lists that are known by name: use one, as a shadow first, or try it out."""
    every = service(request).offering.catalogue().lists
    sought = _sought(request)
    wanted = [one for one in every if sought.fits(one)] if sought != Sought() else None
    found = wanted or []
    start = first(request.query.get("from", ""), len(found), SIZE)
    title, about = _named(sought)
    shown = Catalogue(
        len(every),
        [_shelf(id, *words, [one for one in every if id in one.category]) for id, words in CATEGORIES.items()],
        _spoken(every),
        sought,
        title,
        about,
        None if wanted is None else len(found),
        found[start : start + SIZE],
        start,
        sought.address(start - SIZE) if start else "",
        sought.address(start + SIZE) if start + SIZE < len(found) else "",
    )
    return show(request, "catalogue.html", shown, inside(request))


def language(code: str) -> str:
    return LANGUAGES.get(code, code)


def _sought(request: web.Request) -> Sought:
    asked = request.query
    category = asked.get("category", "")
    text = asked.get("q", "").strip()[:_LONGEST]
    return Sought(category if category in CATEGORIES else "", asked.get("language", "")[:20], text)


def _named(sought: Sought) -> tuple[str, str]:
    """What those are that are looked for, and what that means."""
    if sought.category and not sought.language and not sought.text:
        return CATEGORIES[sought.category]
    if sought.language and not sought.category and not sought.text:
        return f"For sites in {language(sought.language)}", "beside a general list"
    return "What was found", ""


def _spoken(every: list[OfferedList]) -> list[Shelf]:
    codes = {code for one in every for code in one.language}
    shelves = [_shelf(code, language(code), "", [one for one in every if code in one.language]) for code in codes]
    return sorted(shelves, key=lambda one: one.title)


def _shelf(id: str, title: str, about: str, lists: list[OfferedList]) -> Shelf:
    return Shelf(id, title, about, len(lists), sum(bool(one.mode) for one in lists))


ROUTES = (Route("GET", PAGE, page, "read", content="text/html", page=True),)
