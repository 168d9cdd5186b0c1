"""Cordwood: a commit log in Python that speaks the Apache Kafka protocol.

    from cordwood import Log

    with Log.open("data/orders") as log:
        log.append(b"hello")

Lives here: the names that a program imports from `cordwood`. Must not live here: anything that runs on import; each name
is loaded when it is first asked for, so that a program pays only for what it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cordwood.log.config import LogConfig
    from cordwood.log.log import Log
    from cordwood.model.errors import CordwoodError
    from cordwood.records.batch import Codec
    from cordwood.records.record import Record

__version__ = "0.1.0"

__all__ = ["Codec", "CordwoodError", "Log", "LogConfig", "Record", "__version__"]

_HOMES: Final = {
    "Codec": "cordwood.records.batch",
    "CordwoodError": "cordwood.model.errors",
    "Log": "cordwood.log.log",
    "LogConfig": "cordwood.log.config",
    "Record": "cordwood.records.record",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
