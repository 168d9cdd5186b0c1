"""What each record does to a group: the only place where classic groups change.

Lives here: one effect for each record. Must not live here: judgement; a record was decided on before, and has one
outcome. The same effects change the draft on which a decision is made, so that what was decided is what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.member import Member, MemberProtocol
from cordwood.groups.classic.records import (
    GenerationBegun,
    GroupRemoved,
    GroupStored,
    InitialDelayExtended,
    MemberIdGiven,
    MemberIdLapsed,
    MemberJoined,
    MemberReplaced,
    MembersRemoved,
    MemberSynced,
    RebalanceForced,
    StoredMember,
)
from cordwood.groups.classic.transitions import Event, State
from cordwood.groups.record import Record
from cordwood.model import decision
from cordwood.model.decision import NO_TICKET

R = TypeVar("R", bound=Record)


def apply(group: ClassicGroup, record: Record) -> None:
    """Changes the group as the record says. Raises AssertionError when the record cannot follow the group's state."""
    _EFFECTS[type(record)](group, record)


def _give_member_id(group: ClassicGroup, record: MemberIdGiven) -> None:
    group.move(Event.MEMBER_ID_GIVEN)
    group.pending[record.member_id] = None


def _lapse_member_id(group: ClassicGroup, record: MemberIdLapsed) -> None:
    group.move(Event.MEMBER_ID_LAPSED)
    del group.pending[record.member_id]


def _join(group: ClassicGroup, record: MemberJoined) -> None:
    _begin_rebalance(group, Event.MEMBER_JOINED)
    if not group.members:
        group.protocol_type = record.protocol_type
        group.leader = record.member.member_id
    group.pending.pop(record.member.member_id, None)
    group.put(record.member)
    group.initial_delay = record.initial_delay


def _replace_member(group: ClassicGroup, record: MemberReplaced) -> None:
    group.move(Event.MEMBER_REPLACED)
    group.drop(record.old_member_id)
    group.put(record.member)
    if group.leader == record.old_member_id:
        group.leader = record.member.member_id


def _remove(group: ClassicGroup, record: MembersRemoved) -> None:
    _begin_rebalance(group, Event.MEMBERS_REMOVED)
    for member_id in record.member_ids:
        group.drop(member_id)
    if group.leader not in group.members:
        group.leader = next(iter(group.members), None)


def _force_rebalance(group: ClassicGroup, _: RebalanceForced) -> None:
    group.move(Event.REBALANCE_FORCED)


def _begin_rebalance(group: ClassicGroup, event: Event) -> None:
    if group.move(event) is State.COMPLETING_REBALANCE:
        group.update(lambda member: replace(member, sync_ticket=NO_TICKET, must_sync=False, assignment=b""))


def _extend_delay(group: ClassicGroup, record: InitialDelayExtended) -> None:
    group.move(Event.DELAY_EXTENDED)
    group.initial_delay = record.initial_delay


def _begin_generation(group: ClassicGroup, record: GenerationBegun) -> None:
    group.move(Event.GENERATION_BEGUN)
    group.generation = record.generation
    group.protocol = record.protocol
    group.leader = record.leader
    group.initial_delay = None
    group.update(lambda member: replace(member, join_ticket=NO_TICKET, is_new=False, must_sync=True))
    group.note_subscriptions()


def _sync(group: ClassicGroup, record: MemberSynced) -> None:
    group.move(Event.MEMBER_SYNCED)
    member = group.members[record.member_id]
    group.put(replace(member, sync_ticket=record.ticket, must_sync=False))


def _store(group: ClassicGroup, record: GroupStored) -> None:
    group.move(Event.STORED if record.members else Event.EMPTIED)
    group.generation = record.generation
    group.protocol_type = record.protocol_type or None
    group.protocol = record.protocol
    group.leader = record.leader
    group.state_timestamp_ms = record.state_timestamp_ms
    group.initial_delay = None
    known = group.members
    group.clear()
    for stored in record.members:
        group.put(_restored(stored, record.protocol or "", known.get(stored.member_id)))
    if group.leader not in group.members:
        group.leader = next(iter(group.members), None)
    group.note_subscriptions()


def _restored(stored: StoredMember, protocol: str, known: Member | None) -> Member:
    """The member as it was stored; what is not stored of it is kept where it is known and agrees."""
    agrees = known is not None and known.metadata(protocol) == stored.subscription
    timeout_ms = stored.rebalance_timeout_ms
    return Member(
        member_id=stored.member_id,
        instance_id=stored.instance_id,
        client_id=stored.client_id,
        client_host=stored.client_host,
        session_timeout_ms=stored.session_timeout_ms,
        rebalance_timeout_ms=timeout_ms if timeout_ms >= 0 else stored.session_timeout_ms,
        protocols=known.protocols if known and agrees else (MemberProtocol(protocol, stored.subscription),),
        assignment=stored.assignment,
        must_sync=known is not None and known.must_sync,
    )


def _bury(group: ClassicGroup, _: GroupRemoved) -> None:
    group.move(Event.GROUP_REMOVED)


_EFFECTS: Final[Mapping[type[Record], Callable[[ClassicGroup, Any], None]]] = MappingProxyType(
    {
        MemberIdGiven: _give_member_id,
        MemberIdLapsed: _lapse_member_id,
        MemberJoined: _join,
        MemberReplaced: _replace_member,
        MembersRemoved: _remove,
        RebalanceForced: _force_rebalance,
        InitialDelayExtended: _extend_delay,
        GenerationBegun: _begin_generation,
        MemberSynced: _sync,
        GroupStored: _store,
        GroupRemoved: _bury,
    }
)


def _replay(groups: MutableMapping[str, Any], record: Record) -> None:
    apply(groups[record.group], record)


def _replay_stored(groups: MutableMapping[str, Any], record: GroupStored) -> None:
    group = groups.get(record.group)
    if not isinstance(group, ClassicGroup):
        group = groups[record.group] = ClassicGroup(record.group)
    apply(group, record)


def _replay_removed(groups: MutableMapping[str, Any], record: GroupRemoved) -> None:
    # A tombstone may outlive the group, and the name may belong to a group of the consumer protocol since.
    if isinstance(groups.get(record.group), ClassicGroup):
        apply(groups.pop(record.group), record)


REPLAYS: Final[Mapping[type[decision.Record], Callable[[MutableMapping[str, Any], Any], None]]] = MappingProxyType(
    dict.fromkeys(_EFFECTS, _replay) | {GroupStored: _replay_stored, GroupRemoved: _replay_removed}
)
"""For each record, what it does to the groups of a shard."""
