"""`cordwood config show` and `get`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from cordwood.cli.main import main
from tests.cli.running import run, run_json
from tests.cli.topic.kit import create


@pytest.fixture(scope="module")
def filled(server):
    create(server, "orders", "-c", "retention.ms=1000")
    create(server, "plain")
    return server


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broker.toml").write_text("'num.partitions' = 4\n'log.retention.ms' = 60000\n")
    return "broker.toml"


def configured(*arguments, environment=None):
    return CliRunner().invoke(main, ["config", *arguments], env=environment, catch_exceptions=False)


def test_the_table_of_a_configuration(file):
    done = configured("show", "--config", file)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "NAME              VALUE\nlog.retention.ms  60000\nnum.partitions    4\n"


def test_the_origins_of_a_configuration(file):
    arguments = ["--config", file, "--set", "num.partitions=7", "--data", "/var/x", "--origin"]
    done = configured("show", *arguments, environment={"KAFKA_NUM_PARTITIONS": "3"})
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "NAME              VALUE   ORIGIN         OVERRIDES\n"
        "log.dirs          /var/x  --data         -\n"
        "log.retention.ms  60000   broker.toml:2  -\n"
        "num.partitions    7       --set          3 (KAFKA_NUM_PARTITIONS), 4 (broker.toml:1), 1 (default)\n"
    )


def test_the_fields_of_a_configuration(file):
    rows = json.loads(configured("show", "--config", file, "-o", "json").stdout)
    assert [row["name"] for row in rows] == ["log.retention.ms", "num.partitions"]
    assert rows[1] == {
        "type": "serve",
        "resource": None,
        "name": "num.partitions",
        "value": "4",
        "origin": "file",
        "place": "broker.toml:1",
        "read_only": True,
        "sensitive": False,
        "overrides": [{"name": "num.partitions", "value": "1", "origin": "default", "place": None}],
    }


def test_all_settings_of_a_configuration():
    done = configured("show", "--all", "-o", "jsonl")
    assert done.stdout.count("\n") > 100


def test_a_configuration_with_mistakes():
    done = configured("show", "--set", "num.partitions=many")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: --set num.partitions: ")


def test_the_table_of_a_topic(filled):
    done = run(filled, "config", "show", "--topic", "orders", "--origin")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == ("NAME          VALUE  ORIGIN  OVERRIDES\nretention.ms  1000   topic   168 (default)\n")


def test_the_fields_of_a_topic(filled):
    assert run_json(filled, "config", "show", "--topic", "orders") == [
        {
            "type": "topic",
            "resource": "orders",
            "name": "retention.ms",
            "value": "1000",
            "origin": "topic",
            "read_only": False,
            "sensitive": False,
            "overrides": [{"name": "log.retention.hours", "value": "168", "origin": "default"}],
        }
    ]


def test_several_things_have_columns_that_tell_them_apart(filled):
    done = run(filled, "config", "get", "retention.ms", "--topic", "orders", "--topic", "plain")
    assert done.stdout == (
        "TYPE   RESOURCE  NAME          VALUE\n"
        "topic  orders    retention.ms  1000\n"
        "topic  plain     retention.ms  604800000\n"
    )


def test_the_settings_of_a_broker(filled):
    rows = {row["name"]: row for row in run_json(filled, "config", "show", "--broker", "1")}
    assert rows["offsets.topic.num.partitions"]["origin"] == "static"
    assert run(filled, "config", "show", "--broker", "7").exit_code == 3


def test_a_value_alone(filled, file):
    assert configured("get", "num.partitions", "--config", file).stdout == "4\n"
    assert configured("get", "broker.rack").stdout == "\n"
    assert run(filled, "config", "get", "retention.ms", "--topic", "orders").stdout == "1000\n"
    (row,) = run_json(filled, "config", "get", "retention.ms", "--topic", "orders")
    assert row["value"] == "1000"


def test_several_values():
    done = configured("get", "num.partitions", "log.retention.hours")
    assert done.stdout == "NAME                 VALUE\nlog.retention.hours  168\nnum.partitions       1\n"


def test_what_there_is_not(filled):
    done = configured("get", "num.partition")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "error: there is no setting num.partition (did you mean num.partitions?)\n"
    done = configured("get", "num.partitions", "xyz")
    assert (done.exit_code, done.stderr) == (6, "error: there is no setting xyz\n")
    done = run(filled, "config", "get", "retention", "--topic", "orders")
    assert (done.exit_code, done.stderr) == (3, "error: there is no setting retention (did you mean retention.ms?)\n")
    for command in (["show"], ["get", "retention.ms"]):
        assert run(filled, "config", *command, "--topic", "none", "--topic", "orders").exit_code == 6
    done = run(filled, "config", "get", "retention.ms", "--topic", "none")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith("error: topic none: ")


def test_a_cluster_and_a_configuration_at_once(filled):
    done = run(filled, "config", "show", "--topic", "orders", "--set", "a=b")
    assert done.exit_code == 2
    assert "not both" in done.stderr
    assert run(filled, "config", "get").exit_code == 2


def test_a_cluster_without_a_word_of_whose_settings(filled):
    for command in (["show"], ["get", "num.partitions"]):
        done = run(filled, "config", *command)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "say whose settings of the cluster" in done.stderr


def test_a_configuration_is_read_without_the_client_library():
    code = (
        "import sys; from click.testing import CliRunner; from cordwood.cli.main import main; "
        "print(CliRunner().invoke(main, ['config', 'get', 'num.partitions']).output, 'confluent_kafka' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n False\n"
