"""A dump as lines of text, as the Rust crate raft-log writes them.

      RaftLog:
      ChunkId(00_000_000_000_000_000_000)
        R-00000: [000_000_000, 000_000_018) Size(18): State(RaftLogState { vote: None, ... })
        R-00001: [000_000_018, 000_000_052) Size(34): Append((1, 0), "hi")

Lives here: words. Must not live here: where they go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

from cordwood.raftlog.chunk import offset_text
from cordwood.raftlog.dump import ChunkRow, DamageRow, RecordRow
from cordwood.raftlog.records import Append, Commit, PurgeUpto, SaveVote, State, TruncateAfter

if TYPE_CHECKING:
    from cordwood.raftlog.codecs import Codec, RaftTypes
    from cordwood.raftlog.dump import Row
    from cordwood.raftlog.records import RaftLogState, Record

T = TypeVar("T")
L = TypeVar("L")
V = TypeVar("V")
P = TypeVar("P")
U = TypeVar("U")


def dump_text(types: RaftTypes[Any, Any, Any, Any], rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a dump."""
    yield "RaftLog:"
    for row in rows:
        yield row_text(types, row)


def row_text(types: RaftTypes[Any, Any, Any, Any], row: Row) -> str:
    """A row, on one line."""
    match row:
        case ChunkRow():
            return f"ChunkId({offset_text(row.chunk)})"
        case RecordRow():
            place = f"R-{row.number:05}: [{_short_offset(row.start)}, {_short_offset(row.end)})"
            return f"  {place} Size({row.end - row.start}): {record_text(types, row.record)}"
        case DamageRow():
            kind = "unfinished" if row.is_unfinished else "damaged"
            return f"Error: {kind} at {_short_offset(row.position)}: {row.reason}"
    assert_never(row)


def record_text(types: RaftTypes[L, V, P, U], record: Record[V, L, P, U]) -> str:
    """A record, as Rust's Debug writes it."""
    match record:
        case SaveVote():
            return f"SaveVote({types.vote.text(record.vote)})"
        case Append():
            return f"Append({types.log_id.text(record.log_id)}, {types.payload.text(record.payload)})"
        case Commit():
            return f"Commit({types.log_id.text(record.log_id)})"
        case TruncateAfter():
            return f"TruncateAfter({_option_text(types.log_id, record.log_id)})"
        case PurgeUpto():
            return f"PurgeUpto({types.log_id.text(record.log_id)})"
        case State():
            return f"State({state_text(types, record.state)})"
    assert_never(record)


def state_text(types: RaftTypes[L, V, P, U], state: RaftLogState[L, V, U]) -> str:
    """A state, as Rust's Debug writes it."""
    fields = {
        "vote": _option_text(types.vote, state.vote),
        "last": _option_text(types.log_id, state.last),
        "committed": _option_text(types.log_id, state.committed),
        "purged": _option_text(types.log_id, state.purged),
        "user_data": _option_text(types.user_data, state.user_data),
    }
    return f"RaftLogState {{ {', '.join(f'{name}: {text}' for name, text in fields.items())} }}"


def _option_text(codec: Codec[T], value: T | None) -> str:
    return "None" if value is None else f"Some({codec.text(value)})"


def _short_offset(offset: int) -> str:
    """An offset in a chunk: nine digits at least, in groups of three."""
    return f"{offset:011_}"
