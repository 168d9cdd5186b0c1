"""The table of offsets: the newest commit wins, in whatever order transactions end. Against a slow twin."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved
from cordwood.groups.offsets.table import OffsetTable


def committed(offset: int, producer: int = -1, *, group: str = "g", partition: int = 0) -> OffsetCommitted:
    return OffsetCommitted(group, "t", partition, offset, producer_id=producer)


def offset_of(table: OffsetTable, group: str = "g", partition: int = 0) -> int | None:
    record = table.find(group, "t", partition)
    return None if record is None else record.offset


def test_the_last_commit_counts():
    table = OffsetTable()
    for offset in (5, 9, 7):
        table.replay(committed(offset))
    assert offset_of(table) == 7
    assert table.count == 1


def test_what_is_removed_is_gone_with_its_group():
    table = OffsetTable()
    table.replay(committed(5))
    table.replay(OffsetRemoved("g", "t", 0))
    table.replay(OffsetRemoved("g", "t", 0))
    assert offset_of(table) is None
    assert (table.count, table.groups()) == (0, [])


def test_a_transaction_counts_when_it_is_committed():
    table = OffsetTable()
    table.replay(committed(5))
    table.replay(committed(8, producer=1))
    assert offset_of(table) == 5
    assert table.is_pending("g", "t", 0)
    table.complete(1, committed=True)
    assert offset_of(table) == 8
    assert not table.is_pending("g", "t", 0)
    assert not table.has_transactions("g")


def test_an_aborted_transaction_leaves_nothing():
    table = OffsetTable()
    table.replay(committed(8, producer=1))
    assert table.groups() == ["g"]
    table.complete(1, committed=False)
    assert table.groups() == []
    assert offset_of(table) is None


def test_a_later_commit_supersedes_what_is_pending():
    table = OffsetTable()
    table.replay(committed(8, producer=1))
    table.replay(committed(9))
    assert table.is_pending("g", "t", 0)
    table.complete(1, committed=True)
    assert offset_of(table) == 9


def test_of_two_transactions_the_one_that_committed_last_in_the_log_counts():
    table = OffsetTable()
    table.replay(committed(8, producer=1))
    table.replay(committed(9, producer=2))
    table.complete(2, committed=True)
    table.complete(1, committed=True)
    assert offset_of(table) == 9


def test_the_end_of_an_unknown_transaction_changes_nothing():
    table = OffsetTable()
    table.replay(committed(8, producer=1))
    table.complete(77, committed=True)
    assert table.has_transactions("g")
    table.complete(1, committed=True)
    assert offset_of(table) == 8


class SlowTable:
    """Keeps the whole history and looks through it: obviously right."""

    def __init__(self) -> None:
        self.history: list[OffsetCommitted | OffsetRemoved | tuple[int, bool]] = []

    def effective(self) -> dict[tuple[str, int], int]:
        """The offset of each group and partition: of all commits that took effect, the last in the log."""
        found: dict[tuple[str, int], tuple[int, int]] = {}
        pending: dict[int, dict[tuple[str, int], tuple[int, int]]] = {}
        for order, entry in enumerate(self.history):
            if isinstance(entry, OffsetCommitted) and entry.producer_id < 0:
                found[entry.group, entry.partition] = (order, entry.offset)
            elif isinstance(entry, OffsetCommitted):
                pending.setdefault(entry.producer_id, {})[entry.group, entry.partition] = (order, entry.offset)
            elif isinstance(entry, OffsetRemoved):
                for known in (found, *pending.values()):
                    known.pop((entry.group, entry.partition), None)
            else:
                for key, value in pending.pop(entry[0], {}).items():
                    if entry[1]:
                        found[key] = max(found.get(key, value), value)
        return {key: offset for key, (_, offset) in found.items()}


GROUPS = st.sampled_from(["g", "h"])
PARTITIONS = st.integers(0, 2)
ENTRIES = st.one_of(
    st.builds(
        lambda group, partition, offset, producer: committed(offset, producer, group=group, partition=partition),
        GROUPS,
        PARTITIONS,
        st.integers(0, 1000),
        st.sampled_from([-1, -1, 1, 2, 3]),
    ),
    st.builds(lambda group, partition: OffsetRemoved(group, "t", partition), GROUPS, PARTITIONS),
    st.tuples(st.sampled_from([1, 2, 3]), st.booleans()),
)


@settings(max_examples=200)
@given(st.lists(ENTRIES, max_size=30))
def test_the_table_says_what_the_history_says(entries):
    table, twin = OffsetTable(), SlowTable()
    for entry in entries:
        twin.history.append(entry)
        if isinstance(entry, tuple):
            table.complete(entry[0], committed=entry[1])
        else:
            table.replay(entry)
        told = {(record.group, record.partition): record.offset for record in table.all()}
        assert told == twin.effective()
        assert table.count == len(told)
