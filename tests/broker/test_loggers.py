"""Levels of loggers by Kafka's words."""

from __future__ import annotations

import logging

import pytest

from cordwood.broker import loggers
from cordwood.metadata.configs import Change, Operation


@pytest.fixture
def logger():
    name = "tests.broker.loggers.one"
    found = logging.getLogger(name)
    yield found
    for each in (name, "tests.broker.loggers"):
        logging.getLogger(each).setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    ("level", "word"),
    [
        (1, "TRACE"),
        (5, "TRACE"),
        (logging.DEBUG, "DEBUG"),
        (15, "DEBUG"),
        (logging.INFO, "INFO"),
        (logging.WARNING, "WARN"),
        (logging.ERROR, "ERROR"),
        (logging.CRITICAL, "FATAL"),
        (99, "FATAL"),
    ],
)
def test_every_level_has_a_word(logger, level, word):
    logger.setLevel(level)
    assert loggers.levels()[logger.name] == word


@pytest.mark.parametrize("word", list(loggers.LEVELS))
def test_every_word_sets_its_level(logger, word):
    change = Change(logger.name, Operation.SET, word)
    loggers.check(change)
    loggers.apply(change)
    assert (logger.level, loggers.levels()[logger.name]) == (loggers.LEVELS[word], word)


def test_a_name_above_others_sets_the_level_of_all_that_have_none(logger):
    loggers.apply(Change("tests.broker.loggers", Operation.SET, "FATAL"))
    assert loggers.levels()[logger.name] == "FATAL"
    loggers.apply(Change("tests.broker.loggers", Operation.DELETE, None))
    assert loggers.levels()[logger.name] == loggers.levels()["root"]


def test_the_root_comes_first():
    assert next(iter(loggers.levels())) == loggers.ROOT
