"""A cluster of three processes for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.brokers import Brokers


@pytest.fixture
def brokers(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Brokers]:
    """Founded and started. What they said is shown if the test fails."""
    made = Brokers(tmp_path)
    made.found()
    try:
        made.start()
        yield made
    finally:
        made.end()
        print(made.said())
