"""What a group subscribes to: its topics by name and by regular expression, and the epoch that counts their changes.

Lives here: keeping regular expressions resolved, the hash of the topics, and the bump of the group's epoch. Must not
live here: who gets what (`target`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import Member
from cordwood.groups.consumer.records import (
    EpochStored,
    PartitionMetadataRemoved,
    RegexRemoved,
    RegexStored,
    TopicsSeen,
)
from cordwood.groups.turn import Topics, Turn
from cordwood.model import regex
from cordwood.model.ids import TopicId

HASH_BYTES: Final = 8

NOTHING_HASHED: Final = 0
"""The hash where none of the topics exists."""


def topics_of(group: ConsumerGroup, member: Member) -> frozenset[str]:
    """The names that a member subscribes to, whether they exist or not."""
    resolved = group.regexes.get(member.metadata.regex)
    return member.metadata.topics if resolved is None else member.metadata.topics | resolved.topics


def topic_ids(names: Iterable[str], topics: Topics) -> frozenset[TopicId]:
    """The ids of those names that exist."""
    return frozenset(topic.id for topic in map(topics.find, names) if topic is not None)


def is_subscribed(group: ConsumerGroup, topic: str) -> bool:
    """Whether any member subscribes to a topic."""
    return any(topic in member.metadata.topics for member in group.members.values()) or any(
        topic in resolved.topics for resolved in group.regexes.values()
    )


def metadata_hash(group: ConsumerGroup, topics: Topics) -> int:
    """Names all that an assignment depends on in the topics of a group: their names, ids and numbers of partitions.

    Ours, and not Kafka's XXH3: a Kafka that takes over our log finds that it differs, and rebalances once.
    """
    # Most members subscribe to the same: each set of names is looked at once.
    names = set[str]().union(*{member.metadata.topics for member in group.members.values()})
    names.update(*(resolved.topics for resolved in group.regexes.values()))
    digest = hashlib.blake2b(digest_size=HASH_BYTES)
    empty = True
    for name in sorted(names):
        topic = topics.find(name)
        if topic is not None:
            empty = False
            digest.update(topic.id + topic.partition_count.to_bytes(4, "big") + name.encode() + b"\0")
    return NOTHING_HASHED if empty else int.from_bytes(digest.digest(), "big", signed=True)


def has_new_topics(group: ConsumerGroup, turn: Turn) -> bool:
    """Whether topics have changed, any of them, since the group was last in line with them."""
    return group.topics_version != turn.topics.version


def refresh(draft: Draft, turn: Turn, *, changed: bool) -> None:
    """Brings the group in line with its members and the topics; bumps its epoch if that changes what assignors see.

    `changed` says that a member subscribes differently than before: that alone is a reason.
    """
    resolved_anew = refresh_regexes(draft, turn)
    group = draft.group
    current = metadata_hash(group, turn.topics)
    if changed or resolved_anew or group.epoch == 0 or current != group.metadata_hash:
        bump(draft, turn, current)
    if group.topics_version != turn.topics.version:
        draft.put(TopicsSeen(draft.name, turn.topics.version))


def bump(draft: Draft, turn: Turn, current: int | None = None) -> None:
    """The group's next epoch, with the hash of its topics: targets have to be computed anew."""
    group = draft.group
    current = metadata_hash(group, turn.topics) if current is None else current
    draft.put(EpochStored(draft.name, group.epoch + 1, current))
    if group.has_partition_metadata:
        draft.put(PartitionMetadataRemoved(draft.name))


def refresh_regexes(draft: Draft, turn: Turn) -> bool:
    """Resolves what is not resolved, all where the topics have changed, and forgets what nobody subscribes to.

    Returns whether a regular expression stands for other topics than before.
    """
    group = draft.group
    wanted = {member.metadata.regex for member in group.members.values()} - {""}
    draft.put(*(RegexRemoved(draft.name, pattern) for pattern in sorted(group.regexes.keys() - wanted)))
    stale = wanted if has_new_topics(group, turn) else wanted - group.regexes.keys()
    changed = False
    for pattern, topics in sorted(regex.resolve(sorted(stale), turn.topics.names()).items()):
        before = group.regexes.get(pattern)
        if before is None or before.topics != topics:
            draft.put(RegexStored(draft.name, pattern, topics, turn.topics.version, turn.now_ms))
            changed = True
    return changed
