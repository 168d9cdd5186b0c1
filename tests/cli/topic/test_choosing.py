"""Which topics a command is about."""

from __future__ import annotations

import click
import pytest

from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.offset_spec import AtTime, BeforeEnd, End
from cordwood.cli.client.options import Connection
from cordwood.cli.terminal.exits import Exit, Outcomes
from cordwood.cli.topic.choosing import PointType, chosen_topics, is_glob
from tests.cli.topic.kit import create


@pytest.fixture(scope="module")
def kafka(server):
    create(server, "a", "ab", "b", "__consumer_offsets")
    with cluster(Connection({"bootstrap.servers": server.bootstrap_servers})) as made:
        yield made


@pytest.mark.parametrize(
    ("wanted", "is_regex", "names"),
    [
        (["b", "a*", "ab"], False, ["b", "a", "ab"]),
        (["none"], False, ["none"]),
        (["*"], False, ["a", "ab", "b"]),
        (["__consumer_offsets"], False, ["__consumer_offsets"]),
        (["a.?", "b"], True, ["a", "ab", "b"]),
        ([".*offsets"], True, []),
    ],
)
def test_choice(kafka, capsys, wanted, is_regex, names):
    outcomes = Outcomes()
    assert chosen_topics(kafka, wanted, outcomes, is_regex=is_regex) == names
    assert outcomes.code is (Exit.OK if names else Exit.NOT_FOUND)
    assert capsys.readouterr().err == ("" if names else "error: no topic fits .*offsets\n")


def test_names_of_topics_are_no_globs():
    assert [name for name in ("a", "a.b-c_d", "a*", "a?", "[a]") if is_glob(name)] == ["a*", "a?", "[a]"]


def test_offsets_as_arguments():
    kind = PointType()
    assert kind.convert("end", None, None) == End()
    assert kind.convert(BeforeEnd(1), None, None) == BeforeEnd(1)
    assert isinstance(kind.convert("@-1h", None, None), AtTime)
    with pytest.raises(click.BadParameter, match="is no offset"):
        kind.convert("soon", None, None)
