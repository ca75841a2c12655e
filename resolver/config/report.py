"""What is found while a config is read: problems, and where each value stands, so that a later check can say so too."""

from __future__ import annotations

from typing import NamedTuple

from resolver.errors import Problem


class Place(NamedTuple):
    """Where a value stands: the file, the 1-based line (0: no line), and its path as a person should read it."""

    file: str
    line: int
    path: str


class Report:
    """Problems and places. Paths are dotted, with indexes: `groups.kids.clients[0]`; "" is the whole file."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self._places = {"": Place(file, 0, "")}
        self._items: dict[str, list[str]] = {}
        self._lost: set[str] = set()

    def place(self, path: str, place: Place) -> None:
        """Says where the value of this path stands."""
        self._places[path] = place

    def items(self, path: str, items: list[str]) -> None:
        """Says which paths the values of a sequence have: those that could not be read are not among them."""
        self._items[path] = items

    def lose(self, path: str) -> None:
        """Says that the value of this path is wrong: the default, or its raw text, stands in for it."""
        self._lost.add(path)

    def lost(self, path: str) -> bool:
        return path in self._lost

    def incomplete(self, path: str) -> bool:
        """Whether a sequence is wrong, or lacks an item that is."""
        return any(lost == path or lost.startswith(f"{path}[") for lost in self._lost)

    def paths(self, path: str, count: int) -> list[str]:
        """The paths of the `count` values of a sequence."""
        items = self._items.get(path, [])
        return items if len(items) == count else [f"{path}[{index}]" for index in range(count)]

    def move(self, path: str, to: str) -> None:
        """Says that the value of one path was replaced by what stands at another."""
        self._places[path] = self.where(to)
        if to in self._items:
            self._items[path] = self._items[to]
        self._lost.discard(path)

    def where(self, path: str) -> Place:
        """Where the value stands; a value that is not written stands where the nearest one around it does."""
        around = path
        while around not in self._places:
            around = around[: max(around.rfind("."), around.rfind("["), 0)]
        found = self._places[around]
        return found if around == path else Place(found.file, found.line if around else 0, path)

    def add(self, path: str, message: str, line: int | None = None) -> None:
        """A problem with the value of this path, on its own line unless another is given."""
        place = self.where(path)
        self.problems.append(Problem(place.file, place.line if line is None else line, place.path, message))

    def sorted(self) -> list[Problem]:
        """Every problem, in the order of lines; those of the command line first."""
        return sorted(dict.fromkeys(self.problems), key=lambda problem: problem.line)
