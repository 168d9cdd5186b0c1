"""The pytest plugin: `cordwood_broker` gives each test a broker of its own, in memory.

Lives here: fixtures. Must not live here: imports at the top that slow down test runs which use none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cordwood.testing.server import Server


@pytest.fixture
def cordwood_broker() -> Iterator[Server]:
    """A running broker in memory; `cordwood_broker.bootstrap_servers` is where clients connect."""
    from cordwood.testing import Server

    with Server() as server:
        yield server
