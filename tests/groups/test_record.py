"""Every record of groups says whose it is."""

from __future__ import annotations

from cordwood.groups.record import Record
from cordwood.model import decision


def test_a_record_names_its_group():
    record = Record("orders")
    assert record.group == "orders"
    assert isinstance(record, decision.Record)
