"""What must be true of all nodes together, checked while it happens.

Lives here: `Ledger`, which is told of every event and raises `Violation`. It counts majorities in its own way and takes
nothing from the code that it checks but the values it is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from cordwood.raft import NOBODY, Configuration, Entry, HardState, Index, NodeId, Snapshot, Term
from cordwood.raft.messages import Message, VoteReply


class Violation(AssertionError):
    """Something that Raft promises was not so."""


def demand(truth: object, message: str) -> None:
    """Raises Violation unless it is so."""
    if not truth:
        raise Violation(message)


class Ledger:
    """Everything that was ever observed, by all nodes, over all crashes."""

    def __init__(self) -> None:
        self.leaders: dict[Term, NodeId] = {}
        self.votes: dict[tuple[Term, NodeId], NodeId] = {}
        self.entries: dict[tuple[Index, Term], tuple[Term, int, bytes]] = {}
        self.committed: dict[Index, Term] = {}
        self.committed_in: dict[Index, Term] = {}
        self.highest: Index = 0
        self.states: dict[Index, int] = {}
        self.hard_states: dict[NodeId, HardState] = {}
        self.reads: dict[bytes, Index] = {}
        self.seen: Counter[str] = Counter()

    def leads(self, node: NodeId, term: Term, term_at: Callable[[Index], Term], first: Index) -> None:
        """One leader a term, and it has everything that was committed in earlier terms."""
        known = self.leaders.get(term)
        demand(known in (None, node), f"term {term} is led by {known} and by {node}")
        if known == node:
            return
        self.leaders[term] = node
        self.seen["leaders"] += 1
        for index in range(max(first, 1), self.highest + 1):
            if self.committed_in[index] < term:
                demand(
                    term_at(index) == self.committed[index],
                    f"leader {node} of term {term} lacks entry {index} committed in term {self.committed_in[index]}",
                )

    def told(self, message: Message) -> None:
        """A vote that was told once is not given to another in the same term."""
        if isinstance(message, VoteReply) and message.granted:
            known = self.votes.setdefault((message.term, message.sender), message.to)
            demand(known == message.to, f"{message.sender} voted for {known} and {message.to} in {message.term}")

    def wrote(self, entries: Iterable[Entry], before: Term) -> None:
        """Logs match: an entry with this index and term has everywhere this content and this entry before it."""
        for entry in entries:
            content = (before, int(entry.kind), entry.data)
            known = self.entries.setdefault((entry.index, entry.term), content)
            demand(known == content, f"entry {entry.index} of term {entry.term} is not the same everywhere")
            before = entry.term

    def truncates(self, node: NodeId, index: Index, old: Term, new: Term) -> None:
        """Nothing that is committed is replaced by something else."""
        self.seen["entries replaced"] += old != new
        demand(
            old == new or self.committed.get(index) != old,
            f"{node} replaced entry {index}, committed with term {old}, by one of term {new}",
        )

    def commits(self, node: NodeId, term: Term, span: range, term_at: Callable[[Index], Term], first: Index) -> None:
        """Committed prefixes are equal; whoever commits first is noted."""
        for index in span:
            if index < first:
                continue  # It came with a snapshot, whose position is checked when it is written.
            known = self.committed.setdefault(index, term_at(index))
            self.committed_in.setdefault(index, term)
            demand(known == term_at(index), f"{node} committed {term_at(index)} at {index}, others {known}")
            self.highest = max(self.highest, index)

    def durable(self, index: Index, configuration: Configuration, holders: set[NodeId]) -> None:
        """What is committed is on the disks of a majority of each set of voters."""
        self.seen["commits"] += 1
        self.seen["commits by two majorities"] += configuration.joint
        for voters in (configuration.incoming, configuration.outgoing):
            if voters:
                demand(
                    2 * len(holders & voters) > len(voters),
                    f"entry {index} is committed and on the disks of {sorted(holders & voters)} of {sorted(voters)}",
                )

    def restores(self, node: NodeId, snapshot: Snapshot) -> None:
        """A snapshot takes the place of committed entries only."""
        self.seen["snapshots restored"] += 1
        known = self.committed.get(snapshot.index)
        demand(known in (None, snapshot.term), f"{node} restored {snapshot.position}, committed is {known}")

    def applies(self, node: NodeId, index: Index, state: int) -> None:
        """Every state machine goes through the same states."""
        known = self.states.setdefault(index, state)
        demand(known == state, f"the state of {node} at {index} is not that of the others")

    def persists(self, node: NodeId, hard_state: HardState) -> None:
        """A term never goes back, and within a term a vote is not changed."""
        known = self.hard_states.get(node, HardState())
        demand(hard_state.term >= known.term, f"{node} went from term {known.term} to {hard_state.term}")
        if hard_state.term == known.term and known.vote != NOBODY:
            demand(hard_state.vote == known.vote, f"{node} changed its vote in term {known.term}")
        self.hard_states[node] = hard_state

    def asks(self, context: bytes) -> None:
        """A read was asked for: it must see everything that was committed anywhere by now."""
        self.reads[context] = self.highest

    def answers(self, node: NodeId, context: bytes, index: Index) -> None:
        """Reads are not stale."""
        self.seen["reads answered"] += 1
        needed = self.reads[context]
        demand(index >= needed, f"{node} answers a read with {index}, and {needed} was committed before it was asked")
