"""What `cordwood cluster status` tells: a table for people, values for programs.

Lives here: words and values. Must not live here: asking for them (quorum.py).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from cordwood.cli.cluster.quorum_client import View
from cordwood.node.addresses import HostPort
from cordwood.wire.messages.describe_quorum import DescribeQuorumResponse, PartitionQuorum, ReplicaState
from cordwood.wire.schema import NO_UUID

Value: TypeAlias = "dict[str, Any]"

UNKNOWN: Final = "?"
HEADINGS: Final = ("NODE", "ROLE", "BEHIND", "HEARD", "CAUGHT UP", "ADDRESS", "DIRECTORY")
_UNITS: Final = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))


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


def status_text(value: Value) -> Iterator[str]:
    """The same as lines of text."""
    yield f"cluster {value['cluster_id']}"
    yield f"node {value['leader']} leads in term {value['term']}, {value['committed_end']} entries are committed"
    yield ""
    rows = [_row(member, "leader" if member["node"] == value["leader"] else "voter") for member in value["voters"]]
    rows += [_row(member, "observer") for member in value["observers"]]
    yield from _table([HEADINGS, *rows])


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


def _row(member: Value, role: str) -> tuple[str, ...]:
    return (
        str(member["node"]),
        role,
        UNKNOWN if member["behind"] is None else str(member["behind"]),
        _ago_text(member["heard_ms_ago"]),
        _ago_text(member["caught_up_ms_ago"]),
        member["address"] or UNKNOWN,
        member["directory_id"] or UNKNOWN,
    )


def _ago_text(ago_ms: int | None) -> str:
    if ago_ms is None:
        return "never"
    if ago_ms < 1_000:
        return "now"
    size, unit = next((size, unit) for size, unit in _UNITS if ago_ms >= size)
    return f"{ago_ms // size} {unit} ago"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns of equal width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
