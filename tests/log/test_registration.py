"""Whom a start believes, whom it misses, and when the register is written. With logs: tests/log/test_manager.py."""

from __future__ import annotations

from cordwood.log.at_rest import AtRest
from cordwood.log.register import REGISTER_NAME, Row, encode_register, load_register, store_register
from cordwood.log.registration import Register
from cordwood.model.errors import CorruptLog
from cordwood.model.ids import NO_TOPIC_ID, TopicPartition
from tests.log.kit import World

HOME = "/mem/data"
NAME = TopicPartition("orders", 0)
TOPIC_ID = b"0123456789abcdef"


def register(world, rows):
    store_register(world.disk, HOME, encode_register(rows))
    made = Register(world.disk, HOME)
    made.load()
    return made


def rested():
    """A world, and a log at rest in it."""
    world = World(path=f"{HOME}/{NAME}")
    log = world.open()
    log.set_topic_id(TOPIC_ID)
    log.append(b"x")
    log.checkpoint()
    assert log.rest()
    return world, log


def test_who_rests_as_registered_is_believed_once():
    world, log = rested()
    for row in (Row(HOME, log.at_rest, rests=False), Row("/elsewhere", log.at_rest)):
        assert register(world, {NAME: row}).found(NAME, HOME) is None
    known = register(world, {NAME: Row(HOME, log.at_rest)})
    assert known.found(TopicPartition("other", 0), HOME) is None
    assert known.found(NAME, HOME) == log.at_rest
    assert known.found(NAME, HOME) is None
    assert known.lost(NAME, TOPIC_ID) is None, "it was found"


def test_who_was_registered_with_records_is_missed():
    world, log = rested()
    known = register(world, {NAME: Row(HOME, log.at_rest, rests=False)})
    assert known.lost(NAME, b"another topic's.") is None
    assert known.lost(NAME, NO_TOPIC_ID) is None
    lost = known.lost(NAME, TOPIC_ID)
    assert isinstance(lost, CorruptLog)
    assert lost.path == f"{HOME}/{NAME}"
    known.write({})
    assert NAME in load_register(world.disk, HOME), "and still is, after the next start"
    known.forget(NAME)
    known.write({})
    assert load_register(world.disk, HOME) == {}
    assert known.lost(NAME, TOPIC_ID) is None


def test_who_had_nothing_is_not_missed():
    known = register(World(path=HOME), {NAME: Row(HOME, AtRest(TOPIC_ID))})
    assert known.lost(NAME, TOPIC_ID) is None


def test_it_is_written_when_there_is_something_new():
    world, log = rested()
    known = Register(world.disk, HOME)
    known.write({NAME: log})
    assert load_register(world.disk, HOME) == {NAME: Row(HOME, log.at_rest)}
    world.disk.unlink(f"{HOME}/{REGISTER_NAME}")
    known.write({NAME: log})
    assert not world.disk.exists(f"{HOME}/{REGISTER_NAME}")
    log.append(b"y")
    known.write({NAME: log})
    assert load_register(world.disk, HOME) == {NAME: Row(HOME, AtRest(TOPIC_ID, 0, 1), rests=False)}
