"""`cordwood group describe`: groups of both kinds, with members and without."""

from __future__ import annotations

from cordwood.cli.group.describing import places_text
from cordwood.testing import Server
from tests.cli.running import run, run_json


def test_the_table_of_a_group_with_members(groups: Server, reading: str) -> None:
    done = run(groups, "group", "describe", "readers")
    assert (done.exit_code, done.stderr) == (0, "")
    width = len(reading)
    assert done.stdout.splitlines() == [
        "Group:       readers",
        "State:       Stable",
        "Type:        Consumer",
        "Assignor:    uniform",
        f"Coordinator: 1 ({groups.bootstrap_servers})",
        "Members:     1",
        "Lag:         4",
        "",
        f"{'MEMBER':{width}}  INSTANCE  CLIENT  HOST       PARTITIONS",
        f"{reading}  -         reader  127.0.0.1  orders:0,1",
        "",
        "TOPIC   PARTITION  COMMITTED  END  LAG  MEMBER",
        f"orders          0          1    5    4  {reading}",
        f"orders          1          -    5    -  {reading}",
    ]


def test_the_json_of_a_classic_group(groups: Server, reading_classic: str) -> None:
    (value,) = run_json(groups, "group", "describe", "classics")
    host, port = groups.bootstrap_servers.split(":")
    both = [{"topic": "orders", "partition": number} for number in (0, 1)]
    assert value == {
        "group": "classics",
        "state": "Stable",
        "type": "Classic",
        "assignor": "range",
        "coordinator": {"node_id": 1, "host": host, "port": int(port)},
        "lag": 4,
        "members": [
            {
                "member_id": reading_classic,
                "instance_id": None,
                "client_id": "reader",
                "host": "127.0.0.1",
                "assignment": both,
                "target": None,
            }
        ],
        "partitions": [
            {"topic": "orders", "partition": 0, "committed": 1, "end": 5, "lag": 4, "member_id": reading_classic},
            {"topic": "orders", "partition": 1, "committed": None, "end": 5, "lag": None, "member_id": reading_classic},
        ],
    }


def test_a_group_without_members(groups: Server) -> None:
    done = run(groups, "group", "describe", "billing")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[5:] == [
        "Members:     0",
        "Lag:         11",
        "",
        "TOPIC   PARTITION  COMMITTED  END  LAG  MEMBER",
        "bills           0          1   10    9  -",
        "orders          0          3    5    2  -",
    ]


def test_several_of_which_one_is_not_there(groups: Server) -> None:
    done = run(groups, "group", "describe", "audit", "nobody")
    assert done.exit_code == 6
    assert done.stderr == "error: there is no group nobody: `cordwood group list` shows those there are\n"
    assert done.stdout.startswith("Group:       audit\n")


def test_a_group_that_is_not_there(groups: Server) -> None:
    done = run(groups, "group", "describe", "nobody")
    assert (done.exit_code, done.stdout) == (3, "")


def test_partitions_in_short() -> None:
    places = [{"topic": "a", "partition": 0}, {"topic": "a", "partition": 2}, {"topic": "b", "partition": 1}]
    assert places_text(places) == "a:0,2 b:1"
    assert places_text([]) is None
