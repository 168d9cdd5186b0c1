"""Source in the making: blocks, names, layouts."""

from __future__ import annotations

import struct

from cordwood.wire.source import Source


def test_blocks_are_indented():
    source = Source()
    with source.block("def double(value):"):
        with source.block("if value is None:"):
            source.line("return 0")
        source.line("return value * 2")
    assert source.text() == ("def double(value):\n    if value is None:\n        return 0\n    return value * 2\n")
    double = source.compile("a test", "double")
    assert (double(None), double(4)) == (0, 8)


def test_names_are_fresh_and_constants_are_one():
    source = Source()
    assert source.name("value") != source.name("value")
    thing = object()
    name = source.constant("thing", thing)
    assert source.constant("thing", thing) == name
    assert source.globals[name] is thing


def test_layouts_are_big_endian():
    source = Source()
    pack, unpack = source.packer("hi?"), source.unpacker("hi?")
    assert source.globals[pack](1, 2, True) == struct.pack(">hi?", 1, 2, True)
    assert source.globals[unpack](bytes.fromhex("ff00010000000201"), 1) == (1, 2, True)
    assert source.packer("hi?") == pack
    assert pack.isidentifier()


def test_the_title_is_in_the_traceback():
    source = Source()
    with source.block("def fail():"):
        source.line("raise KeyError")
    assert source.compile("Fetch version 4", "fail").__code__.co_filename == "<Fetch version 4>"
