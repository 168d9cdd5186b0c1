"""A broker beside the tests of commands that talk to a cluster, and a way to run them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cordwood.testing import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A broker in this process, one for each file of tests."""
    with Server() as running:
        yield running
