"""JoinGroup of a classic member in a consumer group: it joins, or comes back because it was told to.

Lives here: that decision. Must not live here: what it gets: it is told that when it syncs (`members`).

Nobody waits for anybody here. The member is answered at once, with its epoch as the generation and as a follower: the
leader is nobody, for the coordinator assigns. What it says that it owns tells what it has given up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from cordwood.groups.classic.commands import Join
from cordwood.groups.classic.join import decide_join as decide_classic_join
from cordwood.groups.classic.replay import REPLAYS as CLASSIC_REPLAYS
from cordwood.groups.classic.replies import JoinReply
from cordwood.groups.consumer import membership, timers
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.leaving import fence
from cordwood.groups.consumer.member import ClassicMember, ClassicProtocol, Member
from cordwood.groups.consumer.migration.policy import allows_downgrade
from cordwood.groups.consumer.migration.translation import by_id, subscription_of
from cordwood.groups.consumer.records import Rejoined
from cordwood.groups.consumer.removal import group_removal
from cordwood.groups.consumer.settling import settle
from cordwood.groups.embedded import PROTOCOL_TYPE, Subscription
from cordwood.groups.turn import Turn
from cordwood.model.decision import Result, answered, merged
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import (
    InconsistentGroupProtocol,
    InvalidSessionTimeout,
    MemberIdRequired,
    UnknownMember,
)


def decide_join(groups: Mapping[str, Any], command: Join, turn: Turn) -> Result:
    """What a JoinGroup to a consumer group comes to. An empty group makes place for a classic one."""
    group: ConsumerGroup = groups[command.group]
    if not group.members:
        return merged(Result(group_removal(group)), decide_classic_join({}, command, turn))
    draft = Draft(groups, command.group)
    try:
        if _succeeds_the_last(group, command, turn):
            return _downgraded(draft, command, turn)
        reply = _join(draft, command, turn)
    except CordwoodError as error:
        return answered(turn.ticket, JoinReply(command.member_id, error))
    draft.answer(turn.ticket, reply)
    return draft.result()


def _join(draft: Draft, command: Join, turn: Turn) -> JoinReply:
    group = draft.group
    low_ms, high_ms = turn.settings.min_session_timeout_ms, turn.settings.max_session_timeout_ms
    if not low_ms <= command.session_timeout_ms <= high_ms:
        raise InvalidSessionTimeout(command.session_timeout_ms, low_ms, high_ms)
    member_id = command.member_id or turn.new_id()
    membership.check_room(group, member_id, turn.settings.consumer_max_size)
    protocols = tuple(ClassicProtocol(protocol.name, protocol.metadata) for protocol in command.protocols)
    wanted = _check_protocols(group, command, protocols)
    if not command.member_id and command.instance_id is None and command.require_known_member_id:
        return JoinReply(member_id, MemberIdRequired(draft.name, member_id))
    if wanted.owned and member_id not in group.members:
        # It was fenced and does not know: what it still reads may be somebody else's by now.
        raise UnknownMember(draft.name, member_id)
    before = _member(draft, command, member_id)
    metadata = msgspec.structs.replace(
        before.metadata,
        instance_id=command.instance_id or before.metadata.instance_id,
        rack_id=wanted.rack_id or before.metadata.rack_id,
        client_id=command.client_id,
        client_host=command.client_host,
        topics=frozenset(wanted.topics),
        regex="",
        rebalance_timeout_ms=command.rebalance_timeout_ms,
        classic=ClassicMember(command.session_timeout_ms, protocols),
    )
    member = settle(draft, before, metadata, by_id(wanted.owned, turn.topics), turn)
    _set_timers(draft, member, turn)
    return JoinReply(
        member.id, generation=member.epoch, protocol_type=PROTOCOL_TYPE, protocol=command.protocols[0].name
    )


def _check_protocols(group: ConsumerGroup, command: Join, protocols: tuple[ClassicProtocol, ...]) -> Subscription:
    """What the member subscribes to. Raises InconsistentGroupProtocol when it and the others have nothing in common."""
    classic = [member.metadata.classic for member in group.members.values() if member.metadata.classic]
    supported = Counter(name for said in classic for name in {protocol.name for protocol in said.protocols})
    wanted = subscription_of(protocols)
    if command.protocol_type != PROTOCOL_TYPE or wanted is None:
        raise InconsistentGroupProtocol(group.name, f"its members are consumers, and it is a {command.protocol_type!r}")
    if all(supported[protocol.name] < len(classic) for protocol in protocols):
        raise InconsistentGroupProtocol(group.name, "it supports none of the protocols that its classic members share")
    return wanted


def _member(draft: Draft, command: Join, member_id: str) -> Member:
    """The member that joins. A static one that names its id has to be the one that there is."""
    if command.instance_id is not None and command.member_id:
        return membership.known_member(draft.group, member_id, command.instance_id)
    return membership.joining_member(draft, member_id, command.instance_id, by_classic=True)


def _set_timers(draft: Draft, member: Member, turn: Turn) -> None:
    """The member has joined, and has its rebalance timeout to sync."""
    if member.id in draft.group.awaited:
        draft.put(Rejoined(draft.name, member.id))
    draft.set_timer(timers.timer_key(timers.JOIN, draft.name, member.id), None)
    draft.set_timer(timers.timer_key(timers.REBALANCE, draft.name, member.id), None)
    draft.set_timer(timers.timer_key(timers.SYNC, draft.name, member.id), member.metadata.rebalance_timeout_ms)
    timers.set_session(draft, member, turn.settings)


def _succeeds_the_last(group: ConsumerGroup, command: Join, turn: Turn) -> bool:
    """Whether the member takes the place, by its instance id, of the last one that speaks the new protocol."""
    predecessor = None if command.instance_id is None else group.static_member(command.instance_id)
    if predecessor is None or predecessor.is_classic or command.member_id:
        return False
    alone = all(member.is_classic or member is predecessor for member in group.members.values())
    return alone and allows_downgrade(turn.settings) and len(group.members) <= turn.settings.max_size


def _downgraded(draft: Draft, command: Join, turn: Turn) -> Result:
    """The predecessor goes, which makes the group a classic one, and the member joins that."""
    predecessor = draft.group.static_member(command.instance_id or "")
    assert predecessor is not None, command
    fence(draft, [predecessor], turn)
    if isinstance(draft.found, ConsumerGroup):
        # It was the only one, and an empty group is a group of neither.
        draft.put(*group_removal(draft.group))
    so_far = draft.result()
    groups: dict[str, Any] = {}
    for record in so_far.records:
        if type(record) in CLASSIC_REPLAYS:
            CLASSIC_REPLAYS[type(record)](groups, record)
    return merged(so_far, decide_classic_join(groups, command, turn))
