import pathlib
import subprocess
import sys

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from resolver.store import engines, opening
from resolver.store.migrate import SCRIPTS, upgrade
from resolver.store.tables import HEAD, REVISIONS, metadata, reverse, version
from tests.store.making import look


@given(st.text())
def test_a_name_survives_being_reversed_twice(name: str) -> None:
    assert reverse(reverse(name)) == name


def test_labels_change_places_and_nothing_else() -> None:
    assert reverse("www.example.com") == "com.example.www"
    assert reverse("com") == "com"
    assert reverse(".") == "."


def test_the_versions_are_those_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    found = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS
    assert scripts.get_heads() == [HEAD]


def _migrated(path: pathlib.Path) -> pathlib.Path:
    engine = engines.writer(path)
    path.touch()
    with engine.begin() as connection:
        metadata.create_all(connection, tables=[version])
    engine.dispose()
    upgrade(path)
    return path


def test_a_new_database_is_shaped_like_a_migrated_one(tmp_path: pathlib.Path) -> None:
    new, migrated = tmp_path / "new.db", _migrated(tmp_path / "migrated.db")
    opening.begin(new, {})
    for table in metadata.tables:  # and not their SQL: a column that was added later stands elsewhere in it
        columns = f"SELECT * FROM pragma_table_xinfo('{table}')"
        assert look(new, columns) == look(migrated, columns) != []
    older = "('log', 'rules', 'pauses', 'devices')"
    rest = f"SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT IN {older} ORDER BY type, name"
    assert look(new, rest) == look(migrated, rest)
    assert look(new, "SELECT * FROM alembic_version") == look(migrated, "SELECT * FROM alembic_version") == [(HEAD,)]
    engine = engines.once(migrated, "ro")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_control_process_never_loads_what_it_may_not_need() -> None:
    code = (
        "import sys, pkgutil, importlib, resolver.store as store\n"
        "names = [m.name for m in pkgutil.iter_modules(store.__path__)]\n"
        "assert 'migrate' in names and 'database' in names\n"
        "for n in names:\n"
        "    if n not in ('migrate', 'migrations'): importlib.import_module('resolver.store.' + n)\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('alembic', 'mako', 'psycopg')])"
    )
    root = pathlib.Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_rows_can_be_kept_at_the_beginning(tmp_path: pathlib.Path) -> None:
    rule = {"id": 7, "action": "allow", "name": "a.example", "client": "", "group": "", "until": None}
    opening.begin(tmp_path / "x.db", {"rules": [{**rule, "comment": "", "created": 1.0, "origin": "api"}]})
    assert look(tmp_path / "x.db", "SELECT id, name FROM rules") == [(7, "a.example")]
    engine = engines.writer(tmp_path / "x.db")
    with engine.begin() as connection:
        values = {**rule, "id": None, "comment": "", "created": 1.0, "origin": "api"}
        key = connection.execute(insert(metadata.tables["rules"]).values(**values)).inserted_primary_key
    engine.dispose()
    assert key is not None
    assert key[0] == 8
