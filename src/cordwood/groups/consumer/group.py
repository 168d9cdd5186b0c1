"""A consumer group as its records have made it.

Lives here: the state of one group, its indexes, and the steps by which `replay` changes it. Must not live here:
decisions. Members and sets of partitions are immutable, so a copy of a group is as cheap as its dictionaries.
"""

from __future__ import annotations

import msgspec

from cordwood.groups.consumer.member import Member
from cordwood.groups.consumer.partitions import IdPartition, Partitions


class ResolvedRegex(msgspec.Struct, frozen=True):
    """The topics that a regular expression stands for, at a version of the topics."""

    topics: frozenset[str]
    version: int
    timestamp_ms: int


class ConsumerGroup:
    """One group.

    Invariants: `owners` says of each partition that a member has, or gives up, which member that is; `instances` says
    the same of instance ids. An epoch never goes back, and that of the target is never ahead of the group's.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.epoch = 0
        self.metadata_hash = 0
        self.target_epoch = 0
        self.members: dict[str, Member] = {}
        self.targets: dict[str, Partitions] = {}
        self.owners: dict[IdPartition, str] = {}
        self.instances: dict[str, str] = {}
        self.regexes: dict[str, ResolvedRegex] = {}
        self.has_partition_metadata = False
        self.topics_version: int | None = None
        """The version of the topics at which the group was last in line with them; unknown after a restart."""
        self.awaited: set[str] = set()
        """The classic members that were told to join again."""

    def copy(self) -> ConsumerGroup:
        """A group that can be changed without changing this one."""
        twin = ConsumerGroup(self.name)
        twin.epoch = self.epoch
        twin.metadata_hash = self.metadata_hash
        twin.target_epoch = self.target_epoch
        twin.members = self.members.copy()
        twin.targets = self.targets.copy()
        twin.owners = self.owners.copy()
        twin.instances = self.instances.copy()
        twin.regexes = self.regexes.copy()
        twin.has_partition_metadata = self.has_partition_metadata
        twin.topics_version = self.topics_version
        twin.awaited = self.awaited.copy()
        return twin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ConsumerGroup) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def put_member(self, member: Member) -> None:
        """Adds a member, or takes this in place of what was known of it."""
        old = self.members.get(member.id)
        self.members[member.id] = member
        if old is None or old.metadata.instance_id != member.metadata.instance_id:
            self._forget_instance(old)
            if member.metadata.instance_id is not None:
                self.instances[member.metadata.instance_id] = member.id
        held = member.assigned | member.revoking
        if old is not None:
            self._forget_partitions(member.id, (old.assigned | old.revoking) - held)
        for partition in held:
            self.owners[partition] = member.id

    def remove_member(self, member_id: str) -> None:
        """Takes a member away, with what it had. Its target is a record of its own."""
        old = self.members.pop(member_id, None)
        if old is not None:
            self._forget_instance(old)
            self._forget_partitions(member_id, old.assigned | old.revoking)
        self.awaited.discard(member_id)

    def static_member(self, instance_id: str) -> Member | None:
        """The member with an instance id."""
        member_id = self.instances.get(instance_id)
        return None if member_id is None else self.members[member_id]

    def _forget_instance(self, member: Member | None) -> None:
        # Whoever took the place of a static member may have been stored before the old one was removed.
        instance_id = None if member is None else member.metadata.instance_id
        if member is not None and instance_id is not None and self.instances.get(instance_id) == member.id:
            del self.instances[instance_id]

    def _forget_partitions(self, member_id: str, partitions: Partitions) -> None:
        # While a compacted log is read, a partition can have passed on before the record that gave it up is reached.
        for partition in partitions:
            if self.owners.get(partition) == member_id:
                del self.owners[partition]
