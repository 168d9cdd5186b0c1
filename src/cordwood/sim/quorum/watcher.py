"""Looks at the nodes after every event, and has the invariants judge what it sees.

      a step of a node ──> its sight is another? ──> changes ──> rewrites ──> commits ──> what was told in the step

Lives here: when is looked, and what is told to whom in which order. Must not live here: opinions (`invariants`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from cordwood.model.errors import LogClosed
from cordwood.raft.messages import AppendReply, Vote, VoteReply
from cordwood.sim.quorum.invariants.acknowledgements import AcknowledgedAppends
from cordwood.sim.quorum.invariants.commits import CommitIndex
from cordwood.sim.quorum.invariants.completeness import LeaderCompleteness
from cordwood.sim.quorum.invariants.gaps import NoGap
from cordwood.sim.quorum.invariants.leaders import OneLeader
from cordwood.sim.quorum.invariants.matching import LogMatching
from cordwood.sim.quorum.invariants.prefixes import CommittedLog
from cordwood.sim.quorum.invariants.reads import FreshReads
from cordwood.sim.quorum.invariants.truncations import NothingCommittedIsCut
from cordwood.sim.quorum.invariants.votes import TermAndVote
from cordwood.sim.quorum.sight import Sight, Terms, sight_of

if TYPE_CHECKING:
    from cordwood.consensus.driver import Driver
    from cordwood.raft import Entry, Message, NodeId
    from cordwood.sim.process import Process
    from cordwood.sim.quorum.invariant import Invariant
    from cordwood.sim.quorum.sight import Log

EVERY: Final = 40
"""The disk of who acknowledges an append is looked at for one in so many of them; of who votes, each time."""

FOUNDED: Final = 1
"""Up to here reaches the state that a group is founded with."""


class Watched(Protocol):
    """A node through all its lives."""

    @property
    def driver(self) -> Driver | None:
        """None while nothing runs."""
        ...

    def survivor(self) -> tuple[Sight, Log] | None:
        """What would be found if the power failed now; None where there is nothing. Raises Broken."""
        ...


class _Life:
    """What was seen of a node since it was started."""

    def __init__(self, driver: Driver, sight: Sight) -> None:
        self.driver = driver
        self.sight = sight
        self.terms = Terms()


class Watcher:
    """`hosts` are the nodes by the host that each is on. `note` is told what is rare, for the trace."""

    def __init__(self, nodes: Mapping[NodeId, Watched], hosts: Mapping[str, NodeId], note: Callable[..., None]) -> None:
        self._nodes = nodes
        self._hosts = hosts
        self._note = note
        self._lives: dict[NodeId, _Life] = {}
        self._told: dict[NodeId, list[Message]] = {node: [] for node in nodes}
        self._acknowledged = 0
        self.committed = CommittedLog()
        self.committed.founded(FOUNDED)
        self.reads = FreshReads(self.committed)
        self.leaders = OneLeader()
        self._invariants: list[Invariant] = [
            self.leaders,
            TermAndVote(),
            NothingCommittedIsCut(),
            LogMatching(),
            NoGap(),
            AcknowledgedAppends(),
            LeaderCompleteness(self.committed),
            CommitIndex(self._survivor),
        ]

    def add(self, invariant: Invariant) -> None:
        """One more, from now on."""
        self._invariants.append(invariant)

    def tell(self, message: Message) -> None:
        """A message leaves its sender in this step."""
        self._told[message.sender].append(message)

    def after_step(self, process: Process) -> None:
        """A process took a step. Raises Broken."""
        node = self._hosts.get(process.host)
        if node is not None:
            self.look(node)

    def look(self, node: NodeId) -> None:
        """Looks at one node, unless its log is still to follow what Raft says. Raises Broken."""
        self._bury()
        driver = self._nodes[node].driver
        if driver is None:
            self._told[node].clear()
            return
        if driver.is_due:
            return
        told, self._told[node] = self._told[node], []
        try:
            sight, log = sight_of(driver), driver.storage
        except LogClosed:  # It stops in good order, and has nothing to say any more.
            return
        life = self._lives.get(node)
        if life is None or life.driver is not driver:
            life = self._begin(driver, sight)
        elif sight != life.sight:
            before, life.sight = life.sight, sight
            self._change(before, sight, log)
            self._compare(before, life)
        for message in told:
            self._judge(message, sight, log)

    def _bury(self) -> None:
        """Whoever does not run any more has nothing to be asked for."""
        for node, life in list(self._lives.items()):
            if self._nodes[node].driver is not life.driver:
                del self._lives[node]
                for one in self._invariants:
                    one.ends(node)

    def _begin(self, driver: Driver, sight: Sight) -> _Life:
        life = self._lives[driver.id] = _Life(driver, sight)
        self.committed.begins(sight)
        for one in self._invariants:
            one.begins(sight, driver.storage)
        self._compare(None, life)
        return life

    def _change(self, before: Sight, sight: Sight, log: Log) -> None:
        if sight.leads and not before.leads:
            self._note("leads", node=sight.node, term=sight.term)
        if sight.configuration != before.configuration:
            what = "joint configuration" if sight.configuration.joint else "configuration"
            self._note(what, node=sight.node, members=str(sight.configuration))
        if sight.snapshot != before.snapshot:
            what = "snapshot installed" if sight.before == sight.last == sight.snapshot else "snapshot made"
            self._note(what, node=sight.node, index=sight.snapshot.index)
        for one in self._invariants:
            one.changes(before, sight, log)

    def _compare(self, before: Sight | None, life: _Life) -> None:
        """The entries, if they can be others than before."""
        sight, log = life.sight, life.driver.storage
        if before is None or before.last != sight.last or before.before != sight.before:
            change = life.terms.compare(sight, log)
            if before is not None and change.is_cut:
                self._note("cuts", node=sight.node, behind=change.kept, entries=change.old_last - change.kept)
            for one in self._invariants:
                one.rewrites(before, sight, change)
        new: Sequence[Entry] = self.committed.learn(sight, log)
        if new:
            self._note("commits", node=sight.node, term=sight.term, upto=new[-1].index)
            for one in self._invariants:
                one.commits(before, sight, new)

    def _judge(self, message: Message, sight: Sight, log: Log) -> None:
        for one in self._invariants:
            one.tells(message, sight, log)
        if isinstance(message, AppendReply):
            self._acknowledged += 1
            is_due = self._acknowledged % EVERY == 0
        else:
            is_due = isinstance(message, Vote | VoteReply)
        found = self._survivor(message.sender) if is_due else None
        if found is not None:
            for one in self._invariants:
                one.survives(*found)

    def _survivor(self, node: NodeId) -> tuple[Sight, Log] | None:
        return self._nodes[node].survivor()
