"""Members of groups by hand: requests as clients send them."""

from __future__ import annotations

from typing import Any

from cordwood.wire.messages.heartbeat import HeartbeatRequest
from cordwood.wire.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from cordwood.wire.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from tests.raw_client import RawClient

SESSION_MS = 10_000


def join_request(group: str, member: str = "", *, instance: str | None = None) -> JoinGroupRequest:
    return JoinGroupRequest(
        group_id=group,
        session_timeout_ms=SESSION_MS,
        rebalance_timeout_ms=SESSION_MS,
        member_id=member,
        group_instance_id=instance,
        protocol_type="test",
        protocols=[JoinGroupRequestProtocol("blue", b"metadata")],
    )


def join(client: RawClient, group: str, version: int = 9) -> Any:
    """Joins alone, and answers a demand for a member id."""
    answer = client.ask(join_request(group), version)
    if answer.error_code == 79:
        answer = client.ask(join_request(group, answer.member_id), version)
    assert answer.error_code == 0, answer
    return answer


def sync(client: RawClient, group: str, joined: Any, version: int = 5, **assignments: bytes) -> Any:
    request = SyncGroupRequest(
        group_id=group,
        generation_id=joined.generation_id,
        member_id=joined.member_id,
        protocol_type="test",
        protocol_name="blue",
        assignments=[SyncGroupRequestAssignment(member, given) for member, given in assignments.items()],
    )
    return client.ask(request, version)


def heartbeat(client: RawClient, group: str, member: str, generation: int, version: int = 4) -> int:
    request = HeartbeatRequest(group_id=group, generation_id=generation, member_id=member)
    return int(client.ask(request, version).error_code)


def member_of(client: RawClient, group: str) -> Any:
    """A member that is alone in its stable group, and has the assignment b"all"."""
    joined = join(client, group)
    synced = sync(client, group, joined, **{joined.member_id: b"all"})
    assert (synced.error_code, synced.assignment) == (0, b"all")
    return joined
