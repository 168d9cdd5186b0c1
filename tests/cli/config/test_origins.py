"""The configuration that a broker would run with, and where each value comes from."""

from __future__ import annotations

import pytest

from cordwood.cli.config.origins import configured, origin_of
from cordwood.cli.config.sources import Sources
from cordwood.model.settings import BROKER
from cordwood.node.findings import Place


def rows(sources, environment=None):
    return {row["name"]: row for row in configured(sources, environment or {}, is_judged=True)}


def test_every_setting_has_a_row_and_nobody_gave_it_a_value():
    found = rows(Sources())
    assert list(found) == sorted(BROKER)
    assert {row["origin"] for row in found.values()} == {"default"}
    assert found["num.partitions"] == {
        "type": "serve",
        "resource": None,
        "name": "num.partitions",
        "value": "1",
        "origin": "default",
        "place": None,
        "read_only": True,
        "sensitive": False,
        "overrides": [],
    }


def test_the_strongest_place_counts_and_the_others_are_told(tmp_path):
    file = tmp_path / "broker.toml"
    file.write_text("# of ours\n'num.partitions' = 2\n")
    sources = Sources(str(file), ("num.partitions=5", "log.retention.ms=9"), {"log.dirs": "/secret/path"})
    environment = {"KAFKA_NUM_PARTITIONS": "3", "CORDWOOD_NUM_PARTITIONS": "4"}
    found = rows(sources, environment)
    assert (found["num.partitions"]["value"], found["num.partitions"]["place"]) == ("5", "--set")
    assert [
        (one["value"], one["origin"], one["place"]) for one in found["num.partitions"]["overrides"]
    ] == [
        ("4", "environment", "CORDWOOD_NUM_PARTITIONS"),
        ("3", "environment", "KAFKA_NUM_PARTITIONS"),
        ("2", "file", f"{file}:2"),
        ("1", "default", None),
    ]  # fmt: skip
    assert (found["log.dirs"]["origin"], found["log.dirs"]["place"]) == ("flag", "--data")
    assert found["log.retention.ms"]["overrides"] == []


def test_secrets_are_not_told():
    secret = next(name for name, setting in BROKER.items() if setting.sensitive)
    variable = f"KAFKA_{secret.replace('.', '_').upper()}"
    found = configured(Sources(sets=(f"{secret}=hush",)), {variable: "hush"}, is_judged=True)
    (row,) = (row for row in found if row["name"] == secret)
    assert (row["origin"], row["value"], row["overrides"][0]["value"]) == ("flag", None, None)
    assert "hush" not in str(found)


def test_mistakes_end_it_as_they_end_a_start(capsys):
    with pytest.raises(SystemExit) as raised:
        configured(Sources(sets=("num.partitions=many", "no.such=1")), {}, is_judged=False)
    assert raised.value.code == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert all(line.startswith("error: --set ") for line in said)


def test_what_does_not_fit_together_is_a_matter_of_judgement(capsys):
    sources = Sources(sets=("http.listener=x",))
    with pytest.raises(SystemExit) as raised:
        configured(sources, {}, is_judged=True)
    assert raised.value.code == 2
    assert "'x' has no port: write HOST:PORT" in capsys.readouterr().err
    assert configured(sources, {}, is_judged=False)


@pytest.mark.parametrize(
    ("place", "origin"),
    [(Place("f.toml", 1), "file"), (Place("--data /x"), "flag"), (Place("KAFKA_LOG_DIRS"), "environment")],
)
def test_kinds_of_places(place, origin):
    assert origin_of(place) == origin
