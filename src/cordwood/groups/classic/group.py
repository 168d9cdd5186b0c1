"""One classic group: who is in it, what they share, and where it stands in its rebalance.

Lives here: the state and what can be read off it. Must not live here: what a record changes (`replay`) and what a
request comes to (`join`, `sync`, `leave`, ...). Only replay calls what changes a group.

Invariants:
  1. `awaiting_join`, `unsynced` and `support` count what the members say: they are kept, never added up anew.
  2. A group with members has a leader among them, a protocol type, and a protocol that all of them know.
  3. In CompletingRebalance and Stable every member knows `protocol`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, MutableMapping

from cordwood.groups.classic.layer import Layer
from cordwood.groups.classic.member import Member
from cordwood.groups.classic.records import InitialDelay
from cordwood.groups.classic.transitions import TRANSITIONS, Event, State
from cordwood.groups.embedded import PROTOCOL_TYPE, read_topics
from cordwood.model.decision import NO_TICKET
from cordwood.model.group_errors import FencedInstance, UnknownMember


class ClassicGroup:
    """A group that was never joined is empty and without a protocol type: whoever commits to it is a simple consumer."""

    __slots__ = (
        "_subscriptions",
        "_topics",
        "awaiting_join",
        "generation",
        "group",
        "initial_delay",
        "instances",
        "leader",
        "members",
        "pending",
        "protocol",
        "protocol_type",
        "state",
        "state_timestamp_ms",
        "support",
        "unsynced",
    )

    def __init__(self, group: str) -> None:
        self.group = group
        self.state = State.EMPTY
        self.state_timestamp_ms = -1
        """When the group came into its state, as far as that was stored; -1 for a group that was never joined."""
        self.generation = 0
        self.protocol_type: str | None = None
        self.protocol: str | None = None
        self.leader: str | None = None
        self.members: MutableMapping[str, Member] = {}
        self.instances: MutableMapping[str, str] = {}
        """Instance ids of static members, to their member ids."""
        self.pending: MutableMapping[str, None] = {}
        """Ids that new members were told and have not come with yet."""
        self.support: MutableMapping[str, int] = {}
        """Names of protocols, to how many members know them."""
        self.awaiting_join = 0
        self.unsynced = 0
        self.initial_delay: InitialDelay | None = None
        self._subscriptions: tuple[bytes, ...] = ()
        self._topics: frozenset[str] | None = None

    def fork(self) -> ClassicGroup:
        """Another group in the same state, which may be changed without changing this one."""
        fork = ClassicGroup(self.group)
        fork.state = self.state
        fork.state_timestamp_ms = self.state_timestamp_ms
        fork.generation = self.generation
        fork.protocol_type = self.protocol_type
        fork.protocol = self.protocol
        fork.leader = self.leader
        fork.members = Layer(self.members)
        fork.instances = Layer(self.instances)
        fork.pending = Layer(self.pending)
        fork.support = Layer(self.support)
        fork.awaiting_join = self.awaiting_join
        fork.unsynced = self.unsynced
        fork.initial_delay = self.initial_delay
        fork._subscriptions = self._subscriptions
        fork._topics = self._topics
        return fork

    # What can be read off it.

    @property
    def is_empty(self) -> bool:
        return self.state is State.EMPTY

    @property
    def has_all_joined(self) -> bool:
        """Whether nobody is left to wait for: all members have joined, and all who were given an id have come."""
        return self.awaiting_join == len(self.members) and not self.pending

    @property
    def rebalance_timeout_ms(self) -> int:
        """The longest that any member asks for. Looks at every member."""
        return max((member.rebalance_timeout_ms for member in self.members.values()), default=0)

    def member(self, member_id: str, instance_id: str | None) -> Member:
        """The member that says so of itself. Raises UnknownMember, and FencedInstance when another took its place."""
        if instance_id is not None:
            current = self.instances.get(instance_id)
            if current is None:
                raise UnknownMember(self.group, member_id)
            if current != member_id:
                raise FencedInstance(self.group, instance_id, member_id)
        member = self.members.get(member_id)
        if member is None:
            raise UnknownMember(self.group, member_id)
        return member

    def fits(self, protocol_type: str, protocols: Collection[str]) -> bool:
        """Whether a member of this type that knows these protocols can be in the group with those who are."""
        if self.is_empty:
            return bool(protocol_type) and bool(protocols)
        count = len(self.members)
        return protocol_type == self.protocol_type and any(self.support.get(name, 0) == count for name in protocols)

    def choose_protocol(self) -> str:
        """The protocol with the most votes: each member gives its one to the first it names that all know.

        Looks at every member. Of two with as many votes the group's own
        stays, or the one that was voted for first is taken.
        """
        count = len(self.members)
        known_to_all = {name for name, supporters in self.support.items() if supporters == count}
        votes: dict[str, int] = {}
        for member in self.members.values():
            choice = next(protocol.name for protocol in member.protocols if protocol.name in known_to_all)
            votes[choice] = votes.get(choice, 0) + 1
        return max(votes, key=lambda name: (votes[name], name == self.protocol))

    def topics(self) -> frozenset[str] | None:
        """The topics that the members of this generation subscribe to.

        None when that cannot be told: in groups that are not of consumers, before their first generation, and when a
        subscription cannot be read.
        """
        if self.protocol_type != PROTOCOL_TYPE or (self.members and self.protocol is None):
            return None
        if self._topics is None:
            read = [read_topics(subscription) for subscription in self._subscriptions]
            if None in read:
                return None
            self._topics = frozenset(topic for topics in read for topic in topics or ())
        return self._topics

    # What replay changes.

    def move(self, event: Event) -> State:
        """Follows the table; the state it was in. Raises AssertionError for what cannot happen."""
        before = self.state
        self.state = TRANSITIONS.after(before, event)
        return before

    def put(self, member: Member) -> None:
        """Adds the member, or puts it in place of the one with its id."""
        before = self.members.get(member.member_id)
        if before is not None:
            self._count(before, -1)
        if before is None or before.protocols is not member.protocols:
            self._count_protocols(before, member)
        self.members[member.member_id] = member
        self._count(member, 1)
        if member.instance_id is not None:
            self.instances[member.instance_id] = member.member_id

    def drop(self, member_id: str) -> None:
        """Takes the member out. Who leads then is the caller's to say."""
        member = self.members.pop(member_id)
        self._count(member, -1)
        self._count_protocols(member, None)
        if member.instance_id is not None:
            del self.instances[member.instance_id]

    def update(self, change: Callable[[Member], Member]) -> None:
        """Changes all members at once, but neither who they are nor the protocols they know."""
        self.members = {member.member_id: change(member) for member in self.members.values()}
        self.awaiting_join = sum(member.is_joining for member in self.members.values())
        self.unsynced = sum(member.must_sync for member in self.members.values())

    def clear(self) -> None:
        """Takes all members out, and the counts of them."""
        self.members = {}
        self.instances = {}
        self.support = {}
        self.awaiting_join = 0
        self.unsynced = 0

    def note_subscriptions(self) -> None:
        """Keeps what members say for the protocol just chosen; it is looked into when somebody asks for the topics."""
        metadata = [member.metadata(self.protocol) for member in self.members.values()]
        self._subscriptions = tuple(said for said in metadata if said is not None)
        self._topics = None

    def _count(self, member: Member, change: int) -> None:
        self.awaiting_join += change * (member.join_ticket != NO_TICKET)
        self.unsynced += change * member.must_sync

    def _count_protocols(self, before: Member | None, after: Member | None) -> None:
        for name in _names(before):
            count = self.support[name] - 1
            if count:
                self.support[name] = count
            else:
                del self.support[name]
        for name in _names(after):
            self.support[name] = self.support.get(name, 0) + 1


def _names(member: Member | None) -> set[str]:
    return {protocol.name for protocol in member.protocols} if member else set()
