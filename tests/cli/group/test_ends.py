"""Where partitions end, as far as they are there."""

from __future__ import annotations

import pytest

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.options import connection_of
from cordwood.cli.group.ends import ends_of
from cordwood.testing import Server


def test_partitions_that_are_gone_are_left_out(groups: Server, capsys: pytest.CaptureFixture[str]) -> None:
    kafka = Cluster(connection_of(groups.bootstrap_servers, {}, {}, 10.0, {}))
    assert ends_of(kafka, {("orders", 0), ("bills", 0), ("gone", 0)}) == {("bills", 0): 10, ("orders", 0): 5}
    assert ends_of(kafka, set()) == {}
    assert capsys.readouterr().err == ""
