"""What `cordwood cluster status` tells: a table for people, values for programs.

Lives here: words and values. Must not live here: asking for them (quorum.py).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from cordwood.cli.cluster.quorum_client import View
from cordwood.cli.terminal.output import Column, Fields, Section, Table
from cordwood.node.addresses import HostPort
from cordwood.wire.messages.describe_quorum import DescribeQuorumResponse, PartitionQuorum, ReplicaState
from cordwood.wire.schema import NO_UUID

Value: TypeAlias = "dict[str, Any]"

_UNITS: Final = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))


def _ago_text(ago_ms: int | None) -> str:
    if ago_ms is None:
        return "never"
    if ago_ms < 1_000:
        return "now"
    size, unit = next((size, unit) for size, unit in _UNITS if ago_ms >= size)
    return f"{ago_ms // size} {unit} ago"


COLUMNS: Final = (
    Column("NODE", "node"),
    Column("ROLE", "role"),
    Column("BEHIND", "behind"),
    Column("HEARD", lambda row: _ago_text(row["heard_ms_ago"])),
    Column("CAUGHT UP", lambda row: _ago_text(row["caught_up_ms_ago"])),
    Column("ADDRESS", "address"),
    Column("DIRECTORY", "directory_id"),
)


def status_value(view: View, response: DescribeQuorumResponse) -> Value:
    """The quorum as one JSON value."""
    quorum = response.topics[0].partitions[0]
    places = _places(response)
    return {
        "cluster_id": view.cluster_id,
        "leader": quorum.leader_id,
        "term": quorum.leader_epoch,
        "committed_end": quorum.high_watermark,
        "voters": [_member_value(member, quorum, view, places) for member in quorum.current_voters],
        "observers": [_member_value(member, quorum, view, places) for member in quorum.observers],
    }


def status_sections(value: Value) -> Iterator[Section]:
    """The same for people."""
    yield Fields(
        {
            "Cluster": value["cluster_id"],
            "Leader": value["leader"],
            "Term": value["term"],
            "Committed": f"{value['committed_end']} entries",
        }
    )
    leader = value["leader"]
    rows = [member | {"role": "leader" if member["node"] == leader else "voter"} for member in value["voters"]]
    rows += [member | {"role": "observer"} for member in value["observers"]]
    yield Table(rows, COLUMNS)


def directory_text(directory_id: bytes) -> str | None:
    """A directory as Kafka's tools write it; None where it is not known."""
    if bytes(directory_id) == NO_UUID:
        return None
    return urlsafe_b64encode(directory_id).rstrip(b"=").decode("ascii")


def _member_value(member: ReplicaState, quorum: PartitionQuorum, view: View, places: dict[int, HostPort]) -> Value:
    now_ms = max(
        (one.last_fetch_timestamp for one in quorum.current_voters if one.replica_id == quorum.leader_id), default=-1
    )
    place = places.get(member.replica_id)
    return {
        "node": member.replica_id,
        "directory_id": directory_text(member.replica_directory_id),
        "log_end": member.log_end_offset,
        "behind": None if member.log_end_offset < 0 else max(0, quorum.high_watermark - member.log_end_offset),
        "heard_ms_ago": _ago(member.last_fetch_timestamp, now_ms),
        "caught_up_ms_ago": _ago(member.last_caught_up_timestamp, now_ms),
        "address": None if place is None else str(place),
        "broker": member.replica_id in view.brokers,
    }


def _places(response: DescribeQuorumResponse) -> dict[int, HostPort]:
    return {
        node.node_id: HostPort(node.listeners[0].host, node.listeners[0].port)
        for node in response.nodes
        if node.listeners
    }


def _ago(then_ms: int, now_ms: int) -> int | None:
    return None if then_ms < 0 or now_ms < 0 else max(0, now_ms - then_ms)
