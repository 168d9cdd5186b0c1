"""Decisions are written together, answers wait for the disk, and what cannot be written never happened."""

from __future__ import annotations

import errno

import pytest

from cordwood.coordinator.shard_runner import RETRY_MS, State
from cordwood.coordinator.transaction_marker import TransactionMarker
from cordwood.groups.classic.commands import Heartbeat
from cordwood.groups.listing import DescribeClassic, ListGroups
from cordwood.groups.offsets.commands import Commit, CommitOffset, FetchOffsets, ForgetTopics
from cordwood.groups.offsets.replies import OffsetsCommitted
from cordwood.model.errors import DiskFull, InvalidProducerEpoch, RecordTooLarge, TransactionCoordinatorFenced
from cordwood.model.group_errors import CoordinatorLoading, CoordinatorNotAvailable, NotCoordinator
from cordwood.records.batch import batches
from cordwood.sim.faults import Fault, Operation
from tests.coordinator.rig import Rig, commit, image_of, join

pytestmark = pytest.mark.asyncio

DONE = OffsetsCommitted((None,))


def record_counts(rig: Rig) -> list[int]:
    """How many records each batch of the log has."""
    found = rig.log.read_range(0, 1 << 20)
    if found is None:
        return []
    data = found.file.read(found.end - found.start, found.start)
    return [header.record_count for header, _ in batches(data)]


async def test_nothing_is_answered_while_the_log_is_read() -> None:
    rig = Rig()
    with pytest.raises(CoordinatorLoading):
        rig.runner.run(commit("g", 5))
    with pytest.raises(CoordinatorLoading):
        rig.runner.ask(ListGroups())
    await rig.settle()
    assert await rig.ask(commit("g", 5)) == DONE


async def test_an_answer_waits_for_the_disk() -> None:
    rig = await Rig().started()
    answer = rig.send(commit("g", 5))
    await rig.settle(syncs=False)
    assert rig.log.end_offset == 1
    assert not answer.done()
    await rig.settle()
    assert answer.result() == DONE


async def test_what_is_not_durable_yet_is_told_to_nobody() -> None:
    rig = await Rig().started()
    answers = [rig.send(commit("g", 5)), rig.send(FetchOffsets("g"))]
    await rig.settle(syncs=False)
    answers.append(rig.send(FetchOffsets("g")))
    await rig.settle(syncs=False)
    assert not any(answer.done() for answer in answers)
    await rig.settle()
    assert all(answer.done() for answer in answers)


async def test_under_the_policy_os_the_page_cache_is_enough() -> None:
    rig = await Rig(policy="os").started()
    answer = rig.send(commit("g", 5))
    await rig.settle(syncs=False)
    assert answer.result() == DONE


async def test_what_changes_nothing_is_answered_at_once() -> None:
    rig = await Rig().started()
    member, generation = await rig.member("g")
    assert rig.runner.run(Heartbeat("g", member, None, generation)) is None
    assert rig.runner.ask(DescribeClassic("g")).state == "Stable"


async def test_decisions_of_one_turn_are_one_batch() -> None:
    rig = await Rig().started()
    answers = [rig.send(commit("g", number, number)) for number in range(4)]
    await rig.settle()
    assert record_counts(rig) == [4]
    assert [answer.result() for answer in answers] == [DONE] * 4


async def test_batches_keep_to_what_the_log_takes() -> None:
    rig = await Rig(max_message_bytes=400).started()
    for number in range(8):
        rig.send(commit("g", number, number))
    await rig.settle()
    counts = record_counts(rig)
    assert sum(counts) == 8
    assert len(counts) > 1


async def test_a_record_that_no_batch_can_hold_is_refused_and_harms_nobody() -> None:
    rig = await Rig(max_message_bytes=400).started()
    answer = await rig.ask(Commit("g", (CommitOffset("orders", 0, 5, metadata="x" * 400),)))
    assert isinstance(answer, RecordTooLarge)
    assert await rig.offsets("g") == {}
    assert await rig.ask(commit("g", 5)) == DONE


async def test_a_client_that_has_gone_is_not_told() -> None:
    rig = await Rig().started()
    rig.send(commit("g", 5)).cancel()
    await rig.settle()
    assert await rig.offsets("g") == {("orders", 0): 5}


# Restarts.


@pytest.mark.parametrize("is_clean", [True, False])
async def test_groups_members_and_offsets_come_back(is_clean: bool) -> None:
    rig = await Rig().started()
    member, generation = await rig.member("g")
    await rig.ask(commit("g", 5, member_id=member, generation=generation))
    await rig.ask(commit("simple", 7))
    if is_clean:
        rig.stop()
    again = await Rig(rig.disk.kill()).started()
    assert again.runner.loaded_records == rig.log.end_offset
    assert await again.ask(Heartbeat("g", member, None, generation)) is None
    assert await again.offsets("g") == {("orders", 0): 5}
    assert await again.offsets("simple") == {("orders", 0): 7}


async def test_what_was_decided_is_written_before_the_end() -> None:
    rig = await Rig().started()
    rig.send(commit("g", 5))
    rig.stop()
    again = await Rig(rig.disk.crash()).started()
    assert await again.offsets("g") == {("orders", 0): 5}


async def test_who_waits_at_the_end_is_sent_elsewhere() -> None:
    rig = await Rig().started()
    waits = rig.send(join("g"))
    rig.runner.close()
    assert isinstance(waits.result(), NotCoordinator)
    with pytest.raises(NotCoordinator):
        rig.runner.run(commit("g", 5))
    await rig.runner.closed()


async def test_offsets_of_topics_that_went_meanwhile_are_removed_when_loaded() -> None:
    rig = await Rig().started()
    await rig.ask(commit("g", 5))
    rig.stop()
    again = await Rig(rig.disk, image=image_of("payments")).started()
    assert await again.offsets("g") == {}


async def test_what_is_told_while_the_log_is_read_is_done_afterwards() -> None:
    rig = await Rig().started()
    await rig.ask(commit("g", 5))
    rig.stop()
    again = Rig(rig.disk)
    again.runner.tell(ForgetTopics(frozenset({"orders"})))
    await again.started()
    assert await again.offsets("g") == {}


# Trouble.


async def test_a_full_directory_is_seen_before_anything_changes() -> None:
    rig = await Rig().started()
    await rig.ask(commit("g", 5))
    rig.directory.check()
    rig.disk.free_bytes = lambda path: 10  # type: ignore[method-assign]  # a disk that fills up
    with pytest.raises(CoordinatorNotAvailable):
        rig.runner.run(commit("g", 6))
    assert await rig.offsets("g") == {("orders", 0): 5}
    del rig.disk.free_bytes  # type: ignore[method-assign]  # there is room again
    assert await rig.ask(commit("g", 7)) == DONE


async def test_decisions_of_one_turn_share_the_room_that_is_left() -> None:
    rig = await Rig().started()
    rig.directory.check()
    rig.disk.free_bytes = lambda path: 200  # type: ignore[method-assign]  # room for one
    answer = rig.send(commit("g", 5))
    with pytest.raises(CoordinatorNotAvailable):
        rig.runner.run(commit("g", 6))
    await rig.settle()
    assert answer.result() == DONE


async def test_an_append_that_fails_is_forgotten_by_all() -> None:
    rig = await Rig().started()
    await rig.ask(commit("g", 5))
    rig.disk.faults.fail(Fault(Operation.WRITE, errno.ENOSPC))
    lost = [rig.send(commit("g", 6)), rig.send(commit("h", 7)), rig.send(join("j"))]
    await rig.settle()
    assert [type(answer.result()) for answer in lost] == [CoordinatorNotAvailable] * 3
    assert rig.runner.state is State.ACTIVE
    assert await rig.offsets("g") == {("orders", 0): 5}
    assert await rig.offsets("h") == {}
    assert await rig.ask(commit("g", 8)) == DONE


async def test_a_log_that_leaves_this_broker_takes_its_groups_along() -> None:
    rig = await Rig().started()
    answer = rig.send(commit("g", 6))
    rig.log.close()
    await rig.settle()
    assert isinstance(answer.result(), NotCoordinator)
    assert rig.runner.state is State.CLOSED


async def test_a_sync_that_fails_ends_the_shard() -> None:
    rig = await Rig().started()
    rig.disk.faults.fail(Fault(Operation.DATASYNC, errno.EIO))
    answer = rig.send(commit("g", 6))
    await rig.settle()
    assert isinstance(answer.result(), CoordinatorNotAvailable)
    with pytest.raises(CoordinatorNotAvailable):
        rig.runner.run(commit("g", 7))


async def test_a_log_that_cannot_be_read_is_no_coordinator() -> None:
    rig = await Rig().started()
    rig.log.append(b"\0\x09\0\0", key=b"\0\2\0\1g")
    rig.stop()
    again = Rig(rig.disk)
    await again.settle()
    assert again.runner.state is State.FAILED
    with pytest.raises(CoordinatorNotAvailable, match="offset 0"):
        again.runner.run(commit("g", 5))


async def test_a_timer_that_cannot_be_written_is_tried_again() -> None:
    rig = await Rig().started()
    member, _ = await rig.member("g")
    rig.directory.check()
    rig.disk.free_bytes = lambda path: 10  # type: ignore[method-assign]  # a disk that fills up
    key = ("classic-session", "g", member)
    rig.runner._fire(key)
    assert rig.runner._timers._due[key] == pytest.approx(rig.around.loop.time() + RETRY_MS / 1000, abs=0.5)
    assert rig.runner.ask(DescribeClassic("g")).members


# Transactions with offsets.


def pending(offset: int, *, epoch: int = 3) -> Commit:
    """Commits an offset in the transaction of producer 7."""
    return commit("g", offset, producer_id=7, producer_epoch=epoch)


def marker(*, committed: bool = True, epoch: int = 3, coordinator_epoch: int = 0) -> TransactionMarker:
    """Ends the transaction of producer 7."""
    return TransactionMarker(7, epoch, committed, coordinator_epoch)


@pytest.mark.parametrize(("committed", "expected"), [(True, {("orders", 0): 6}), (False, {("orders", 0): 5})])
async def test_offsets_of_a_transaction_count_when_its_marker_is_durable(
    committed: bool, expected: dict[tuple[str, int], int]
) -> None:
    rig = await Rig().started()
    await rig.ask(commit("g", 5))
    await rig.ask(pending(6))
    assert await rig.offsets("g") == {("orders", 0): 5}
    rig.runner.append_marker(marker(committed=committed))
    answer = rig.send(FetchOffsets("g"))
    await rig.settle(syncs=False)
    assert not answer.done()
    await rig.settle()
    assert await rig.offsets("g") == expected
    again = await Rig(rig.disk.kill()).started()
    assert await again.offsets("g") == expected


async def test_a_marker_comes_behind_what_was_decided_before_it() -> None:
    rig = await Rig().started()
    answer = rig.send(pending(6))
    rig.runner.append_marker(marker())
    rig.send(commit("h", 1))
    await rig.settle()
    assert answer.result() == DONE
    assert await rig.offsets("g") == {("orders", 0): 6}
    assert record_counts(rig) == [1, 1, 1]
    again = await Rig(rig.disk.kill()).started()
    assert await again.offsets("g") == {("orders", 0): 6}


async def test_a_marker_that_comes_twice_changes_nothing() -> None:
    rig = await Rig().started()
    await rig.ask(pending(6))
    rig.runner.append_marker(marker())
    await rig.ask(commit("g", 7))
    rig.runner.append_marker(marker())
    assert await rig.offsets("g") == {("orders", 0): 7}


async def test_a_transaction_that_is_open_at_a_restart_is_decided_by_its_marker() -> None:
    rig = await Rig().started()
    await rig.ask(pending(6))
    rig.stop()
    again = await Rig(rig.disk).started()
    assert await again.offsets("g") == {}
    again.runner.append_marker(marker())
    assert await again.offsets("g") == {("orders", 0): 6}


async def test_a_marker_waits_until_the_shard_is_loaded() -> None:
    rig = Rig()
    with pytest.raises(CoordinatorLoading):
        rig.runner.append_marker(marker())
    await rig.settle()
    rig.runner.append_marker(marker())
    rig.runner.close()
    with pytest.raises(NotCoordinator):
        rig.runner.append_marker(marker())
    assert rig.log.end_offset == 1


async def test_a_marker_of_an_older_coordinator_decides_nothing() -> None:
    rig = await Rig().started()
    rig.runner.append_marker(marker(coordinator_epoch=5))
    await rig.ask(pending(6))
    with pytest.raises(TransactionCoordinatorFenced):
        rig.runner.append_marker(marker(coordinator_epoch=4))
    assert await rig.offsets("g") == {}
    assert rig.runner.shard.offsets.has_transactions("g")


async def test_a_fenced_producer_commits_nothing_and_harms_nobody() -> None:
    rig = await Rig().started()
    rig.runner.append_marker(marker(epoch=4))
    waits = rig.send(commit("h", 5))
    assert isinstance(await rig.ask(pending(6, epoch=3)), InvalidProducerEpoch)
    await rig.settle()
    assert waits.result() == DONE
    assert rig.runner.state is State.ACTIVE
    assert await rig.ask(pending(6, epoch=4)) == DONE


async def test_a_marker_whose_shard_is_lost_before_it_is_not_written() -> None:
    rig = await Rig().started()
    await rig.ask(pending(6))
    rig.disk.faults.fail(Fault(Operation.WRITE, errno.ENOSPC))
    lost = rig.send(commit("h", 5))
    with pytest.raises(CoordinatorLoading):
        rig.runner.append_marker(marker())
    await rig.settle()
    assert isinstance(lost.result(), CoordinatorNotAvailable)
    rig.runner.append_marker(marker())
    assert await rig.offsets("g") == {("orders", 0): 6}


async def test_a_marker_that_cannot_be_written_decides_nothing() -> None:
    rig = await Rig().started()
    await rig.ask(pending(6))
    rig.disk.faults.fail(Fault(Operation.WRITE, errno.ENOSPC))
    with pytest.raises(DiskFull):
        rig.runner.append_marker(marker())
    assert await rig.offsets("g") == {}
    rig.runner.append_marker(marker())
    assert await rig.offsets("g") == {("orders", 0): 6}


async def test_who_asks_is_told_when_all_that_was_decided_is_durable() -> None:
    rig = await Rig().started()
    assert rig.runner.written().result() is None
    rig.send(commit("g", 5))
    written = rig.runner.written()
    await rig.settle(syncs=False)
    assert not written.done()
    await rig.settle()
    assert written.result() is None
    rig.send(commit("g", 6))
    lost = rig.runner.written()
    rig.disk.faults.fail(Fault(Operation.WRITE, errno.ENOSPC))
    await rig.settle()
    assert isinstance(lost.result(), CoordinatorNotAvailable)
