"""A page as a browser reads it: its elements, its forms with what they would send, its links and what it says."""

from __future__ import annotations

from html.parser import HTMLParser

Attributes = dict[str, str | None]

_IN_LINE = frozenset({"a", "bdi", "code", "small", "span", "time"})


class Reading(HTMLParser):
    """`forms` are the fields of each form by its action, as they stand; `buttons` the buttons by what they are called
    for whoever cannot see them; `links` the addresses of links by their words."""

    def __init__(self, raw: str) -> None:
        super().__init__()
        self.raw = raw
        self.elements: list[tuple[str, Attributes]] = []
        self.forms: dict[str, dict[str, str]] = {}
        self.buttons: dict[str, Attributes] = {}
        self.links: dict[str, str] = {}
        self._said: list[str] = []
        self._form: dict[str, str] = {}
        self._select = ""
        self._button: Attributes | None = None
        self._link: Attributes | None = None
        self._words = ""
        self.feed(raw)

    @property
    def text(self) -> str:
        return " ".join("".join(self._said).split())

    def all(self, tag: str, **wanted: str) -> list[Attributes]:
        found = [attributes for name, attributes in self.elements if name == tag]
        return [one for one in found if all(one.get(key.rstrip("_")) == value for key, value in wanted.items())]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        self._said.append("" if tag in _IN_LINE else " ")
        name = given.get("name") or ""
        match tag:
            case "form":
                self._form = self.forms.setdefault(given.get("action") or "", {})
            case "input" if given.get("type") != "checkbox" or "checked" in given:
                self._form[name] = given.get("value") or ""
            case "select":
                self._select = name
            case "option" if self._select and (self._select not in self._form or "selected" in given):
                self._form[self._select] = given.get("value") or ""
            case "button":
                self._button, self._words = given, ""
            case "a":
                self._link, self._words = given, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "button" and self._button is not None:
            self.buttons[self._button.get("aria-label") or self._words.strip()] = self._button
            self._button = None
        elif tag == "a" and self._link is not None:
            words = self._link.get("aria-label") or " ".join(self._words.split())
            self.links.setdefault(words, self._link.get("href") or "")
            self._link = None

    def handle_data(self, data: str) -> None:
        self._said.append(data)
        self._words += data
