"""A state directory with its lists, database and config, and what is staged to take their places."""

from __future__ import annotations

import pathlib
import shutil

import msgspec

from resolver.backup.steps import Move, Replace
from resolver.backup.taking import PLAN, WORK, Plan, root

NOW = 1_767_268_800.0


class Places:
    """A state directory with its lists, database and config: what is there, and what is staged."""

    def __init__(self, directory: pathlib.Path, *, config_before: bool = True) -> None:
        self.state = directory / "state"
        self.config = directory / "etc" / "lull.yaml"
        self.before = config_before
        self.work = root(self.state) / f"{WORK}1"

    def fill(self) -> None:
        (self.state / "lists" / "ads").mkdir(parents=True)
        (self.state / "lists" / "ads" / "meta.json").write_text("old")
        for name in ("lull.db", "lull.db-wal"):
            (self.state / name).write_text("old")
        self.config.parent.mkdir()
        if self.before:
            self.config.write_text("old")
        (self.work / "old").mkdir(parents=True)
        (self.work / "lists" / "other").mkdir(parents=True)
        (self.work / "lists" / "other" / "meta.json").write_text("new")
        (self.work / "lull.db").write_text("new")
        self.config.with_name(".restoring").write_text("new")
        if self.before:
            shutil.copyfile(self.config, self.work / "before")

    def plan(self, schema: str = "") -> Plan:
        work, state, old = self.work, self.state, self.work / "old"
        before = str(work / "before") if self.before else ""
        moves: list[Move | Replace] = [
            Replace(str(self.config.with_name(".restoring")), str(self.config), before),
            Move(str(work / "lists"), str(state / "lists"), str(old / "lists")),
            Move("", str(state / "lull.db-wal"), str(old / "lull.db-wal")),
            Move(str(work / "lull.db"), str(state / "lull.db"), str(old / "lull.db")),
        ]
        plan = Plan("1", NOW, moves, config=True, schema=schema)
        (work / PLAN).write_bytes(msgspec.json.encode(plan))
        return plan

    def content(self) -> dict[str, str]:
        files = [path for path in self.state.rglob("*") if path.is_file() and root(self.state) not in path.parents]
        return {path.name: path.read_text() for path in [*files, *self.config.parent.iterdir()]}

    @property
    def old(self) -> dict[str, str]:
        config = {"lull.yaml": "old"} if self.before else {}
        return {"meta.json": "old", "lull.db": "old", "lull.db-wal": "old", **config}

    @property
    def new(self) -> dict[str, str]:
        return {"meta.json": "new", "lull.db": "new", "lull.yaml": "new"}

    @property
    def waiting(self) -> dict[str, str]:
        return {**self.old, ".restoring": "new"}
