"""Problems stand where their values do."""

from __future__ import annotations

from resolver.config.report import Place, Report


def test_a_value_that_is_not_written_stands_where_the_one_around_it_does() -> None:
    report = Report("f")
    report.place("", Place("f", 1, ""))
    report.place("a", Place("f", 3, "a"))
    report.place("a.b[1]", Place("f", 5, "a.b[1]"))
    assert report.where("a.b[1]") == Place("f", 5, "a.b[1]")
    assert report.where("a.b[1].c") == Place("f", 5, "a.b[1].c")
    assert report.where("a.b[0]") == Place("f", 3, "a.b[0]")
    assert report.where("x.y") == Place("f", 0, "x.y")


def test_moved_values() -> None:
    report = Report("f")
    report.place("dns.listen", Place("f", 2, "dns.listen"))
    report.lose("dns.listen")
    report.place("--listen", Place("command line", 0, "--listen"))
    report.items("--listen", ["--listen[0]"])
    report.move("dns.listen", "--listen")
    assert report.where("dns.listen") == Place("command line", 0, "--listen")
    assert report.paths("dns.listen", 1) == ["--listen[0]"]
    assert not report.lost("dns.listen")


def test_paths_of_items() -> None:
    report = Report("f")
    assert report.paths("a", 2) == ["a[0]", "a[1]"]
    report.items("a", ["a[1]", "a[4]"])
    assert report.paths("a", 2) == ["a[1]", "a[4]"]
    assert not report.incomplete("a")
    report.lose("a[0]")
    assert report.incomplete("a")
    assert not report.lost("a")
    assert report.paths("a", 3) == ["a[0]", "a[1]", "a[2]"]


def test_problems_come_in_the_order_of_lines_and_once() -> None:
    report = Report("f")
    for line, path in ((3, "b"), (1, "c"), (3, "a"), (1, "c")):
        report.place(path, Place("f", line, path))
        report.add(path, "is wrong")
    report.add("a", "is given twice", 9)
    assert [str(problem) for problem in report.sorted()] == [
        "f:1: c: is wrong",
        "f:3: b: is wrong",
        "f:3: a: is wrong",
        "f:9: a: is given twice",
    ]
