"""The levels of this process's loggers, by Kafka's words for them (KIP-412).

    levels()                          -> {"root": "INFO", "cordwood.node.node": "INFO", ...}
    check(change); apply(change)      sets a level, or takes it back, until the process ends

Lives here: Python's loggers as DescribeConfigs and IncrementalAlterConfigs see them. Must not live here: requests.

A name that stands above others, as `cordwood` does, counts as a logger though nobody writes with it: its level is that of
all below it which have none of their own.
"""

from __future__ import annotations

import logging
from typing import Final

from cordwood.metadata.configs import Change, Operation
from cordwood.model.errors import InvalidConfig, InvalidRequest

ROOT: Final = "root"

TRACE: Final = 5
"""Below logging.DEBUG; Python has no word for it."""

LEVELS: Final = {
    "TRACE": TRACE,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
    "FATAL": logging.CRITICAL,
}
"""Kafka's words, the most talkative first."""


def levels() -> dict[str, str]:
    """Every logger and the level that it writes from; the root first, then by name."""
    return {ROOT: _word(_logger(ROOT)), **{name: _word(_logger(name)) for name in sorted(_names())}}


def check(change: Change) -> None:
    """Raises InvalidRequest or InvalidConfig unless the change can be made."""
    match change.operation:
        case Operation.SET:
            _check_exists(change.name)
            if change.value not in LEVELS:
                listed = ", ".join(LEVELS)
                raise InvalidConfig(
                    f"{change.name}: {change.value!r} is no level of a logger; it wants one of {listed}"
                )
        case Operation.DELETE:
            _check_exists(change.name)
            if change.name == ROOT:
                raise InvalidRequest("the level of the root logger cannot be taken away: set another one")
        case Operation.APPEND | Operation.SUBTRACT:
            raise InvalidRequest(f"{change.name}: the level of a logger can be set and deleted only")
        case _:
            raise InvalidRequest(f"{change.name}: there is no operation {change.operation}")


def apply(change: Change) -> None:
    """Makes a change that was checked."""
    logger = _logger(change.name)
    logger.setLevel(
        logging.NOTSET if change.value is None or change.operation == Operation.DELETE else LEVELS[change.value]
    )


def _names() -> list[str]:
    return list(logging.root.manager.loggerDict)


def _check_exists(name: str) -> None:
    if name != ROOT and name not in logging.root.manager.loggerDict:
        raise InvalidConfig(f"there is no logger {name!r}")


def _logger(name: str) -> logging.Logger:
    return logging.root if name == ROOT else logging.getLogger(name)


def _word(logger: logging.Logger) -> str:
    """The word for what is written: a level between two words counts as the one below it."""
    level = logger.getEffectiveLevel()
    return max((number, word) for word, number in LEVELS.items() if number <= max(level, TRACE))[1]
