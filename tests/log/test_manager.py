"""Many logs of one program: opened together, created, deleted and closed."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.env.background import Threads
from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.config import LogConfig
from cordwood.log.flusher import Flusher
from cordwood.log.manager import CLEAN_MARKER, LogManager
from cordwood.log.register import REGISTER_NAME
from cordwood.model.errors import CorruptLog, DirectoryLocked, StorageFailed, UnknownTopic
from cordwood.model.ids import TopicPartition
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import OS, values

ORDERS = TopicPartition("orders", 0)
DASHED = TopicPartition("a-b.c_d", 17)
TOPIC_ID = b"0123456789abcdef"


class House:
    """A disk, and managers that are opened on it one after the other."""

    def __init__(self, disk=None, directories=("/mem/one",)):
        self.disk = disk or MemoryDisk()
        self.directories = directories
        self.background: Any = SimBackground()
        self.progress = []

    def open(self, config_for=lambda name: OS, threads=1):
        clock = SimClock()
        return LogManager.open(
            self.directories,
            disk=self.disk,
            clock=clock,
            flusher=Flusher(self.background, clock),
            config_for=config_for,
            progress=lambda done, total: self.progress.append((done, total)),
            threads_per_directory=threads,
        )


def test_logs_live_as_long_as_they_are_wanted():
    house = House()
    manager = house.open()
    assert not manager.clean_start
    assert manager.logs == {}
    log = manager.create(ORDERS, OS, TOPIC_ID)
    assert manager.create(ORDERS, OS) is log is manager.get(ORDERS)
    manager.create(DASHED, LogConfig(max_message_bytes=99))
    log.append(b"x")
    assert manager.directory_of(ORDERS) == "/mem/one"
    assert house.disk.list("/mem/one/orders-0")
    manager.close()
    again = house.open()
    assert again.clean_start
    assert set(again.logs) == {ORDERS, DASHED}
    assert again.get(ORDERS).topic_id == TOPIC_ID
    assert house.progress == [], "no log was opened"
    assert values(again.get(ORDERS)) == [(0, b"x")]
    assert again.get(TopicPartition("other", 0)) is None


def test_a_start_after_a_crash_is_not_clean():
    house = House(SimDisk(), ("/sim/one",))
    manager = house.open()
    manager.create(ORDERS, OS).append(b"x")
    house.disk = house.disk.kill()
    manager = house.open()
    assert not manager.clean_start
    assert values(manager.get(ORDERS)) == [(0, b"x")]
    manager.close()
    assert house.open().clean_start


def test_logs_opened_side_by_side_are_the_same():
    house = House(directories=("/mem/one", "/mem/two"))
    manager = house.open()
    for partition in range(9):
        manager.create(TopicPartition("t", partition), OS).append(b"%d" % partition)
    manager.close()
    torn = manager.directory_of(TopicPartition("t", 3))
    house.disk.unlink(f"{torn}/t-3/{0:020d}.log")
    house.disk.unlink(f"/mem/one/{REGISTER_NAME}")
    house.background = Threads()
    again = house.open(threads=3)
    house.background.close()
    assert house.progress == [(done, 9) for done in range(1, 10)]
    assert list(again.failed) == [TopicPartition("t", 3)]
    for name, log in again.logs.items():
        assert values(log) == [(0, b"%d" % name.partition)]
    entries = [(log.path.rpartition("/")[0], str(name)) for name, log in again.logs.items()]
    assert entries == sorted(entries)
    assert len(entries) == 8


class CountingBackground(SimBackground):
    """Counts the workers that are started."""

    def __init__(self):
        super().__init__()
        self.started = []

    def start(self, name, work):
        self.started.append(name)
        return super().start(name, work)


def test_threads_are_for_what_a_crash_left():
    house = House(SimDisk(), ("/sim/one",))
    manager = house.open()
    for partition in range(4):
        manager.create(TopicPartition("t", partition), OS).append(b"x")
    manager.close()
    house.disk.unlink(f"/sim/one/{REGISTER_NAME}")
    house.background = CountingBackground()
    assert len(house.open(threads=3).logs) == 4
    assert house.background.started == []
    house.disk = house.disk.kill()
    assert len(house.open(threads=3).logs) == 4
    assert house.background.started == ["opening"] * 3


# Logs that nobody touches.


def test_an_adopted_log_is_made_when_it_is_touched():
    house = House(directories=("/mem/one", "/mem/two"))
    manager = house.open()
    names = [TopicPartition("t", partition) for partition in range(7)]
    first = manager.create(names[2], OS, TOPIC_ID)
    made = manager.adopt_all(names, OS, TOPIC_ID)
    assert [log.path.rpartition("/")[2] for log in made] == [str(name) for name in names]
    assert made[2] is first
    assert {log.topic_id for log in made} == {TOPIC_ID}
    directories = [manager.directory_of(name) for name in names]
    assert sorted(map(directories.count, ("/mem/one", "/mem/two"))) == [3, 4]
    assert [log.end_offset for log in made] == [0] * 7
    assert [house.disk.exists(log.path) for log in made] == [False, False, True, False, False, False, False]
    made[5].append(b"x")
    manager.delete(names[4])
    manager.close()
    again = house.open()
    assert set(again.logs) == {names[2], names[5]}
    assert [again.get(name).topic_id for name in (names[2], names[5])] == [TOPIC_ID] * 2
    for directory in house.directories:
        again.fail_directory(directory, StorageFailed(directory, "write", OSError("gone")))
    more = again.adopt_all([TopicPartition("u", 0), names[2], TopicPartition("u", 1)], OS)
    assert [type(one) for one in more] == [StorageFailed, type(first), StorageFailed]


def test_a_start_opens_only_what_was_written_since_it_was_registered():
    house = House(SimDisk(), ("/sim/one",))
    manager = house.open()
    logs = [manager.create(TopicPartition("t", partition), OS, TOPIC_ID) for partition in range(4)]
    for log in logs:
        log.append(b"x")
        log.checkpoint()
    assert logs[0].rest()
    assert logs[1].rest()
    manager.checkpoint()
    logs[1].append(b"y")
    logs[2].append(b"z")
    house.disk = house.disk.kill()
    house.progress = []
    again = house.open()
    assert len(house.progress) == 3, "0 rests as it did"
    assert [log.at_rest is not None for log in again.logs.values()] == [True, False, False, True]
    assert [len(values(log)) for log in again.logs.values()] == [1, 2, 2, 1]


def test_a_log_that_lost_its_directory_is_not_begun_anew():
    house = House()
    manager = house.open()
    name, empty, awake = (TopicPartition("t", partition) for partition in range(3))
    for one in (name, empty, awake):
        manager.create(one, OS, TOPIC_ID)
    for one in (name, awake):
        manager.get(one).append(b"x")
    manager.checkpoint()
    manager._release()
    for one in (name, empty, awake):
        house.disk.rename(f"/mem/one/{one}", f"/mem/one/{one}.lost")
    for _ in range(2):
        manager = house.open()
        lost, begun, also_lost = manager.adopt_all([name, empty, awake], OS, TOPIC_ID)
        assert isinstance(lost, CorruptLog)
        assert isinstance(also_lost, CorruptLog)
        assert "offset 1" in str(lost)
        assert begun.end_offset == 0
        assert manager.failed[name] is lost
        assert isinstance(manager.adopt_all([name], OS, TOPIC_ID)[0], CorruptLog)
        manager.close()
    manager = house.open()
    other, _, _ = manager.adopt_all([name, empty, awake], OS, b"another topic's.")
    assert other.end_offset == 0, "another topic of that name lost nothing"
    manager.delete(name)
    manager.delete(awake)
    assert manager.adopt_all([name], OS, TOPIC_ID)[0].end_offset == 0, "nobody misses it any more"


def test_a_directory_has_one_owner():
    house = House()
    manager = house.open()
    with pytest.raises(DirectoryLocked):
        house.open()
    manager.close()
    house.open().close()


def test_new_logs_go_where_there_are_fewest():
    house = House(directories=("/mem/one", "/mem/two"))
    manager = house.open()
    for partition in range(4):
        manager.create(TopicPartition("t", partition), OS)
    names = [manager.directory_of(TopicPartition("t", partition)) for partition in range(4)]
    assert sorted(names) == ["/mem/one", "/mem/one", "/mem/two", "/mem/two"]
    manager.close()
    assert len(house.open().logs) == 4
    assert house.directories == tuple(manager.directories)


def test_a_deleted_log_is_gone_and_its_name_is_free():
    house = House()
    manager = house.open()
    manager.create(ORDERS, OS).append(b"x")
    manager.delete(ORDERS)
    assert manager.get(ORDERS) is None
    fresh = manager.create(ORDERS, OS)
    assert fresh.end_offset == 0
    manager.delete(ORDERS)
    assert len([name for name in house.disk.list("/mem/one") if name.endswith("-delete")]) == 2
    house.background.run()
    assert house.disk.list("/mem/one") == ["LOCK"] or house.disk.list("/mem/one") == []
    with pytest.raises(UnknownTopic):
        manager.delete(ORDERS)
    with pytest.raises(UnknownTopic):
        manager.directory_of(ORDERS)


def test_a_deletion_that_was_interrupted_is_finished_at_the_next_opening():
    house = House()
    manager = house.open()
    manager.create(ORDERS, OS).append(b"x")
    manager.delete(ORDERS)
    manager.close()
    manager = house.open()
    assert not [name for name in house.disk.list("/mem/one") if name.endswith("-delete")]
    assert manager.logs == {}


def test_a_log_goes_to_another_directory():
    house = House(directories=("/mem/one", "/mem/two"))
    manager = house.open()
    log = manager.create(ORDERS, OS)
    log.append_many([b"a", b"b"])
    house.disk.make_directory("/mem/two/orders-0")
    move = manager.move(ORDERS, "/mem/two")
    manager.arrive(ORDERS, move)
    assert manager.directory_of(ORDERS) == "/mem/two"
    assert [value for _, value in values(log)] == [b"a", b"b"]
    assert manager.create(DASHED, OS).path == "/mem/one/a-b.c_d-17", "there are fewest logs again"
    assert ".1-stray" in house.disk.list("/mem/two"), "what lay under its name is kept"
    manager.close()
    reopened = house.open()
    assert reopened.directory_of(ORDERS) == "/mem/two"


def test_a_log_goes_to_no_directory_that_failed():
    house = House(directories=("/mem/one", "/mem/two"))
    manager = house.open()
    manager.create(ORDERS, OS)
    manager.fail_directory("/mem/two", StorageFailed("/mem/two", "write", OSError("it is gone")))
    with pytest.raises(StorageFailed):
        manager.move(ORDERS, "/mem/two")
    with pytest.raises(UnknownTopic):
        manager.move(DASHED, "/mem/one")


def test_partitions_that_nobody_wants_are_left_alone():
    house = House()
    manager = house.open()
    manager.create(ORDERS, OS)
    manager.create(DASHED, OS)
    manager.close()
    manager = house.open(lambda name: OS if name == DASHED else None)
    assert set(manager.logs) == {DASHED}
    assert "orders-0" in house.disk.list("/mem/one")


def test_a_log_of_another_topic_is_set_aside():
    house = House()
    manager = house.open()
    manager.create(ORDERS, OS, TOPIC_ID).append(b"old")
    manager.set_aside(ORDERS)
    assert manager.get(ORDERS) is None
    assert [name for name in house.disk.list("/mem/one") if name.endswith("-stray")] == [".1-stray"]
    assert manager.create(ORDERS, OS).end_offset == 0
    manager.close()
    manager = house.open(lambda name: None)
    manager.create(ORDERS, OS)
    assert [name for name in house.disk.list("/mem/one") if name.endswith("-stray")] == [".1-stray", ".2-stray"]


def test_a_log_that_cannot_be_opened_keeps_no_other_from_it():
    house = House()
    manager = house.open()
    for name in (ORDERS, DASHED):
        manager.create(name, OS).append(b"x")
    manager.close()
    file = house.disk.open("/mem/one/orders-0/partition.meta")
    file.write([b"rubbish"], 0)
    manager = house.open()
    assert set(manager.logs) == {DASHED}
    assert isinstance(manager.failed[ORDERS], CorruptLog)
    with pytest.raises(CorruptLog):
        manager.create(ORDERS, OS)
    manager.close()
    assert not house.disk.exists(f"/mem/one/{CLEAN_MARKER}")
    manager = house.open()
    manager.delete(ORDERS)
    assert manager.failed == {}
    assert manager.create(ORDERS, OS).end_offset == 0


def test_checkpoint_moves_what_has_news_and_survives_failures():
    house = House(SimDisk(), ("/sim/one",))
    manager = house.open()
    first, second, third = (manager.create(TopicPartition("t", number), OS) for number in range(3))
    for log in (first, second):
        log.append(b"x")
    third.checkpoint()
    house.disk.faults.fail(Fault(Operation.DATASYNC))
    manager.checkpoint()
    assert first.failure is not None
    assert second.recovery_point == 1
    with pytest.raises(StorageFailed):
        manager.close()
    assert not house.disk.exists(f"/sim/one/{CLEAN_MARKER}")
    assert values(house.open().get(TopicPartition("t", 1))) == [(0, b"x")]


def test_a_failed_opening_gives_the_directories_back():
    house = House(SimDisk(), ("/sim/one", "/sim/two"))
    house.open().close()
    lock = house.disk.lock("/sim/two")
    with pytest.raises(DirectoryLocked):
        house.open()
    lock.release()
    house.open().close()
