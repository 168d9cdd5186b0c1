"""A real broker inside a test: no container, no port clash, gone when the test is.

    from cordwood.testing import Server

    with Server() as server:                       # in memory, on a free port
        producer = Producer({"bootstrap.servers": server.bootstrap_servers})

    def test_orders(cordwood_broker):              # the same as a pytest fixture
        ...

Lives here: the in-process broker and the pytest plugin. Must not live here: anything that the broker itself needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cordwood.testing.server import Server

__all__ = ["Server"]


def __getattr__(name: str) -> object:
    """Loads the broker only when a test asks for it: every pytest run of an environment loads the plugin."""
    if name == "Server":
        from cordwood.testing.server import Server

        return Server
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
