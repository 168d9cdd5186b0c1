"""What is found of a directory's names after a power failure."""

from __future__ import annotations

from cordwood.env.dice import SeededDice
from cordwood.sim.content import Content
from cordwood.sim.names import Directory, Link, Rename, Unlink


def found(directory: Directory) -> set[tuple[str, ...]]:
    """The names found in many power failures."""
    return {tuple(sorted(directory.after_power_failure(SeededDice(seed)).entries)) for seed in range(100)}


def directory_of(*names: str) -> Directory:
    """A synced directory of files that hold their names."""
    return Directory({name: Content(name.encode()) for name in names})


def test_what_was_synced_is_found():
    directory = Directory()
    directory.change(Link("a", Content()))
    directory.sync()
    assert found(directory) == {("a",)}


def test_changes_are_found_in_order_up_to_any_of_them():
    directory = directory_of("a", "b")
    directory.change(Rename("a", "c"))
    directory.change(Unlink("b"))
    directory.change(Link("d", Content()))
    assert sorted(directory.entries) == ["c", "d"]
    assert found(directory) == {("a", "b"), ("b", "c"), ("c",), ("c", "d")}


def test_a_rename_takes_the_place_of_a_file_at_once():
    directory = directory_of("a", "a.new")
    directory.change(Rename("a.new", "a"))
    assert found(directory) == {("a", "a.new"), ("a",)}
    for seed in range(30):
        entries = directory.after_power_failure(SeededDice(seed)).entries
        assert isinstance(entries["a"], Content)
        assert bytes(entries["a"].bytes) == (b"a" if "a.new" in entries else b"a.new")


def test_a_name_may_be_found_before_the_bytes():
    directory = Directory()
    content = Content()
    directory.change(Link("a", content))
    directory.sync()
    content.write(b"late", 0)
    sizes = {len(directory.after_power_failure(SeededDice(seed)).entries["a"].bytes) for seed in range(50)}
    assert {0, 4} <= sizes


def test_directories_are_found_each_by_itself():
    inner = Directory()
    outer = Directory({"inner": inner})
    inner.change(Link("a", Content()))
    outer.change(Link("b", Content()))
    outcomes = {
        (tuple(sorted(root.entries)), tuple(root.entries["inner"].entries))
        for root in (outer.after_power_failure(SeededDice(seed)) for seed in range(100))
    }
    assert outcomes == {(names, within) for names in (("inner",), ("b", "inner")) for within in ((), ("a",))}


def test_a_fork_keeps_one_file_one():
    directory = directory_of("a")
    directory.change(Rename("a", "b"))
    twin = directory.fork()
    twin.entries["b"].write(b"!", 1)
    twin.entries["b"].sync()
    assert directory.entries["b"].bytes == b"a"
    for seed in range(20):
        entries = twin.after_power_failure(SeededDice(seed)).entries
        assert [bytes(node.bytes) for node in entries.values()] == [b"a!"]
