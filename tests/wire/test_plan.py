"""A declaration, read for each of its versions."""

from __future__ import annotations

from typing import Annotated

import pytest

from cordwood.wire.plan import plan
from cordwood.wire.schema import (
    NO_UUID,
    DefaultStruct,
    Int8,
    Int32,
    Int64,
    Kind,
    Message,
    Records,
    Struct,
    Uuid,
    Versions,
    between,
    nullable,
    since,
    tagged,
    until,
)


class Leader(DefaultStruct, frozen=True):
    id: Int32 = -1


class Item(Struct):
    name: str = ""
    id: Annotated[Uuid, since(2)] = NO_UUID


class Sample(Message):
    """A message with one of everything."""

    api_key = 0
    versions = Versions(0, 4)
    flexible_from = 3

    old: Annotated[Int8, until(1)] = 7
    middle: Annotated[Int64, between(1, 2)] = -1
    flag: bool = True
    title: Annotated[str | None, nullable(since=2)] = ""
    items: Annotated[list[Item] | None, since(1), nullable(since=4)] = []
    numbers: list[Int32] = []
    records: Records | None = None
    only: Item | None = None
    second: Annotated[Leader, tagged(1, since=3)] = Leader()
    first: Annotated[str | None, tagged(0, since=3)] = None


def present(version):
    return [field.name for field in plan(Sample, version).untagged]


def test_a_version_has_its_fields():
    assert present(0) == ["old", "flag", "title", "numbers", "records", "only"]
    assert present(1) == ["old", "middle", "flag", "title", "items", "numbers", "records", "only"]
    assert present(4) == ["flag", "title", "items", "numbers", "records", "only"]


def test_tagged_fields_stand_in_the_order_of_their_tags():
    assert [field.name for field in plan(Sample, 2).tagged] == []
    assert [(field.name, field.tag) for field in plan(Sample, 3).tagged] == [("first", 0), ("second", 1)]


def field(name, version):
    return next(one for one in plan(Sample, version).fields if one.name == name)


def test_what_may_be_null_depends_on_the_version():
    assert [field("title", version).is_nullable for version in range(5)] == [False, False, True, True, True]
    assert [field("items", version).is_nullable for version in range(5)] == [False, False, False, False, True]
    assert all(field("records", version).is_nullable for version in range(5))


def test_fields_know_what_they_are():
    kinds = {one.name: (one.kind, one.is_array) for one in plan(Sample, 1).fields}
    assert kinds == {
        "old": (Kind.INT8, False),
        "middle": (Kind.INT64, False),
        "flag": (Kind.BOOL, False),
        "title": (Kind.STRING, False),
        "items": (Kind.STRUCT, True),
        "numbers": (Kind.INT32, True),
        "records": (Kind.RECORDS, False),
        "only": (Kind.STRUCT, False),
        "second": (Kind.STRUCT, False),
        "first": (Kind.STRING, False),
    }
    assert field("old", 4).default == 7
    assert field("items", 4).default == []
    assert field("second", 4).default == Leader()


@pytest.mark.parametrize(("version", "size"), [(0, 1 + 1 + 2 + 4 + 4 + 1), (3, 1 + 1 + 1 + 1 + 1 + 1 + 1)])
def test_the_least_size_counts_what_must_be_there(version, size):
    assert plan(Sample, version).minimum_size_bytes == size


def test_the_least_size_of_an_element():
    assert field("items", 1).element_size_bytes == 2
    assert field("items", 2).element_size_bytes == 2 + 16
    assert field("items", 3).element_size_bytes == 1 + 16 + 1
    assert field("numbers", 0).element_size_bytes == 4
