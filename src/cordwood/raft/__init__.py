"""Raft without I/O: what a node of a replicated log decides.

A core that imports nothing of ours, so it can be lifted out and used alone. `RaftNode` is the face: `tick`, `step`,
`propose`, `read_index` go in, `ready` comes out, and its fields say what must be durable before what is sent. One file
for each family of messages; `roles.py` is the table of who handles what. docs/design/raft.md tells how it hangs together
and where it differs from the paper and from etcd. Must not live here: files, sockets, clocks, dice.
"""

from __future__ import annotations

from cordwood.raft.changes import (
    LEAVE_JOINT,
    Change,
    ChangeKind,
    ConfChange,
    Transition,
    apply_change,
    decode_change,
    encode_change,
)
from cordwood.raft.config import RaftConfig, ReadMode
from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import NOBODY, Entry, EntryKind, Index, NodeId, Position, Term
from cordwood.raft.memory_storage import MemoryStorage
from cordwood.raft.messages import Message, PeerMessage
from cordwood.raft.node import RaftNode
from cordwood.raft.ready import Ready, StorageAppend, StorageApply
from cordwood.raft.state import HardState, ReadState, Role, Snapshot, SoftState, bootstrap_snapshot
from cordwood.raft.status import Status
from cordwood.raft.storage import Storage

__all__ = [
    "LEAVE_JOINT",
    "NOBODY",
    "Change",
    "ChangeKind",
    "ConfChange",
    "Configuration",
    "Entry",
    "EntryKind",
    "HardState",
    "Index",
    "MemoryStorage",
    "Message",
    "NodeId",
    "PeerMessage",
    "Position",
    "RaftConfig",
    "RaftNode",
    "ReadMode",
    "ReadState",
    "Ready",
    "Role",
    "Snapshot",
    "SoftState",
    "Status",
    "Storage",
    "StorageAppend",
    "StorageApply",
    "Term",
    "Transition",
    "apply_change",
    "bootstrap_snapshot",
    "decode_change",
    "encode_change",
]
