"""A cluster of three processes for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.nodes import ClusterOf


@pytest.fixture
def three(tmp_path: Path) -> Iterator[ClusterOf]:
    """Nodes 1, 2 and 3, founded and started. What they said is shown if the test fails."""
    with ClusterOf(3, tmp_path) as cluster:
        yield cluster
        for node in cluster.nodes.values():
            print(f"--- node {node.number}\n{node.process.stderr()}")
