"""Layouts do not meet: a record or a key belongs to one."""

from __future__ import annotations

from cordwood.coordinator.stored.codec import LAYOUTS


def test_each_record_and_each_key_belongs_to_one_layout():
    kinds = [kind for layout in LAYOUTS for kind in (layout.stores, layout.removes, layout.key)]
    assert len(set(kinds)) == len(kinds)
