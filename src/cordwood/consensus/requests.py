"""What was asked of this node and has no answer yet: proposals, changes of the members, reads.

      asked ──> queued ──turn──> handed to Raft ──> committed ──> applied here: answered
                                   │ dropped: NotTaken
                                   └ another leader, or out of time: OutcomeUnknown (a read: NotTaken)

Lives here: that road. Must not live here: applying (applying.py), turns (driver.py).

What comes in one turn is proposed together, in messages of the size that messages may have; reads of one turn share
one question. An answer to a later read is good for the earlier ones.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from cordwood.consensus.applying import Outcome, tagged
from cordwood.consensus.pending import Pending
from cordwood.model.consensus_errors import GroupStopped, NotTaken, OutcomeUnknown
from cordwood.model.errors import InvalidRequest
from cordwood.raft import ConfChange, Index, NodeId, RaftNode, ReadState
from cordwood.raft.entries import ENTRY_OVERHEAD
from cordwood.raft.errors import InvalidChange, ProposalDropped

if TYPE_CHECKING:
    from cordwood.consensus.config import GroupConfig


class Requests:
    """The requests of one node."""

    def __init__(
        self,
        config: GroupConfig,
        origin: bytes,
        create_future: Callable[[], asyncio.Future[Any]],
        node: RaftNode,
    ) -> None:
        """`origin` marks this start of this node, among all starts of all nodes."""
        self._config = config
        self._origin = origin
        self._node = node
        self._proposals = Pending(create_future, config.max_pending_requests, config.max_pending_bytes)
        self._reads = Pending(create_future, config.max_pending_requests, config.max_pending_bytes)
        self._queue: list[tuple[int, bytes | ConfChange]] = []
        self._handed = 0
        """The newest proposal that Raft was given."""
        self._reads_handed = 0
        self._confirmed: deque[tuple[Index, int]] = deque()
        """Reads that wait until an index is applied: up to which number, in the order of both."""

    @property
    def waiting(self) -> int:
        """Proposals and changes without an answer."""
        return len(self._proposals)

    def propose(self, data: bytes, now: int) -> asyncio.Future[Any]:
        """Queues a command. Raises NotTaken."""
        future = self._proposals.add(len(data), now + self._config.request_ticks)
        number = self._proposals.last
        self._queue.append((number, tagged(self._origin, number, data)))
        return future

    def change(self, change: ConfChange, now: int) -> asyncio.Future[Any]:
        """Queues a change of the members. Raises NotTaken."""
        future = self._proposals.add(len(change.context), now + self._config.request_ticks)
        number = self._proposals.last
        context = tagged(self._origin, number, change.context)
        self._queue.append((number, msgspec.structs.replace(change, context=context)))
        return future

    def read(self, now: int) -> asyncio.Future[Any]:
        """Queues a read. Raises NotTaken."""
        return self._reads.add(0, now + self._config.request_ticks)

    def hand_over(self) -> bool:
        """Gives Raft what is queued; False if that is nothing."""
        asks = self._reads.last > self._reads_handed
        if not (self._queue or asks):
            return False
        queue, self._queue = self._queue, []
        for batch in self._batches(queue):
            self._hand_over(batch)
        if asks:
            self._ask()
        return True

    def _ask(self) -> None:
        """One question for all reads that came since the last one."""
        before, self._reads_handed = self._reads_handed, self._reads.last
        try:
            self._node.read_index(tagged(self._origin, self._reads_handed, b""))
        except ProposalDropped as dropped:
            for number in range(before + 1, self._reads_handed + 1):
                self._reads.fail(number, NotTaken(str(dropped)))

    def _batches(self, queue: list[tuple[int, bytes | ConfChange]]) -> Iterator[list[tuple[int, bytes | ConfChange]]]:
        """Commands that go into one message, and each change by itself."""
        most = self._config.raft.max_size_per_message
        batch: list[tuple[int, bytes | ConfChange]] = []
        size = 0
        for number, item in queue:
            # A change fills a message, so that nothing else joins it.
            cost = most if isinstance(item, ConfChange) else len(item) + ENTRY_OVERHEAD
            if batch and size + cost > most:
                yield batch
                batch, size = [], 0
            batch.append((number, item))
            size += cost
        if batch:
            yield batch

    def _hand_over(self, batch: list[tuple[int, bytes | ConfChange]]) -> None:
        self._handed = batch[-1][0]
        first = batch[0][1]
        try:
            if isinstance(first, ConfChange):
                self._node.propose_conf_change(first)
            else:
                self._node.propose(*(item for _, item in batch if isinstance(item, bytes)))
        except ProposalDropped as dropped:
            for number, _ in batch:
                self._proposals.fail(number, NotTaken(str(dropped)))
        except InvalidChange as invalid:
            self._proposals.fail(batch[0][0], InvalidRequest(str(invalid)))

    def done(self, outcome: Outcome) -> None:
        """A proposal of this node was applied here."""
        reply = outcome.reply
        if isinstance(reply, InvalidChange):
            self._proposals.fail(outcome.number, InvalidRequest(str(reply)))
        else:
            self._proposals.complete(outcome.number, reply)

    def confirmed(self, state: ReadState) -> None:
        """Reads may be answered as soon as this index is applied."""
        if state.context[: len(self._origin)] == self._origin:
            number = int.from_bytes(state.context[len(self._origin) :], "big")
            index = max(state.index, self._confirmed[-1][0]) if self._confirmed else state.index
            self._confirmed.append((index, number))

    def applied(self, index: Index) -> None:
        """Everything up to `index` is applied."""
        while self._confirmed and self._confirmed[0][0] <= index:
            _, number = self._confirmed.popleft()
            self._reads.complete_upto(number, index)

    def leader_changed(self, before: NodeId, after: NodeId) -> None:
        """What the old leader was given may be lost."""
        self._proposals.fail_upto(
            self._handed, lambda: OutcomeUnknown(f"the leader was {before} when it was proposed, and is {after} now")
        )
        self._reads.fail_upto(
            self._reads_handed, lambda: NotTaken(f"the leader was {before} when it was asked, and is {after} now")
        )

    def expire(self, now: int) -> None:
        """Time has passed."""
        ticks = self._config.request_ticks
        self._proposals.expire(now, lambda: OutcomeUnknown(f"it was not applied within {ticks} ticks"))
        self._reads.expire(now, lambda: NotTaken(f"the read was not confirmed within {ticks} ticks"))

    def stop(self, reason: str) -> None:
        """Nothing is answered any more."""
        self._queue.clear()
        self._confirmed.clear()
        for pending in (self._proposals, self._reads):
            pending.fail_upto(pending.last, lambda: GroupStopped(reason))
