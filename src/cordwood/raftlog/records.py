"""Records: what a chunk file is made of.

      0       4                        -8              size
      +-------+---- ... ---------------+---------------+
      | type  | payload                | checksum      |      big-endian; the checksum is zlib's CRC-32 of type and
      +-------+---- ... ---------------+---------------+      payload, in the lower half of a u64
       u32                              u64

      type 0 SaveVote       vote                       3 TruncateAfter   Option log id
           1 Append         log id | payload           4 PurgeUpto       log id
           2 Commit         log id                     5 State           RaftLogState

      Option        = 00 | 01 value
      RaftLogState  = version u8 (1) | Option vote | Option last | Option committed | Option purged | Option user data

docs/formats/raftlog.md. Lives here: records and their bytes. Must not live here: files, and what a record does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar, assert_never
from zlib import crc32

from cordwood.model.raftlog_errors import ChecksumMismatch, IncompleteRecord, InvalidRecord

if TYPE_CHECKING:
    from cordwood.raftlog.codecs import Codec, RaftTypes

T = TypeVar("T")
L = TypeVar("L")
V = TypeVar("V")
P = TypeVar("P")
U = TypeVar("U")

STATE_VERSION: Final = 1

_TYPE: Final = Struct(">I")
_CHECKSUM: Final = Struct(">Q")
_SAVE_VOTE, _APPEND, _COMMIT, _TRUNCATE_AFTER, _PURGE_UPTO, _STATE = map(_TYPE.pack, range(6))


@dataclass(frozen=True, slots=True)
class RaftLogState(Generic[L, V, U]):
    """All that a raft log knows but its entries."""

    vote: V | None = None
    last: L | None = None
    """The last entry, or what was purged or declared beyond it."""
    committed: L | None = None
    purged: L | None = None
    """Everything up to this id was purged."""
    user_data: U | None = None


@dataclass(frozen=True, slots=True)
class SaveVote(Generic[V]):
    """The node voted."""

    vote: V


@dataclass(frozen=True, slots=True)
class Append(Generic[L, P]):
    """An entry."""

    log_id: L
    payload: P


@dataclass(frozen=True, slots=True)
class Commit(Generic[L]):
    """Everything up to this id is committed."""

    log_id: L


@dataclass(frozen=True, slots=True)
class TruncateAfter(Generic[L]):
    """The log ends after this id; None empties it."""

    log_id: L | None


@dataclass(frozen=True, slots=True)
class PurgeUpto(Generic[L]):
    """Everything up to this id is gone."""

    log_id: L


@dataclass(frozen=True, slots=True)
class State(Generic[L, V, U]):
    """The whole state: the first record of each chunk."""

    state: RaftLogState[L, V, U]


Record: TypeAlias = "SaveVote[V] | Append[L, P] | Commit[L] | TruncateAfter[L] | PurgeUpto[L] | State[L, V, U]"


class RecordCodec(Generic[L, V, P, U]):
    """Records of one log's types as bytes."""

    def __init__(self, types: RaftTypes[L, V, P, U]) -> None:
        self.types = types
        self._decoders: tuple[Callable[[memoryview, int, int], tuple[Any, int]], ...] = (
            partial(_decode_one, types.vote, SaveVote),
            self._decode_append,
            partial(_decode_one, types.log_id, Commit),
            self._decode_truncate_after,
            partial(_decode_one, types.log_id, PurgeUpto),
            self._decode_state,
        )

    # To bytes.

    def encode(self, record: Record[V, L, P, U]) -> bytes:
        """The bytes of a record."""
        match record:
            case Append():
                return self.encode_append(record.log_id, record.payload)
            case SaveVote():
                return _sealed(_SAVE_VOTE + self.types.vote.encode(record.vote))
            case Commit():
                return _sealed(_COMMIT + self.types.log_id.encode(record.log_id))
            case TruncateAfter():
                return _sealed(_TRUNCATE_AFTER + _encode_option(self.types.log_id, record.log_id))
            case PurgeUpto():
                return _sealed(_PURGE_UPTO + self.types.log_id.encode(record.log_id))
            case State():
                return _sealed(_STATE + self._encode_state(record.state))
        assert_never(record)

    def encode_append(self, log_id: L, payload: P) -> bytes:
        """The bytes of an Append."""
        types = self.types
        body = _APPEND + types.log_id.encode(log_id) + types.payload.encode(payload)
        return body + _CHECKSUM.pack(crc32(body))

    def _encode_state(self, state: RaftLogState[L, V, U]) -> bytes:
        types = self.types
        return b"".join(
            (
                bytes([STATE_VERSION]),
                _encode_option(types.vote, state.vote),
                _encode_option(types.log_id, state.last),
                _encode_option(types.log_id, state.committed),
                _encode_option(types.log_id, state.purged),
                _encode_option(types.user_data, state.user_data),
            )
        )

    # From bytes.

    def decode(self, data: memoryview, at: int, end: int) -> tuple[Record[V, L, P, U], int]:
        """The record that begins at `at`, and where it ends, which is at or below `end`.

        Raises IncompleteRecord where the bytes end inside it, InvalidRecord and ChecksumMismatch where they are damaged.
        """
        if end - at < 4:
            raise IncompleteRecord(f"{end - at} bytes are left of a record")
        (kind,) = _TYPE.unpack_from(data, at)
        if kind >= len(self._decoders):
            raise InvalidRecord(f"there is no record type {kind}")
        record, stop = self._decoders[kind](data, at + 4, end)
        return record, _end_of_checked(data, at, stop, end)

    def decode_entry(self, data: memoryview, at: int, end: int) -> tuple[L, P, int] | None:
        """What is in the Append that begins at `at`, and where it ends; None where another record begins.

        The same as `decode`, without making a record: a log of a million entries opens so in two thirds of the time
        (bench/raftlog.py).
        """
        if data[at : at + 4] != _APPEND:
            return None
        log_id, stop = self.types.log_id.decode(data, at + 4, end)
        payload, stop = self.types.payload.decode(data, stop, end)
        return log_id, payload, _end_of_checked(data, at, stop, end)

    def _decode_append(self, data: memoryview, at: int, end: int) -> tuple[Append[L, P], int]:
        log_id, at = self.types.log_id.decode(data, at, end)
        payload, at = self.types.payload.decode(data, at, end)
        return Append(log_id, payload), at

    def _decode_truncate_after(self, data: memoryview, at: int, end: int) -> tuple[TruncateAfter[L], int]:
        log_id, at = _decode_option(self.types.log_id, data, at, end)
        return TruncateAfter(log_id), at

    def _decode_state(self, data: memoryview, at: int, end: int) -> tuple[State[L, V, U], int]:
        types = self.types
        if at >= end:
            raise IncompleteRecord("no byte is left of a state")
        if data[at] != STATE_VERSION:
            raise InvalidRecord(f"a state of version {data[at]}, this program knows {STATE_VERSION}")
        vote, at = _decode_option(types.vote, data, at + 1, end)
        last, at = _decode_option(types.log_id, data, at, end)
        committed, at = _decode_option(types.log_id, data, at, end)
        purged, at = _decode_option(types.log_id, data, at, end)
        user_data, at = _decode_option(types.user_data, data, at, end)
        return State(RaftLogState(vote, last, committed, purged, user_data)), at


def _sealed(body: bytes) -> bytes:
    return body + _CHECKSUM.pack(crc32(body))


def _end_of_checked(data: memoryview, start: int, stop: int, end: int) -> int:
    """Where the record ends whose body is [start, stop). Raises IncompleteRecord, ChecksumMismatch."""
    if end - stop < 8:
        raise IncompleteRecord(f"{end - stop} bytes are left of a checksum")
    (stored,) = _CHECKSUM.unpack_from(data, stop)
    computed = crc32(data[start:stop])
    if stored != computed:
        raise ChecksumMismatch(stored, computed)
    return stop + 8


def _decode_one(codec: Codec[T], kind: Callable[[T], Any], data: memoryview, at: int, end: int) -> tuple[Any, int]:
    value, at = codec.decode(data, at, end)
    return kind(value), at


def _encode_option(codec: Codec[T], value: T | None) -> bytes:
    return b"\0" if value is None else b"\1" + codec.encode(value)


def _decode_option(codec: Codec[Any], data: memoryview, at: int, end: int) -> tuple[Any, int]:
    if at >= end:
        raise IncompleteRecord("no byte is left of an option")
    tag = data[at]
    if tag == 0:
        return None, at + 1
    if tag != 1:
        raise InvalidRecord(f"an option begins with {tag}")
    return codec.decode(data, at + 1, end)
