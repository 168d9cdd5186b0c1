"""What people and programs are told of a quorum."""

from __future__ import annotations

import json

import msgspec

from cordwood.cli.cluster.quorum_client import View
from cordwood.cli.cluster.quorum_text import directory_text, status_sections, status_value
from cordwood.cli.terminal.output import Fields, Table, field_lines, table_lines
from cordwood.node.addresses import HostPort
from cordwood.wire.messages.describe_quorum import (
    DescribeQuorumResponse,
    Listener,
    Node,
    PartitionQuorum,
    ReplicaState,
    TopicQuorum,
)

NOW = 1_700_000_000_000


def replica(
    number: int, end: int, heard: int = NOW, caught_up: int = NOW, directory: bytes = bytes(16)
) -> ReplicaState:
    return ReplicaState(
        replica_id=number,
        replica_directory_id=directory,
        log_end_offset=end,
        last_fetch_timestamp=heard,
        last_caught_up_timestamp=caught_up,
    )


RESPONSE = DescribeQuorumResponse(
    topics=[
        TopicQuorum(
            topic_name="__cluster_metadata",
            partitions=[
                PartitionQuorum(
                    leader_id=1,
                    leader_epoch=5,
                    high_watermark=1000,
                    current_voters=[
                        replica(1, 1002, directory=bytes(range(16))),
                        replica(2, 1000, NOW - 90, NOW - 90),
                        replica(30, 400, NOW - 125_000, NOW - 7_300_000),
                    ],
                    observers=[replica(4, -1, -1, -1)],
                )
            ],
        )
    ],
    nodes=[
        Node(1, [Listener("PLAINTEXT", "a.example", 9092)]),
        Node(2, [Listener("PLAINTEXT", "::1", 9092)]),
        Node(30, [Listener("PLAINTEXT", "c.example", 9092)]),
        Node(4, []),
    ],
)
VALUE = status_value(View("MkU3OEVBNTcwNTJENDM2Qk", 1, {1: HostPort("a", 1), 2: HostPort("b", 1)}), RESPONSE)


def test_the_table() -> None:
    fields, table = status_sections(VALUE)
    assert isinstance(fields, Fields)
    assert isinstance(table, Table)
    assert list(field_lines(fields)) == [
        "Cluster:   MkU3OEVBNTcwNTJENDM2Qk",
        "Leader:    1",
        "Term:      5",
        "Committed: 1000 entries",
    ]
    assert list(table_lines(table)) == [
        "NODE  ROLE      BEHIND  HEARD      CAUGHT UP  ADDRESS         DIRECTORY",
        "   1  leader         0  now        now        a.example:9092  AAECAwQFBgcICQoLDA0ODw",
        "   2  voter          0  now        now        [::1]:9092      -",
        "  30  voter        600  2 min ago  2 h ago    c.example:9092  -",
        "   4  observer       -  never      never      -               -",
    ]


def test_the_value_is_json() -> None:
    value = json.loads(msgspec.json.encode(VALUE))
    assert (value["leader"], value["term"], value["committed_end"]) == (1, 5, 1000)
    assert [voter["node"] for voter in value["voters"]] == [1, 2, 30]
    assert [voter["broker"] for voter in value["voters"]] == [True, True, False]
    assert value["voters"][2]["heard_ms_ago"] == 125_000
    assert value["observers"] == [
        {
            "node": 4,
            "directory_id": None,
            "log_end": -1,
            "behind": None,
            "heard_ms_ago": None,
            "caught_up_ms_ago": None,
            "address": None,
            "broker": False,
        }
    ]


def test_directories_are_written_as_by_kafkas_tools() -> None:
    assert directory_text(bytes(16)) is None
    assert directory_text(b"\xff" * 16) == "_____________________w"
