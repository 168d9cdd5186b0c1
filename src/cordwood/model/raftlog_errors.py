"""The errors of the raft log: calls that contradict what it holds, and chunk files that contradict themselves.

Lives here: exception classes, as in `errors`, which has the rules. Must not live here: any recovery. Log ids and votes
are whatever the log's user made them; errors carry them as they are.
"""

from __future__ import annotations

from cordwood.model.errors import CordwoodError, CorruptLog

# A call was refused, and nothing of it was written.


class RaftLogRefusal(CordwoodError):
    """A call contradicts what the raft log holds; the log is unchanged."""


class VoteReversal(RaftLogRefusal):
    """The vote is not at or above the one that was saved before."""

    def __init__(self, current: object, attempted: object) -> None:
        super().__init__(f"vote {attempted} is not at or above the saved vote {current}")
        self.current = current
        self.attempted = attempted


class LogIdReversal(RaftLogRefusal):
    """The log id does not lie above the one that the operation named before."""

    def __init__(self, current: object, attempted: object, operation: str) -> None:
        super().__init__(f"{operation} of log id {attempted} goes back from {current}")
        self.current = current
        self.attempted = attempted
        self.operation = operation


class LogIdNonConsecutive(RaftLogRefusal):
    """The index does not follow the last one."""

    def __init__(self, last: object, attempted: object) -> None:
        super().__init__(f"log id {attempted} does not follow {last}: indexes are consecutive")
        self.last = last
        self.attempted = attempted


class LogIndexNotFound(RaftLogRefusal):
    """The log holds no entry of this index."""

    def __init__(self, index: int) -> None:
        super().__init__(f"the log holds no entry of index {index}")
        self.index = index


class TruncateCommitted(RaftLogRefusal):
    """Entries that are committed are never cut off."""

    def __init__(self, index: int, committed: object) -> None:
        super().__init__(f"cannot truncate at index {index}: everything up to {committed} is committed")
        self.index = index
        self.committed = committed


class CommitBeyondLast(RaftLogRefusal):
    """What is not in the log cannot be committed."""

    def __init__(self, last: object, attempted: object) -> None:
        super().__init__(f"cannot commit {attempted}: the last entry is {last}")
        self.last = last
        self.attempted = attempted


# Bytes are not what they should be.


class InvalidRecord(CordwoodError):
    """The bytes are no record of a raft log; whoever knows the file tells where."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IncompleteRecord(InvalidRecord):
    """The bytes end inside a record."""


class ChecksumMismatch(InvalidRecord):
    """The checksum of a record is not that of its bytes."""

    def __init__(self, stored: int, computed: int) -> None:
        super().__init__(f"the checksum is {stored:08x}, of the bytes {computed:08x}")
        self.stored = stored
        self.computed = computed


class ChunkHole(CorruptLog):
    """A chunk does not begin where the one before it ends."""

    def __init__(self, path: str, end: int, start: int) -> None:
        super().__init__(path, end, f"the chunk ends at offset {end} of the log, and the next one begins at {start}")
        self.end = end
        self.start = start
