"""Messages, entries and jobs in words, for scripts.

Lives here: one line for each thing that a script shows. A place in the log is written term/index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cordwood.raft import (
    Entry,
    EntryKind,
    HardState,
    Message,
    Position,
    Ready,
    Snapshot,
    StorageAppend,
    decode_change,
)
from cordwood.raft.messages import (
    Append,
    AppendReply,
    Heartbeat,
    HeartbeatReply,
    InstallSnapshot,
    PreVote,
    PreVoteReply,
    Propose,
    ReadIndex,
    ReadIndexReply,
    TimeoutNow,
    TransferLeader,
    Vote,
    VoteReply,
)


def place(position: Position) -> str:
    return f"{position.term}/{position.index}"


def entry_words(entry: Entry) -> str:
    if entry.kind is EntryKind.CONF_CHANGE:
        content = f"({decode_change(entry.data)})"
    else:
        content = f'"{entry.data.decode()}"' if len(entry.data) <= 20 else f"<{len(entry.data)} bytes>"
    return f"{entry.term}/{entry.index} {content}" if entry.index else content


def entries_words(entries: Iterable[Entry]) -> str:
    return "[" + ", ".join(entry_words(entry) for entry in entries) + "]"


def snapshot_words(snapshot: Snapshot) -> str:
    return f"{place(snapshot.position)} {snapshot.configuration}"


def hard_words(state: HardState) -> str:
    return f"term={state.term} vote={state.vote} commit={state.commit}"


def message_words(message: Message) -> str:
    """A message in one line."""
    head = f"{message.sender}->{message.to} {type(message).__name__}"
    term = f" term={message.term}" if message.term else ""
    rest = content_words(message)
    return head + term + (f" {rest}" if rest else "")


def content_words(message: Message) -> str:
    """What a message says besides who, to whom and in which term."""
    return CONTENTS[type(message)](message)


def _append(message: Append) -> str:
    entries = f" {entries_words(message.entries)}" if message.entries else ""
    return f"after={place(message.previous)} commit={message.commit}{entries}"


def _append_reply(message: AppendReply) -> str:
    if message.rejected:
        return f"rejected index={message.index} hint={place(message.hint)}"
    return f"index={message.index}"


def _vote(message: Vote | PreVote) -> str:
    return f"last={place(message.last)} committed={place(message.committed)}"


def _vote_reply(message: VoteReply | PreVoteReply) -> str:
    return ("granted" if message.granted else "rejected") + f" committed={place(message.committed)}"


CONTENTS: dict[type[Message], Callable[[Any], str]] = {
    Vote: lambda message: _vote(message) + (" transfer" if message.transfer else ""),
    VoteReply: _vote_reply,
    PreVote: lambda message: _vote(message),
    PreVoteReply: _vote_reply,
    Append: _append,
    AppendReply: _append_reply,
    Heartbeat: lambda message: f"commit={message.commit} round={message.round}",
    HeartbeatReply: lambda message: f"round={message.round}",
    InstallSnapshot: lambda message: snapshot_words(message.snapshot),
    TimeoutNow: lambda message: "",
    Propose: lambda message: entries_words(message.entries),
    ReadIndex: lambda message: message.context.decode(),
    ReadIndexReply: lambda message: f"index={message.index} {message.context.decode()}",
    TransferLeader: lambda message: f"target={message.target}",
}


def append_words(append: StorageAppend) -> list[str]:
    """What is to be written, and what waits for it."""
    lines = []
    if append.snapshot:
        lines.append(f"write snapshot {snapshot_words(append.snapshot)}")
    if append.entries:
        lines.append(f"write entries {entries_words(append.entries)}")
    if append.hard_state:
        lines.append(f"write {hard_words(append.hard_state)}" + ("" if append.must_sync else " (no sync)"))
    lines += [f"then {message_words(message)}" for message in (*append.replies, *append.acks)]
    return lines


def ready_words(ready: Ready) -> list[str]:
    """Everything that a Ready wants done."""
    lines = []
    if ready.soft_state:
        lines.append(f"is {ready.soft_state.role.value}, leader {ready.soft_state.leader}")
    lines += [f"send {message_words(message)}" for message in ready.messages]
    if ready.append:
        lines += append_words(ready.append)
    if ready.apply:
        lines.append(f"apply {entries_words(ready.apply.entries)}")
    lines += [f"may read {state.context.decode()} from {state.index} on" for state in ready.read_states]
    return lines
