"""Listeners are judged together with the addresses that clients are told."""

from __future__ import annotations

import pytest

from cordwood.node.addresses import Address
from cordwood.node.listeners import resolve_listeners

MAP = ("PLAINTEXT:PLAINTEXT", "SSL:SSL", "INSIDE:PLAINTEXT", "OUTSIDE:plaintext")


def resolved(bound, advertised=None, protocols=MAP, controllers=()):
    return resolve_listeners(bound, advertised, protocols, controllers)


def test_one_listener():
    found = resolved(["127.0.0.1:9092"])
    assert found.bound == (Address("PLAINTEXT", "PLAINTEXT", "127.0.0.1", 9092),)
    assert (found.advertised, found.mistakes) == ((), ())


def test_one_listener_with_a_name_is_told_without():
    found = resolved(["INSIDE://:0"], ["example.org:1"])
    assert found.advertised == (Address("INSIDE", "PLAINTEXT", "example.org", 1),)
    assert not found.mistakes


def test_several_listeners():
    found = resolved(["INSIDE://:1", "outside://:2"], ["OUTSIDE://example.org:3"])
    assert [address.listener for address in found.bound] == ["INSIDE", "OUTSIDE"]
    assert found.bound[1].protocol == "PLAINTEXT"
    assert found.advertised == (Address("OUTSIDE", "PLAINTEXT", "example.org", 3),)
    assert not found.mistakes


def test_controllers_need_no_port():
    found = resolved(
        ["PLAINTEXT://:9092", "CONTROLLER://:9093"],
        ["PLAINTEXT://localhost:9092", "CONTROLLER://localhost:9093"],
        controllers=["controller"],
    )
    assert [address.listener for address in found.bound + found.advertised] == ["PLAINTEXT", "PLAINTEXT"]
    assert not found.mistakes


@pytest.mark.parametrize(
    ("bound", "advertised", "setting", "words"),
    [
        ([], None, "listeners", "names no address"),
        (["nonsense"], None, "listeners", "has no port"),
        (["SSL://:1"], None, "listeners", "is to speak SSL; Cordwood speaks PLAINTEXT today"),
        (["NEW://:1"], None, "listeners", "add NEW:PLAINTEXT to listener.security.protocol.map"),
        ([":1", ":2"], None, "listeners", "listener PLAINTEXT is there twice"),
        (["INSIDE://:1", "OUTSIDE://:1"], None, "listeners", ":1 is there twice"),
        ([":1"], ["0.0.0.0:1"], "advertised.listeners", "name a host that clients can reach"),
        ([":1"], ["INSIDE://a:1"], "advertised.listeners", "INSIDE is none of the listeners"),
        ([":1"], ["a"], "advertised.listeners", "has no port"),
    ],
)
def test_mistakes(bound, advertised, setting, words):
    found = resolved(bound, advertised)
    assert [name for name, _ in found.mistakes] == [setting]
    assert words in found.mistakes[0][1]


def test_several_free_ports_are_no_conflict():
    assert not resolved(["INSIDE://:0", "OUTSIDE://:0"]).mistakes


def test_a_map_with_mistakes():
    found = resolved([":1"], protocols=("PLAINTEXT:PLAINTEXT", "INSIDE", ":PLAINTEXT"))
    assert [name for name, _ in found.mistakes] == ["listener.security.protocol.map"] * 2
