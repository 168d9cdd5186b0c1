"""Lists that are written while they come."""

from __future__ import annotations

import json

import msgspec

from cordwood.cli.records.streams import JsonArray, JsonLines, Yaml


def written(form, *batches):
    return b"".join([form.begin(), *map(form.some, batches), form.end()]).decode()


def line(number):
    return {"number": number}


def test_json_lines():
    assert written(JsonLines(line), [1, 2], [], [3]) == '{"number":1}\n{"number":2}\n{"number":3}\n'
    assert written(JsonLines(line)) == ""


def test_one_array():
    text = written(JsonArray(line), [1, 2], [], [3])
    assert text == '[\n  {"number":1},\n  {"number":2},\n  {"number":3}\n]\n'
    assert json.loads(text) == [line(1), line(2), line(3)]


def test_an_array_of_nothing():
    assert written(JsonArray(line), []) == "[]\n"


def test_one_yaml_list():
    text = written(Yaml(lambda raw: {"value": msgspec.Raw(raw)}), [b'{"a": 1}'], [], [b"null", b'"x"'])
    assert msgspec.yaml.decode(text) == [{"value": {"a": 1}}, {"value": None}, {"value": "x"}]
    assert written(Yaml(line), []) == "[]\n"
