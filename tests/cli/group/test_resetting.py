"""`cordwood group reset`: what it shows, what it does, and what it refuses."""

from __future__ import annotations

import pytest

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.options import connection_of
from cordwood.cli.group.asking import committed_offsets
from cordwood.testing import Server
from tests.cli.group.conftest import commit
from tests.cli.running import run


def offsets(server: Server, group: str) -> object:
    kafka = Cluster(connection_of(server.bootstrap_servers, {}, {}, 10.0, {}))
    return committed_offsets(kafka, [group])[group]


@pytest.fixture
def mover(groups: Server) -> Server:
    """A group `mover` with an offset in each partition of orders."""
    commit(groups, "mover", {("orders", 0): 3, ("orders", 1): 3})
    return groups


@pytest.mark.parametrize(
    ("target", "new"),
    [
        (["--to", "start"], 0),
        (["--to", "end"], 5),
        (["--to", "2"], 2),
        (["--to", "-1"], 4),
        (["--to", "@1004"], 2),
        (["--to", "@2000"], 5),
        (["--shift-by", "-2"], 1),
        (["--shift-by", "1"], 4),
    ],
)
def test_where_to(mover: Server, target: list[str], new: int) -> None:
    done = run(mover, "group", "reset", "mover", "-t", "orders:0", *target)
    assert (done.exit_code, done.stderr) == (0, "1 offset of group mover changed\n")
    assert done.stdout.splitlines() == [
        "TOPIC   PARTITION  OLD  NEW",
        f"orders          0    3    {new}",
    ]
    assert offsets(mover, "mover") == {("orders", 0): new, ("orders", 1): 3}


def test_a_dry_run_changes_nothing(mover: Server) -> None:
    done = run(mover, "group", "reset", "mover", "--all-topics", "--to", "end", "--dry-run", "-o", "jsonl")
    assert (done.exit_code, done.stderr) == (0, "dry run: nothing was changed\n")
    assert done.stdout.splitlines() == [
        '{"group":"mover","topic":"orders","partition":0,"old":3,"new":5}',
        '{"group":"mover","topic":"orders","partition":1,"old":3,"new":5}',
    ]
    assert offsets(mover, "mover") == {("orders", 0): 3, ("orders", 1): 3}


def test_a_topic_may_be_named_again(mover: Server) -> None:
    done = run(mover, "group", "reset", "mover", "-t", "orders:1", "-t", "orders:0", "--to", "end", "-o", "jsonl")
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 2)
    assert offsets(mover, "mover") == {("orders", 0): 5, ("orders", 1): 5}


def test_what_is_there_already_is_left(mover: Server) -> None:
    done = run(mover, "group", "reset", "mover", "-t", "orders", "--to", "3")
    assert (done.exit_code, done.stderr) == (0, "0 offsets of group mover changed\n")


def test_offsets_outside_are_brought_inside(mover: Server) -> None:
    done = run(mover, "group", "reset", "mover", "-t", "orders:1", "--shift-by", "99")
    assert done.exit_code == 0
    assert done.stderr == "warning: orders-1 has no such offset: 5 is the nearest\n1 offset of group mover changed\n"
    assert offsets(mover, "mover") == {("orders", 0): 3, ("orders", 1): 5}


def test_a_new_group(groups: Server) -> None:
    refused = run(groups, "group", "reset", "newcomer", "-t", "bills", "--to", "start")
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert refused.stderr == "error: there is no group newcomer: with --new it gets its first offsets\n"
    done = run(groups, "group", "reset", "newcomer", "-t", "bills", "--to", "start", "--new")
    assert (done.exit_code, done.stderr) == (0, "1 offset of group newcomer changed\n")
    assert done.stdout.splitlines()[1].split() == ["bills", "0", "-", "0"]
    assert offsets(groups, "newcomer") == {("bills", 0): 0}


@pytest.mark.parametrize("group", ["readers", "classics"])
def test_a_group_with_members_is_left_alone(groups: Server, reading: str, reading_classic: str, group: str) -> None:
    done = run(groups, "group", "reset", group, "-t", "orders", "--to", "end")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: group {group} has 1 member: stop them first, since they would commit over what is set here; "
        f"`cordwood group describe {group}` shows them\n"
    )
    assert offsets(groups, group) == {("orders", 0): 1}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["-t", "nothing", "--to", "end"], 3, "nothing: "),
        (["-t", "orders:0,9", "--to", "end"], 3, "topic orders has no partition 9"),
        (["-t", "bills", "--shift-by", "1"], 3, "bills-0 has no committed offset to shift"),
        (["-t", "bills", "-t", "orders:1", "--shift-by", "1"], 6, "bills-0 has no committed offset to shift"),
        (["--to", "end"], 2, "say which partitions"),
        (["-t", "orders", "--all-topics", "--to", "end"], 2, "say which partitions"),
        (["-t", "orders"], 2, "say where to"),
        (["-t", "orders", "--to", "end", "--shift-by", "1"], 2, "say where to"),
        (["-t", "orders", "--to", "soon"], 2, "is no offset"),
        (["-t", "orders:x", "--to", "end"], 2, "names no partitions"),
    ],
)
def test_what_cannot_be_done(mover: Server, arguments: list[str], code: int, words: str) -> None:
    done = run(mover, "group", "reset", "mover", *arguments)
    assert done.exit_code == code
    assert words in done.stderr


def test_a_group_without_offsets_has_no_topics(groups: Server) -> None:
    done = run(groups, "group", "reset", "nobody", "--all-topics", "--to", "end", "--new")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "error: the group has no offsets yet: name topics by --topic\n"
