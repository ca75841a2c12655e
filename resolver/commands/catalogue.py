"""`lull lists catalogue`: presets and lists to choose from. Needs no daemon."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, note, table
from resolver.lists.catalogue import CATEGORIES, LEVELS, Catalogue, Entry, Preset


def run(words: Sequence[str], *, json: bool) -> int:
    """Show what fits every word: a category, language or level, or else a part of an id or title. FAILED if nothing
    does."""
    catalogue = Catalogue.load()
    languages = sorted({language for entry in catalogue.entries.values() for language in entry.language})
    known = {*CATEGORIES, *LEVELS, *map(str.lower, languages)}
    wanted = {word.lower() for word in words}
    terms, parts = wanted & known, wanted - known
    presets = [one for one in catalogue.presets.values() if terms <= {one.id} and _named(parts, one)]
    entries = [one for one in catalogue.entries.values() if terms <= _of(one) and _named(parts, one)]
    if json:
        as_json({"presets": presets, "lists": entries})
        return OK
    if not presets and not entries:
        note(f"nothing in the catalogue fits {' '.join(words)}; {_choices(languages)}")
        return FAILED
    _text(presets, entries, detailed=bool(words))
    return OK


def _of(entry: Entry) -> set[str]:
    return {entry.level, *entry.category, *map(str.lower, entry.language)}


def _named(parts: set[str], one: Preset | Entry) -> bool:
    return all(part in one.id or part in one.title.lower() for part in parts)


def _choices(languages: Sequence[str]) -> str:
    return (
        f"words are a category ({', '.join(CATEGORIES)}), a level ({', '.join(LEVELS)}), a language "
        f"({', '.join(languages)}), or a part of an id or title"
    )


def _text(presets: Sequence[Preset], entries: Sequence[Entry], *, detailed: bool) -> None:
    if presets:
        table(("PRESET", "LISTS", "MEANS"), [(one.id, ", ".join(one.lists), one.means) for one in presets])
    if presets and entries:
        line()
    if entries:
        table(("ID", "LEVEL", "BREAKS SITES", "CATEGORY", "LANGUAGE", "BLOCKS"), map(_row, entries))
    if len(entries) == 1 and detailed:
        _details(entries[0])
    elif detailed:
        for one in entries:
            if one.note:
                line(f": {one.note}", head=one.id)


def _row(entry: Entry) -> tuple[str, ...]:
    return (
        entry.id,
        entry.level,
        entry.breaks,
        ", ".join(entry.category),
        ", ".join(entry.language) or "-",
        entry.blocks,
    )


def _details(entry: Entry) -> None:
    """What the table has no room for."""
    said = {
        "title": entry.title,
        "note": entry.note,
        "kept up since": str(entry.since or ""),
        "licence": entry.licence,
        "homepage": entry.homepage,
        "from": " or ".join(entry.urls) or "ships with Lull",
    }
    for name, value in said.items():
        if value:
            line(f"{name}: {value}")
