"""Names in data directories."""

from __future__ import annotations

import pytest

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.entries import DELETED_SUFFIX, Entries, partition_of
from cordwood.log.meta import PartitionMeta
from cordwood.model.ids import TopicPartition

ONE, TWO = "/mem/one", "/mem/two"
ORDERS = TopicPartition("orders", 0)
DASHED = TopicPartition("a-b.c_d", 17)


@pytest.fixture
def disk() -> MemoryDisk:
    made = MemoryDisk()
    for directory in (ONE, TWO):
        made.make_directory(directory)
    return made


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("orders-0", ORDERS),
        ("a-b.c_d-17", DASHED),
        ("orders", None),
        ("orders-", None),
        ("-5", None),
        ("orders-x", None),
        ("orders-007", None),
        ("orders-٣", None),
        ("LOCK", None),
        (".1-delete", None),
        (".2-moving", None),
    ],
)
def test_names_of_directories(entry: str, name: TopicPartition | None) -> None:
    assert partition_of(entry) == name


def test_an_unused_name_is_used_once(disk: MemoryDisk) -> None:
    disk.make_directory(f"{ONE}/.1-delete")
    entries = Entries(disk)
    assert [entries.unused(ONE, DELETED_SUFFIX) for _ in range(2)] == [f"{ONE}/.2-delete", f"{ONE}/.3-delete"]


def test_leftovers_go_and_what_was_set_aside_stays(disk: MemoryDisk) -> None:
    for entry in ("orders-0", ".1-delete", ".2-moving", ".3-stray", ".4-other"):
        disk.make_directory(f"{ONE}/{entry}")
        disk.open(f"{ONE}/{entry}/file", create=True).close()
    Entries(disk).remove_leftovers(ONE)
    assert sorted(disk.list(ONE)) == [".3-stray", ".4-other", "orders-0"]


def test_logs_are_found_in_all_directories(disk: MemoryDisk) -> None:
    for path in (f"{ONE}/orders-0", f"{TWO}/orders-0", f"{TWO}/a-b.c_d-17", f"{TWO}/.9-moving"):
        disk.make_directory(path)
    assert Entries(disk).logs((ONE, TWO)) == {ORDERS: [ONE, TWO], DASHED: [TWO]}


@pytest.mark.parametrize(
    ("points", "chosen"),
    [((5, 7), TWO), ((7, 5), ONE), ((7, 7), ONE), ((None, 0), TWO), ((0, None), ONE)],
)
def test_of_two_logs_of_one_name_the_one_counts_that_went_on(
    disk: MemoryDisk, points: tuple[int | None, int | None], chosen: str
) -> None:
    for directory, point in zip((ONE, TWO), points, strict=True):
        disk.make_directory(f"{directory}/orders-0")
        if point is not None:
            PartitionMeta(recovery_point=point).store(disk, f"{directory}/orders-0")
    assert Entries(disk).choose(ORDERS, [ONE, TWO]) == chosen
    held = [directory for directory in (ONE, TWO) if "orders-0" in disk.list(directory)]
    (other,) = {ONE, TWO} - {chosen}
    assert held == [chosen]
    assert disk.list(other) == [".1-stray"]


def test_a_name_that_is_damaged_does_not_count(disk: MemoryDisk) -> None:
    for directory in (ONE, TWO):
        disk.make_directory(f"{directory}/orders-0")
    disk.open(f"{ONE}/orders-0/partition.meta", create=True).write([b"no checkpoint"], 0)
    PartitionMeta().store(disk, f"{TWO}/orders-0")
    assert Entries(disk).choose(ORDERS, [ONE, TWO]) == TWO
