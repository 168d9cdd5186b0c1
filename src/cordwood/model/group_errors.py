"""The errors of groups: members that are unknown or fenced, groups in the wrong state, coordinators that are elsewhere.

Lives here: exception classes, as in `errors`, which has the rules. Must not live here: Kafka's numeric codes (see
`wire.errors`) and any recovery.
"""

from __future__ import annotations

from cordwood.model.errors import CordwoodError

# The coordinator.


class CoordinatorNotAvailable(CordwoodError):
    """The coordinator of the group cannot serve right now; nothing was changed."""

    retriable = True

    def __init__(self, group: str, reason: str) -> None:
        super().__init__(f"the coordinator of {group!r} is not available: {reason}")
        self.group = group
        self.reason = reason


class CoordinatorLoading(CordwoodError):
    """The coordinator reads its groups from the log and answers when it is done."""

    retriable = True

    def __init__(self, group: str) -> None:
        super().__init__(f"the coordinator of {group!r} is loading; try again")
        self.group = group


class NotCoordinator(CordwoodError):
    """Another broker coordinates the group."""

    retriable = True

    def __init__(self, group: str) -> None:
        super().__init__(f"this broker does not coordinate {group!r}; find its coordinator again")
        self.group = group


# The group.


class InvalidGroupId(CordwoodError):
    """The name cannot be a group's."""

    def __init__(self, group: str) -> None:
        super().__init__(f"{group!r} cannot be the name of a group")
        self.group = group


class GroupNotFound(CordwoodError):
    """There is no such group, or none of the kind that was asked for."""

    def __init__(self, group: str) -> None:
        super().__init__(f"there is no such group: {group!r}")
        self.group = group


class NonEmptyGroup(CordwoodError):
    """The group has members."""

    def __init__(self, group: str) -> None:
        super().__init__(f"group {group!r} has members; stop them first")
        self.group = group


class GroupFull(CordwoodError):
    """The group has as many members as it may have."""

    def __init__(self, group: str, limit: int) -> None:
        super().__init__(f"group {group!r} has {limit} members, the most that its settings allow")
        self.group = group
        self.limit = limit


class GroupSubscribedToTopic(CordwoodError):
    """Members of the group consume the topic, so its offsets cannot be deleted."""

    def __init__(self, group: str, topic: str) -> None:
        super().__init__(f"group {group!r} is subscribed to {topic!r}; its offsets cannot be deleted")
        self.group = group
        self.topic = topic


class InconsistentGroupProtocol(CordwoodError):
    """The member's protocol type or protocols do not fit those of the group, or it names none."""

    def __init__(self, group: str, reason: str) -> None:
        super().__init__(f"the member does not fit group {group!r}: {reason}")
        self.group = group
        self.reason = reason


class UnsupportedAssignor(CordwoodError):
    """The member asks for a server-side assignor that there is not, or that others of the group do not share."""

    def __init__(self, name: str, supported: str) -> None:
        super().__init__(f"there is no assignor {name!r}; supported: {supported}")
        self.name = name
        self.supported = supported


class InvalidSessionTimeout(CordwoodError):
    """The session timeout is outside what the settings allow."""

    def __init__(self, timeout_ms: int, low_ms: int, high_ms: int) -> None:
        super().__init__(
            f"a session timeout of {timeout_ms} ms is outside [{low_ms}, {high_ms}]; "
            "see group.min.session.timeout.ms and group.max.session.timeout.ms"
        )
        self.timeout_ms = timeout_ms
        self.low_ms = low_ms
        self.high_ms = high_ms


class InvalidRegularExpression(CordwoodError):
    """The regular expression of a subscription cannot be read."""

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(f"the regular expression {pattern!r} is not valid: {reason}")
        self.pattern = pattern
        self.reason = reason


# The member.


class UnknownMember(CordwoodError):
    """The group has no such member: it was removed, or never came."""

    def __init__(self, group: str, member_id: str) -> None:
        super().__init__(f"group {group!r} has no member {member_id!r}")
        self.group = group
        self.member_id = member_id


class MemberIdRequired(CordwoodError):
    """The member has to come again with the id that it was given, so that lost answers leave nobody behind."""

    def __init__(self, group: str, member_id: str) -> None:
        super().__init__(f"to join group {group!r} come again as member {member_id!r}")
        self.group = group
        self.member_id = member_id


class IllegalGeneration(CordwoodError):
    """The member speaks of another generation than the group's."""

    def __init__(self, group: str, current: int, attempted: int) -> None:
        super().__init__(f"group {group!r} is in generation {current}, the member names {attempted}")
        self.group = group
        self.current = current
        self.attempted = attempted


class RebalanceInProgress(CordwoodError):
    """The group is about to begin another generation, which the member has to join."""

    def __init__(self, group: str) -> None:
        super().__init__(f"group {group!r} is rebalancing; join again")
        self.group = group


class FencedInstance(CordwoodError):
    """Another member has taken the place of this one under the same group.instance.id."""

    def __init__(self, group: str, instance_id: str, member_id: str) -> None:
        super().__init__(f"in group {group!r} the instance {instance_id!r} is another member now than {member_id!r}")
        self.group = group
        self.instance_id = instance_id
        self.member_id = member_id


class UnreleasedInstance(CordwoodError):
    """The group.instance.id belongs to a member that has not left yet."""

    def __init__(self, group: str, instance_id: str, member_id: str) -> None:
        super().__init__(f"in group {group!r} the instance {instance_id!r} still belongs to member {member_id!r}")
        self.group = group
        self.instance_id = instance_id
        self.member_id = member_id


class FencedMemberEpoch(CordwoodError):
    """The member's epoch cannot be: it has to give up its partitions and join anew."""

    def __init__(self, group: str, member_id: str, current: int, attempted: int) -> None:
        super().__init__(f"member {member_id!r} of group {group!r} has epoch {current}; {attempted} is fenced")
        self.group = group
        self.member_id = member_id
        self.current = current
        self.attempted = attempted


class StaleMemberEpoch(CordwoodError):
    """The member has not heard of its newest epoch yet: its next heartbeat tells it."""

    def __init__(self, group: str, member_id: str, current: int, attempted: int) -> None:
        super().__init__(
            f"member {member_id!r} of group {group!r} has epoch {current}, the request names {attempted}; "
            "take the epoch of the next heartbeat"
        )
        self.group = group
        self.member_id = member_id
        self.current = current
        self.attempted = attempted


# Offsets.


class OffsetMetadataTooLarge(CordwoodError):
    """The text beside a committed offset is longer than offset.metadata.max.bytes."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(
            f"metadata of {size_bytes} bytes is over the limit of {limit_bytes}; offset.metadata.max.bytes"
        )
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class UnstableOffsetCommit(CordwoodError):
    """A transaction has committed an offset of the partition and is not over yet."""

    retriable = True

    def __init__(self, group: str, partition: str) -> None:
        super().__init__(f"a transaction holds the offset of {partition} in group {group!r}; try again")
        self.group = group
        self.partition = partition
