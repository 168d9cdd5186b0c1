"""The options of commands that talk to a cluster."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from cordwood.cli.client.options import SERVERS_VARIABLE, connection_of, connection_options


@click.command()
@click.argument("name")
@connection_options
@click.option("--loud", is_flag=True)
def ask(name, connection, loud):
    """Asks."""
    click.echo(f"{name} {loud} {dict(connection.properties)} {connection.timeout_s}")


def asked(*arguments, environment=None):
    done = CliRunner().invoke(ask, ["x", *arguments], env=environment)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_default(monkeypatch):
    monkeypatch.delenv(SERVERS_VARIABLE, raising=False)
    assert asked() == "x False {'bootstrap.servers': '127.0.0.1:9092'} 10.0\n"


def test_properties_are_given(monkeypatch):
    monkeypatch.delenv(SERVERS_VARIABLE, raising=False)
    said = asked("-b", "a:1,b:2", "-X", "sasl.password=p=q", "--timeout", "2", "--loud")
    assert said == "x True {'bootstrap.servers': 'a:1,b:2', 'sasl.password': 'p=q'} 2.0\n"


def test_the_old_name_of_the_servers_is_understood():
    assert "'a:1'" in asked("--bootstrap-server", "a:1")


@pytest.mark.parametrize(
    ("servers", "given", "file", "environment", "wanted"),
    [
        (None, {}, {}, {}, "127.0.0.1:9092"),
        (None, {}, {}, {SERVERS_VARIABLE: ""}, "127.0.0.1:9092"),
        (None, {}, {}, {SERVERS_VARIABLE: "env:1"}, "env:1"),
        (None, {}, {"bootstrap.servers": "file:1"}, {SERVERS_VARIABLE: "env:1"}, "file:1"),
        ("flag:1", {}, {"bootstrap.servers": "file:1"}, {}, "flag:1"),
        ("flag:1", {"bootstrap.servers": "x:1"}, {}, {}, "x:1"),
    ],
)
def test_what_wins(servers, given, file, environment, wanted):
    assert connection_of(servers, given, file, 1.0, environment).servers == wanted


def test_a_file(tmp_path):
    path = tmp_path / "client.properties"
    path.write_text("bootstrap.servers=c:3\nclient.id=me\n")
    assert "{'bootstrap.servers': 'c:3', 'client.id': 'me'}" in asked("-F", str(path))


def test_mistakes_are_wrong_usage(tmp_path):
    (tmp_path / "latin").write_bytes(b"a=\xff")
    (tmp_path / "bad").write_text("= b")
    for arguments, words in (
        (["-X", "debug"], "'debug' wants KEY=VALUE"),
        (["-F", str(tmp_path / "none")], "cannot be read: No such file or directory"),
        (["-F", str(tmp_path / "latin")], "is not UTF-8"),
        (["-F", str(tmp_path / "bad")], "bad:1: wants KEY=VALUE"),
        (["--timeout", "0"], "0.1<=x<=3600.0"),
    ):
        done = CliRunner().invoke(ask, ["x", *arguments])
        assert done.exit_code == 2
        assert words in " ".join(done.output.split()), done.output


def test_a_password_is_not_repeated():
    done = CliRunner().invoke(ask, ["x", "-X", "=secret"])
    assert done.exit_code == 2
    assert "secret" not in done.output
