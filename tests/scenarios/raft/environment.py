"""The commands of raft scripts.

Lives here: `RaftEnvironment`, which knows a few nodes and the messages between them. tests/scenarios/raft/README.md
lists the commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cordwood.raft import (
    Change,
    ChangeKind,
    ConfChange,
    Configuration,
    Entry,
    HardState,
    MemoryStorage,
    Message,
    NodeId,
    RaftConfig,
    ReadMode,
    Snapshot,
    Transition,
)
from cordwood.raft.errors import RaftError
from cordwood.raft.messages import InstallSnapshot
from cordwood.raft.state import bootstrap_snapshot
from tests.scenarios.raft.member import Member
from tests.scenarios.raft.words import entries_words, hard_words, message_words, snapshot_words

ROUNDS_LIMIT = 1000

KINDS = {"+": ChangeKind.ADD_VOTER, "~": ChangeKind.ADD_LEARNER, "-": ChangeKind.REMOVE}

WORDS = {"yes": True, "no": False, **{mode.value: mode for mode in ReadMode}}


class RaftEnvironment:
    """Nodes, and messages that stay where they are until they are delivered."""

    def __init__(self) -> None:
        self.members: dict[NodeId, Member] = {}
        self.down: set[NodeId] = set()
        self.messages: list[Message] = []
        self.config: dict[str, object] = {"check_quorum": False, "pre_vote": False}

    def run(self, command: str) -> list[str]:
        """Does one command."""
        name, *words = command.split()
        options = dict(word.split("=", 1) for word in words if "=" in word)
        arguments = [word for word in words if "=" not in word]
        handler: Callable[..., list[str]] = getattr(self, f"do_{name}")
        try:
            lines = handler(*arguments, **options)
        except RaftError as error:
            lines = [f"{type(error).__name__}: {error}"]
        return lines + [f"{member.id}: {line}" for member in self.members.values() for line in member.said()]

    # Setting up

    def do_config(self, **options: str) -> list[str]:
        """How the nodes that are made from here on are set up."""
        self.config |= {key: WORDS.get(value) if value in WORDS else int(value) for key, value in options.items()}
        return []

    def do_nodes(self, *ids: str, learners: str = "") -> list[str]:
        """Makes voters and learners of one configuration."""
        voters = frozenset(int(node) for node in ids)
        configuration = Configuration(voters, learners=numbers(learners))
        for node in sorted(configuration.members):
            self._make(node, MemoryStorage(bootstrap_snapshot(configuration)))
        return [str(configuration)]

    def do_log(self, node: str, *terms: str, term: str = "") -> list[str]:
        """Gives a node a log of entries of these terms, from index 2 on; without terms, shows its log."""
        storage = self.members[int(node)].storage
        if terms:
            storage.append([Entry(index, int(each)) for index, each in enumerate(terms, 2)])
            storage.set_hard_state(HardState(int(term or terms[-1]), 0, storage.initial_state()[0].commit))
            self.members[int(node)].start()
        log = self.members[int(node)].node._raft.log
        shown = entries_words(log.slice(log.first_index(), log.last_index() + 1, 10**9))
        return [f"from {log.first_index()}: {shown}"]

    def do_join(self, node: str) -> list[str]:
        """Makes a node that has nothing."""
        self._make(int(node), MemoryStorage())
        return []

    def _make(self, node: NodeId, storage: MemoryStorage) -> None:
        self.members[node] = Member(RaftConfig(node, **self.config), storage)  # type: ignore[arg-type]

    # What a node is asked for

    def do_campaign(self, node: str) -> list[str]:
        self.members[int(node)].node.campaign()
        return []

    def do_elect(self, node: str) -> list[str]:
        """Makes a node the leader, and shows no more than that."""
        self.members[int(node)].node.campaign()
        self.do_stabilize()
        for member in self.members.values():
            member.said()
        status = self.members[int(node)].node.status()
        return [f"{status.id} is {status.role.value} of term {status.term}"]

    def do_tick(self, node: str, count: str = "1") -> list[str]:
        """Lets time pass on one node."""
        for _ in range(int(count)):
            self.members[int(node)].node.tick()
        return []

    def do_propose(self, node: str, *data: str) -> list[str]:
        self.members[int(node)].node.propose(*[each.encode() for each in data])
        return []

    def do_change(self, node: str, *changes: str, by: str = "auto") -> list[str]:
        """Proposes changes: +4 adds a voter, ~4 a learner, -4 removes; without any, to leave a joint configuration."""
        transition = {
            "auto": Transition.AUTO,
            "implicit": Transition.JOINT_IMPLICIT,
            "explicit": Transition.JOINT_EXPLICIT,
        }[by]
        made = tuple(Change(KINDS[change[0]], int(change[1:])) for change in changes)
        self.members[int(node)].node.propose_conf_change(ConfChange(made, transition))
        return []

    def do_read(self, node: str, context: str) -> list[str]:
        self.members[int(node)].node.read_index(context.encode())
        return []

    def do_transfer(self, node: str, target: str) -> list[str]:
        self.members[int(node)].node.transfer_leadership(int(target))
        return []

    def do_forget(self, node: str) -> list[str]:
        self.members[int(node)].node.forget_leader()
        return []

    def do_unreachable(self, node: str, other: str) -> list[str]:
        self.members[int(node)].node.report_unreachable(int(other))
        return []

    def do_failed(self, node: str, other: str) -> list[str]:
        """Tells a node that the snapshot to another did not arrive."""
        self.members[int(node)].node.report_snapshot(int(other), arrived=False)
        return []

    # What happens by itself

    def do_ready(self, node: str) -> list[str]:
        """One node handles a Ready."""
        if not self.members[int(node)].node.has_ready():
            return ["nothing to do"]
        lines, messages = self.members[int(node)].ready()
        self.messages += messages
        return lines

    def do_append(self, node: str) -> list[str]:
        """The thread of one node that writes does a job."""
        lines, messages = self.members[int(node)].append()
        self.messages += messages
        return [*lines, *[f"sent {message_words(message)}" for message in messages]]

    def do_apply(self, node: str) -> list[str]:
        """The thread of one node that applies does a job."""
        return self.members[int(node)].apply()

    def do_deliver(self, *nodes: str) -> list[str]:
        """Delivers what is under way to these nodes, or to all."""
        wanted = {int(node) for node in nodes} or set(self.members)
        due = [message for message in self.messages if message.to in wanted]
        self.messages = [message for message in self.messages if message.to not in wanted]
        return [line for message in due for line in self._deliver(message)]

    def _deliver(self, message: Message) -> list[str]:
        member = self.members.get(message.to)
        if member is None or message.to in self.down:
            return [f"lost {message_words(message)}"]
        lines = [message_words(message)]
        try:
            member.node.step(message)
        except RaftError as error:
            lines.append(f"  {type(error).__name__}: {error}")
        lines += [f"  {line}" for line in member.said()]
        if isinstance(message, InstallSnapshot):
            self.members[message.sender].node.report_snapshot(message.to, arrived=True)
        return lines

    def do_drop(self, *ways: str) -> list[str]:
        """Loses messages under way: 1->2, or all to and from a node."""
        kept, lost = [], []
        for message in self.messages:
            gone = {f"{message.sender}->{message.to}", str(message.sender), str(message.to)} & set(ways)
            (lost if gone else kept).append(message)
        self.messages = kept
        return [f"lost {message_words(message)}" for message in lost]

    def do_stabilize(self, *nodes: str) -> list[str]:
        """Lets everything happen among these nodes, or all that are up, until nothing more does."""
        wanted = [int(node) for node in nodes] or [node for node in self.members if node not in self.down]
        lines: list[str] = []
        for _ in range(ROUNDS_LIMIT):
            done = [line for node in wanted for line in self._work(node)]
            due = [message for message in self.messages if message.to in wanted]
            self.messages = [message for message in self.messages if message.to not in wanted]
            for message in due:
                done += self._deliver(message)
            if not done:
                return lines
            lines += done
        raise AssertionError(f"no end after {ROUNDS_LIMIT} rounds")

    def _work(self, node: NodeId) -> Iterable[str]:
        member = self.members[node]
        for name, waits in (("ready", member.node.has_ready()), ("append", member.appends), ("apply", member.applies)):
            if waits:
                yield f"{node} {name}"
                yield from [f"  {line}" for line in getattr(self, f"do_{name}")(str(node))]

    # Faults, and the disk

    def do_crash(self, node: str) -> list[str]:
        """A node stops, and loses what is not on disk; what was on its way to it is lost."""
        self.down.add(int(node))
        return []

    def do_restart(self, node: str) -> list[str]:
        """A node starts from its disk."""
        self.down.discard(int(node))
        self.members[int(node)].start()
        return []

    def do_compact(self, node: str, index: str) -> list[str]:
        """A node puts a snapshot in the place of its log up to an index."""
        self.members[int(node)].compact(int(index))
        return [f"snapshot {snapshot_words(self.members[int(node)].storage.snapshot())}"]

    def do_outdated(self, node: str, sender: str, index: str, term: str) -> list[str]:
        """A snapshot of long ago arrives."""
        target = self.members[int(node)]
        snapshot = Snapshot(int(index), int(term), target.configuration)
        return self._deliver(InstallSnapshot(int(sender), int(node), target.node.status().term, snapshot))

    # Looking

    def do_status(self, *nodes: str) -> list[str]:
        """What nodes tell about themselves, and a leader about the others."""
        lines = []
        for node in [int(node) for node in nodes] or self.members:
            status = self.members[node].node.status()
            lines.append(
                f"{node}: {status.role.value} term={status.term} vote={status.vote} leader={status.leader}"
                f" commit={status.commit} applied={status.applied} last={status.last} {status.configuration}"
            )
            progress = self.members[node].node._raft.tracker.progress
            lines += [f"  {each}: {progress[each]}" for each in status.followers if each != node]
        return lines

    def do_disk(self, node: str) -> list[str]:
        """What is on the disk of a node."""
        storage = self.members[int(node)].storage
        first, last = storage.first_index(), storage.last_index()
        entries = storage.entries(first, last + 1, 10**9) if last >= first else []
        return [f"{hard_words(storage.initial_state()[0])} from {first}: {entries_words(entries)}"]

    def do_pending(self) -> list[str]:
        """The messages under way."""
        return [message_words(message) for message in self.messages]


def numbers(text: str) -> frozenset[NodeId]:
    return frozenset(int(node) for node in text.split(",") if node)
