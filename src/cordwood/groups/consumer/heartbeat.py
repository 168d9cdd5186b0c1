"""ConsumerGroupHeartbeat: a member joins, stays, leaves, and hears what it is to have.

Lives here: what the request means and what it is answered. Must not live here: who speaks (`membership`), what comes of
it (`settling`), and how members go (`leaving`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.consumer import leaving, membership, timers
from cordwood.groups.consumer.commands import (
    JOIN_EPOCH,
    LEAVE_EPOCH,
    LEAVE_STATIC_EPOCH,
    NO_REBALANCE_TIMEOUT,
    ConsumerHeartbeat,
    HeartbeatReply,
)
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import Member, MemberMetadata
from cordwood.groups.consumer.migration.upgrade import upgrade
from cordwood.groups.consumer.request_checks import check_heartbeat
from cordwood.groups.consumer.settling import settle
from cordwood.groups.turn import Turn
from cordwood.model import regex
from cordwood.model.decision import Result, answered
from cordwood.model.errors import CordwoodError


def decide_heartbeat(groups: Mapping[str, Any], command: ConsumerHeartbeat, turn: Turn) -> Result:
    """What a heartbeat comes to; answered by a HeartbeatReply, or by an error that changes nothing."""
    draft = Draft(groups, command.group)
    try:
        check_heartbeat(command, turn.settings)
        if command.epoch in (LEAVE_EPOCH, LEAVE_STATIC_EPOCH):
            reply = leaving.leave(draft, command, turn)
        else:
            reply = _stay(draft, command, turn)
    except CordwoodError as error:
        return answered(turn.ticket, error)
    draft.answer(turn.ticket, reply)
    return draft.result()


def _stay(draft: Draft, command: ConsumerHeartbeat, turn: Turn) -> HeartbeatReply:
    """Joins, or stays."""
    group = _group(draft, command, turn)
    membership.check_room(group, command.member_id, turn.settings.consumer_max_size)
    before = _member(draft, command, command.member_id or turn.new_id())
    metadata = _said(before.metadata, command)
    if metadata.regex and metadata.regex not in draft.group.regexes:
        regex.check(metadata.regex)
    member = settle(draft, before, metadata, command.owned, turn)
    timers.set_session(draft, member, turn.settings)
    is_told = command.epoch == JOIN_EPOCH or command.is_full or member.assigned != before.assigned
    interval_ms = turn.settings.pace(draft.name).heartbeat_interval_ms
    return HeartbeatReply(member.id, member.epoch, interval_ms, member.assigned if is_told else None)


def _group(draft: Draft, command: ConsumerHeartbeat, turn: Turn) -> ConsumerGroup:
    """The group of the member; one that joins may be the first. Raises GroupNotFound."""
    found = draft.found
    if command.epoch == JOIN_EPOCH:
        if isinstance(found, ClassicGroup):
            upgrade(draft, found, turn)
        elif found is None:
            draft.begin()
    return draft.group


def _member(draft: Draft, command: ConsumerHeartbeat, member_id: str) -> Member:
    group = draft.group
    if command.epoch == JOIN_EPOCH:
        return membership.joining_member(draft, member_id, command.instance_id)
    member = membership.known_member(group, member_id, command.instance_id)
    membership.check_epoch(group, member, command.epoch, command.owned)
    return member


def _said(before: MemberMetadata, command: ConsumerHeartbeat) -> MemberMetadata:
    """What the member says of itself now; what it does not mention is as before."""
    timeout_ms = command.rebalance_timeout_ms
    return msgspec.structs.replace(
        before,
        instance_id=before.instance_id if command.instance_id is None else command.instance_id,
        rack_id=before.rack_id if command.rack_id is None else command.rack_id,
        client_id=command.client_id,
        client_host=command.client_host,
        topics=before.topics if command.topics is None else command.topics,
        regex=before.regex if command.regex is None else command.regex,
        rebalance_timeout_ms=before.rebalance_timeout_ms if timeout_ms == NO_REBALANCE_TIMEOUT else timeout_ms,
        assignor=before.assignor if command.assignor is None else command.assignor,
        classic=None,
    )
