"""A few nodes, the messages between them, and everything that can happen to both.

Lives here: `World`, driven by one seed: the same seed is the same run. Ticks, deliveries, writes, crashes, partitions
and requests come in an order drawn by lot; after each, the ledger looks.
"""

from __future__ import annotations

from random import Random

from cordwood.raft import (
    Change,
    ChangeKind,
    ConfChange,
    Configuration,
    MemoryStorage,
    Message,
    NodeId,
    RaftConfig,
    ReadMode,
    Role,
    Transition,
    bootstrap_snapshot,
)
from cordwood.raft.changes import LEAVE_JOINT
from cordwood.raft.errors import InvalidChange, ProposalDropped, UnknownPeer
from cordwood.raft.messages import InstallSnapshot
from tests.raft.ledger import Ledger, demand
from tests.raft.member import Member

MESSAGES_LIMIT = 300
"""So many messages may be under way; the oldest are lost beyond."""

DRIFT_EVERY = 16
"""Under leases a clock loses one tick of so many: within what the nodes are told to expect."""

EVENTS = {
    "tick": 26,
    "deliver": 80,
    "disk": 40,
    "apply": 20,
    "propose": 10,
    "read": 3,
    "lose": 2,
    "double": 3,
    "crash": 1.0,
    "restart": 2.5,
    "part": 0.8,
    "heal": 0.8,
    "change": 1.0,
    "compact": 2,
    "transfer": 0.3,
    "campaign": 0.2,
    "unreachable": 0.5,
}


MOODS: dict[str, dict[str, float]] = {
    "mixed": {},
    "churn": {"campaign": 60, "crash": 1.5, "restart": 2},
    "changes": {"change": 15, "campaign": 20, "part": 3, "heal": 3},
    "leases": {
        "read": 10,
        "transfer": 10,
        "campaign": 20,
        "part": 4,
        "heal": 2,
        "change": 0.2,
        "crash": 0.3,
        "tick": 0.5,
    },
    "isolation": {"read": 10, "tick": 1.3, "part": 0.4, "heal": 0.2, "crash": 0.1, "change": 0.1, "lose": 0.3},
    "snapshots": {"compact": 10, "double": 6, "part": 4, "heal": 4, "lose": 4},
}
"""Every history has more of some things and less of others: together they get further than all of one kind."""


class World:
    """Three or five nodes; with five, two of them begin as strangers."""

    def __init__(self, seed: int, mood: str | None = None) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.ledger = Ledger()
        self.messages: list[Message] = []
        self.parted: dict[NodeId, int] = {}
        self.mood = mood or list(MOODS)[seed % len(MOODS)]
        self.leases = self.mood in {"leases", "isolation"}
        self.weights = [weight * MOODS[self.mood].get(kind, 1) for kind, weight in EVENTS.items()]
        self.proposed = 0
        self.ticks = 0
        size = self.random.choice([3, 5])
        founders = frozenset(range(1, size + 1) if self.random.random() < 0.5 else (1, 2, 3))
        snapshot = bootstrap_snapshot(Configuration(founders))
        config = self._config()
        self.members = [
            Member(
                RaftConfig(node, **config),
                MemoryStorage(snapshot) if node in founders else MemoryStorage(),
                self.random,
                self.ledger,
            )
            for node in range(1, size + 1)
        ]
        self.ledger.states[1] = 0
        for member in self.members:
            member.start()

    def _config(self) -> dict[str, object]:
        chance = self.random.random
        return {
            "election_ticks": 8 if self.leases else self.random.randint(3, 8),
            "async_storage": chance() < 0.6,
            "check_quorum": self.leases or (chance() < 0.6 and self.mood != "churn"),
            "pre_vote": chance() < 0.6 and self.mood != "churn",
            "read_mode": ReadMode.LEASE if self.leases else ReadMode.SAFE,
            "step_down_on_removal": chance() < 0.7,
            "max_size_per_message": self.random.choice([1, 60, 10_000]),
            "max_committed_size_per_ready": self.random.choice([1, 100, 10_000]),
            "max_inflight_messages": self.random.choice([1, 3, 100]),
            "max_inflight_bytes": 10_000,
            "max_uncommitted_size": self.random.choice([40, 10_000]),
        }

    def run(self, events: int) -> None:
        """Lets so many things happen."""
        kinds = self.random.choices(list(EVENTS), self.weights, k=events)
        for kind in kinds:
            getattr(self, f"_{kind}")()
            self._settle()

    def _settle(self) -> None:
        for member in self.members:
            self._send(member.take_ready())
            member.observe(self.members)

    def _send(self, messages: list[Message]) -> None:
        for message in messages:
            self.ledger.told(message)
            self.messages.append(message)
        while len(self.messages) > MESSAGES_LIMIT:
            self._lost(self.messages.pop(0))

    def _live(self) -> list[Member]:
        return [member for member in self.members if member.up]

    def _pick(self) -> Member | None:
        live = self._live()
        return self.random.choice(live) if live else None

    def _leader(self) -> Member | None:
        leaders = [member for member in self._live() if member.node.status().role is Role.LEADER]
        return self.random.choice(leaders) if leaders else None

    def _tick(self) -> None:
        """One node's time goes on; under leases, everybody's, and one clock loses a tick now and then."""
        if self.leases:
            self._tick_together()
        elif member := self._pick():
            member.node.tick()

    def _tick_together(self) -> None:
        if self.random.random() >= 0.3:
            return
        self.ticks += 1
        slow = self._pick() if self.ticks % DRIFT_EVERY == 0 else None
        for member in self._live():
            if member is not slow:
                member.node.tick()

    def _deliver(self) -> None:
        if self.messages:
            # Mostly in order, sometimes not.
            at = 0 if self.random.random() < 0.6 else self.random.randrange(len(self.messages))
            self._hand_over(self.messages.pop(at))

    def _double(self) -> None:
        if self.messages:
            snapshots = [message for message in self.messages if isinstance(message, InstallSnapshot)]
            self.messages.append(self.random.choice(snapshots or self.messages))

    def _lose(self) -> None:
        if self.messages:
            self._lost(self.messages.pop(self.random.randrange(len(self.messages))))

    def _hand_over(self, message: Message) -> None:
        target = self.members[message.to - 1]
        if not target.up or self.parted.get(message.sender, 0) != self.parted.get(message.to, 0):
            self._lost(message)
            return
        self.ledger.seen[type(message).__name__] += 1
        try:
            target.node.step(message)
        except UnknownPeer:
            self.ledger.seen["unknown peer"] += 1
        self._report_snapshot(message, arrived=True)

    def _lost(self, message: Message) -> None:
        self._report_snapshot(message, arrived=False)

    def _report_snapshot(self, message: Message, *, arrived: bool) -> None:
        """Whoever sends a snapshot is told how it went, as a transport must."""
        sender = self.members[message.sender - 1]
        if isinstance(message, InstallSnapshot) and sender.up:
            sender.node.report_snapshot(message.to, arrived=arrived)

    def _disk(self) -> None:
        busy = [member for member in self.members if member.writing or member.owed]
        if busy:
            self._send(self.random.choice(busy).work_disk())

    def _apply(self) -> None:
        busy = [member for member in self.members if member.applying]
        if busy:
            self.random.choice(busy).work_apply()

    def _propose(self) -> None:
        member = self._leader() if self.random.random() < 0.7 else self._pick()
        if member:
            self.proposed += 1
            self._try(lambda: member.node.propose(*[b"%d" % self.proposed] * self.random.randint(1, 3)))

    def _change(self) -> None:
        member = self._leader()
        if member is None:
            return
        kinds = self.random.choices(list(ChangeKind), k=self.random.randint(1, 3))
        changes = tuple(Change(kind, self.random.randint(1, len(self.members))) for kind in kinds)
        change = ConfChange(changes, self.random.choice(list(Transition)))
        if member.node.status().configuration.joint and self.random.random() < 0.8:
            change = LEAVE_JOINT
        self._try(lambda: member.node.propose_conf_change(change))

    def _read(self) -> None:
        member = self._leader() if self.random.random() < 0.5 else self._pick()
        if member:
            context = b"%d" % len(self.ledger.reads)
            self.ledger.asks(context)
            self._try(lambda: member.node.read_index(context))

    def _try(self, request) -> None:
        try:
            request()
        except (ProposalDropped, InvalidChange) as error:
            self.ledger.seen[type(error).__name__] += 1

    def _crash(self) -> None:
        member = self._pick()
        if member:
            self.ledger.seen["crash"] += 1
            member.crash()

    def _restart(self) -> None:
        down = [member for member in self.members if not member.up]
        if down:
            self.random.choice(down).start()

    def _part(self) -> None:
        self.parted = {member.id: self.random.randint(0, 1) for member in self.members}

    def _heal(self) -> None:
        self.parted = {}

    def _compact(self) -> None:
        member = self._pick()
        if member and not member.writing:
            member.compact()

    def _transfer(self) -> None:
        member = self._pick()
        if member:
            member.node.transfer_leadership(self.random.randint(1, len(self.members)))

    def _campaign(self) -> None:
        member = self._pick()
        if member:
            member.node.campaign()

    def _unreachable(self) -> None:
        member = self._pick()
        if member:
            other = self.random.randint(1, len(self.members))
            if self.random.random() < 0.5:
                member.node.report_unreachable(other)
            else:
                member.node.report_snapshot(other, arrived=self.random.random() < 0.5)

    def calm(self) -> None:
        """After the faults: everybody is up, nothing is lost any more. In the end all have the same."""
        self.parted = {}
        for member in self.members:
            if not member.up:
                member.start()
        for _ in range(400):
            for member in self.members:
                member.node.tick()
            self._settle()
            while self._calm_step():
                pass
            if self._all_equal():
                return
        states = {member.id: member.node.status() for member in self.members}
        demand(False, f"no agreement after the faults: {states}")

    def _calm_step(self) -> bool:
        """Does all work that waits, and delivers all messages; False if there was nothing to do."""
        busy = [member for member in self.members if member.writing or member.owed or member.applying]
        for member in busy:
            self._send(member.work_disk())
            self._settle()
            member.work_apply()
            self._settle()
        messages, self.messages = self.messages, []
        for message in messages:
            self._hand_over(message)
            self._settle()
        return bool(busy or messages)

    def _all_equal(self) -> bool:
        leader = self._leader()
        if leader is None:
            return False
        status = leader.node.status()
        members = [self.members[node - 1] for node in status.configuration.members]
        ends = {(member.applied, member.state) for member in [*members, leader]}
        return len(ends) == 1 and leader.applied == status.last and status.commit == status.last
