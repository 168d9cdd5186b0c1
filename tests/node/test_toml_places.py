"""Keys of a TOML file are found on their lines."""

from __future__ import annotations

import tomllib

from cordwood.node.toml_places import line_of, lines_of_keys

TEXT = """\
# a comment = with an equals sign
num.partitions = 3
"max.connections.per.ip" = 10

[log]
segment . bytes = 1
'retention.ms' = 2
  [log.flush]   # indented
policy = "os"
[broker]
inline = { rack = "a" }
"""


def test_lines():
    tomllib.loads(TEXT)
    assert lines_of_keys(TEXT) == {
        "num.partitions": 2,
        "max.connections.per.ip": 3,
        "log": 5,
        "log.segment.bytes": 6,
        "log.retention.ms": 7,
        "log.flush": 8,
        "log.flush.policy": 9,
        "broker": 10,
        "broker.inline": 11,
    }


def test_a_key_that_is_not_found_is_where_its_holder_is():
    lines = lines_of_keys(TEXT)
    assert line_of("log.segment.bytes", lines) == 6
    assert line_of("broker.inline.rack", lines) == 11
    assert line_of("unheard.of", lines) is None


def test_the_first_of_a_kind_counts():
    assert lines_of_keys("a = 1\na = 2\n") == {"a": 1}
