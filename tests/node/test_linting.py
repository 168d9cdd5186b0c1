"""A configuration is looked at as a start looks at it, and everything is said with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.settings import BROKER
from cordwood.node.configuration import ConfigurationError, load
from cordwood.node.linting import Place, Severity, lint

SERVER_PROPERTIES = """\
# What many a Kafka has.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
advertised.listeners=PLAINTEXT://localhost:9092
controller.listener.names=CONTROLLER
num.network.threads=3
log.dirs=/tmp/kraft-combined-logs
log.retention.hours=168
log.retention.ms=1000
log.segment.byte=1073741824
offsets.topic.replication.factor=many
"""


def test_a_server_properties_of_kafkas():
    found = [
        (finding.place.line, finding.severity, finding.name) for finding in lint("x.properties", SERVER_PROPERTIES)
    ]
    assert found == [
        (2, Severity.WARNING, "process.roles"),
        (8, Severity.WARNING, "num.network.threads"),
        (10, Severity.NOTE, "log.retention.hours"),
        (12, Severity.ERROR, "log.segment.byte"),
        (13, Severity.ERROR, "offsets.topic.replication.factor"),
    ]


def test_the_words():
    first, _, _, unknown, invalid = lint("x.properties", SERVER_PROPERTIES)
    assert str(first).startswith("x.properties:2: process.roles has no effect in Cordwood: ")
    assert (
        str(unknown) == "x.properties:12: log.segment.byte: there is no such setting (did you mean log.segment.bytes?)"
    )
    assert "'many': wants a whole number of 16 bits" in invalid.message


def test_toml_is_looked_at_as_well():
    (finding,) = lint("cordwood.toml", "[num]\n# three\npartitions = 0\n")
    assert (finding.place, finding.severity) == (Place("cordwood.toml", 3), Severity.ERROR)


def test_what_concerns_no_line_comes_last():
    *_, last = lint("x", "listeners = 'CONTROLLER://:1'\ncontroller.listener.names = 'CONTROLLER'\nnonsense = 1\n")
    assert last.severity is Severity.ERROR


def test_nothing_is_said_about_a_good_configuration():
    assert lint("cordwood.toml", "node.id = 3\n[log]\ndirs = ['/a', '/b']\n") == []
    assert lint("cordwood.toml", "") == []


def test_promises_that_nobody_keeps_are_errors():
    (finding,) = lint("x.properties", "authorizer.class.name=org.example.Authorizer")
    assert (finding.severity, finding.suggestion) == (Severity.ERROR, "take the setting away")


@given(st.dictionaries(st.sampled_from(sorted(BROKER)), st.text(), max_size=4))
def test_secrets_stay_secret_and_any_text_is_looked_at(values):
    texts = {name: f"hunter2{value}" for name, value in values.items() if BROKER[name].sensitive} | values
    for path in ("x.toml", "x.properties", "x"):
        for finding in lint(path, "\n".join(f"{name} = {text}" for name, text in texts.items())):
            assert "hunter2" not in f"{finding} {finding.suggestion}"


@pytest.mark.parametrize("text", ["num.partitions = 3", "num.partitions = 'few'", "log.dirs = ['/a', '/a']", "\0"])
def test_a_file_without_errors_is_one_to_start_with(tmp_path, text):
    path = tmp_path / "cordwood.toml"
    path.write_text(text)
    errors = [str(finding) for finding in lint(str(path), text) if finding.severity is Severity.ERROR]
    assert errors == mistakes_of(str(path))


def mistakes_of(path):
    try:
        load(file=path)
    except ConfigurationError as error:
        return list(error.mistakes)
    return []
