"""What a node has to say, and what has to be on disk before it is said.

Lives here: `Outbox` and the one rule that sorts messages. Must not live here: sending.
"""

from __future__ import annotations

from typing import Final

from cordwood.raft.entries import Index, NodeId, Term
from cordwood.raft.messages import AppendReply, Message, PreVoteReply, Vote, VoteReply

PROMISES: Final = (AppendReply, VoteReply, PreVoteReply, Vote)
"""Messages that promise something which a crash must not undo (Raft thesis, section 3.8).

A vote given and an entry acknowledged are counted by others from then on. A request for votes tells where the
candidate's log ends, and that the term is its own: after a crash it must find both, else a late vote for the longer log
could elect it with the shorter one. A rejection promises nothing, but tells of a state that may not be durable; it is
rare and can wait.
"""


def is_promise(message: Message) -> bool:
    """Whether a message has to wait until everything that happened before it is durable."""
    return isinstance(message, PROMISES)


class Outbox:
    """The messages of one node since its last Ready."""

    __slots__ = ("_id", "acks", "messages", "replies")

    def __init__(self, node: NodeId) -> None:
        self._id = node
        self.messages: list[Message] = []
        """To be sent at once."""
        self.replies: list[Message] = []
        """To be sent when what happened before them is durable."""
        self.acks: list[Message] = []
        """To be handed back to this node when what happened before them is durable."""

    def __bool__(self) -> bool:
        return bool(self.messages or self.replies or self.acks)

    def put(self, message: Message) -> None:
        """Takes a message to a node, which may be this one."""
        if message.to == self._id:
            self.acks.append(message)
        elif is_promise(message):
            self.replies.append(message)
        else:
            self.messages.append(message)

    def acknowledge_own(self, term: Term, last: Index) -> None:
        """A leader counts for its own entries as a follower does: when they are durable. The latest stands for all."""
        ack = AppendReply(self._id, self._id, term, last)
        if self.acks and isinstance(self.acks[-1], AppendReply):
            self.acks[-1] = ack
        else:
            self.acks.append(ack)

    def clear(self) -> None:
        """Everything was taken away."""
        self.messages = []
        self.replies = []
        self.acks = []
