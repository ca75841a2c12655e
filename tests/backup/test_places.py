"""Where files go that are not in the state directory."""

from __future__ import annotations

from tests.backup.archives import plain, whole, write
from tests.backup.house import House


def test_own_lists_go_nowhere_but_beside_the_config(house: House) -> None:
    outside = house.directory.parent / "outside.txt"
    hidden, stranger = house.directory / ".profile", house.directory / "notes.txt"
    stranger.write_text("not a list\n")
    (house.directory / "link.txt").symlink_to(outside)
    lists = (
        f"[{{id: a, file: {outside}}}, {{id: b, file: ../outside.txt}}, {{id: c, file: .profile}}, "
        "{id: d, file: notes.txt}, {id: e, file: link.txt}, {id: f, file: new/good.txt}]"
    )
    config = f"state: {house.state}\nlists: {lists}\n".encode()
    members = {"config.yaml": config, **{f"files/{id}": b"||evil.example^\n" for id in "abcdef"}}
    path = write(house.directory.parent / "made.tar.gz", plain(whole(members)))
    staged, _ = house.restore(path)
    assert [note.partition(":")[0] for note in staged.notes] == [f"list {id}" for id in "abcde"]
    assert not outside.exists()
    assert not hidden.exists()
    assert stranger.read_text() == "not a list\n"
    assert (house.directory / "new" / "good.txt").read_text() == "||evil.example^\n"
