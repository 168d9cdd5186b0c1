"""From a message class and a version to the functions that write and read it, made at first use and kept.

    decoder(ProduceRequest, 9)(view, 0)         -> (message, position after it)
    encoder(ProduceResponse, 9)(message, parts) -> None, having appended to `parts`

Lives here: the cache, and the check that a version is one of the message's. Must not live here: code generation
(`encode`, `decode`).
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any, TypeAlias, TypeVar, cast

from cordwood.model.errors import ProtocolError
from cordwood.wire.decode import generate_decoder
from cordwood.wire.encode import generate_encoder
from cordwood.wire.plan import StructPlan, plan
from cordwood.wire.schema import Format

Part: TypeAlias = Sized
"""Bytes, a memoryview, or a record payload that only its sender knows how to send."""

M = TypeVar("M", bound=Format)

_encoders: dict[tuple[type[Format], int], Callable[[Any, list[Part]], None]] = {}
_decoders: dict[tuple[type[Format], int], Callable[[memoryview, int], tuple[Any, int]]] = {}


def encoder(cls: type[M], version: int) -> Callable[[M, list[Part]], None]:
    """The function that appends the parts of a message to a list. ProtocolError for a version that there is not."""
    made = _encoders.get((cls, version))
    if made is None:
        made = generate_encoder(_plan(cls, version), f"{cls.__name__} version {version}")
        _encoders[cls, version] = made
    return made


def decoder(cls: type[M], version: int) -> Callable[[memoryview, int], tuple[M, int]]:
    """The function that reads a message from a position and tells the position after it.

    It takes a view of bytes (format "B") and raises ProtocolError for any bytes that are not the message; bytes after
    the message are the caller's business. ProtocolError for a version that there is not.
    """
    made = _decoders.get((cls, version))
    if made is None:
        made = generate_decoder(_plan(cls, version), f"{cls.__name__} version {version}")
        _decoders[cls, version] = made
    return cast("Callable[[memoryview, int], tuple[M, int]]", made)


def encode_message(message: Format, version: int) -> list[Part]:
    """The parts of a message, without header or length."""
    parts: list[Part] = []
    encoder(type(message), version)(message, parts)
    return parts


def _plan(cls: type[Format], version: int) -> StructPlan:
    if not cls.versions.holds(version):
        raise ProtocolError(f"{cls.__name__} has versions {cls.versions}, not {version}")
    return plan(cls, version)
