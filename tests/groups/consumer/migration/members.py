"""What classic members say in tests of migration."""

from __future__ import annotations

from typing import Any

from cordwood.groups.classic.commands import Assignment as Given
from cordwood.groups.classic.commands import Heartbeat, Join, Sync
from cordwood.groups.classic.member import MemberProtocol
from cordwood.groups.embedded import Assignment, Subscription, read_assignment, write_assignment, write_subscription
from tests.groups.consumer.shard import FakeShard


def joining(member_id: str = "", *topics: str, owned: dict[str, tuple[int, ...]] | None = None, **fields: Any) -> Join:
    """A classic consumer that joins group "g"."""
    said = write_subscription(Subscription(topics or ("t",), owned=owned or {}, version=1))
    standard: dict[str, Any] = {
        "instance_id": None,
        "client_id": "c",
        "client_host": "h",
        "session_timeout_ms": 10_000,
        "rebalance_timeout_ms": 20_000,
        "protocol_type": "consumer",
        "protocols": (MemberProtocol("range", said),),
    }
    return Join("g", member_id, **(standard | fields))


def form(shard: FakeShard, *indexes: int) -> str:
    """Makes a classic group of one member, which has these partitions of topic "t"; its id."""
    ticket = shard.ask(joining())
    shard.advance(0)
    joined = shard.answers.pop(ticket)
    given = (Given(joined.member_id, write_assignment(Assignment({"t": indexes}, version=1))),)
    shard.tell(Sync("g", joined.member_id, None, joined.generation, "consumer", "range", given))
    return str(joined.member_id)


def beat(shard: FakeShard, member_id: str, generation: int) -> Any:
    """The answer to a classic heartbeat."""
    return shard.tell(Heartbeat("g", member_id, None, generation))


def assigned(shard: FakeShard, member_id: str, generation: int) -> dict[str, tuple[int, ...]]:
    """What a classic member is told that it has."""
    reply = shard.tell(Sync("g", member_id, None, generation, "consumer", "range"))
    read = read_assignment(reply.assignment)
    assert read is not None, reply
    return read.partitions
