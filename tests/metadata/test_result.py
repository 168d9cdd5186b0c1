"""A decision is a value."""

from __future__ import annotations

import pytest

from cordwood.metadata.records import UnregisterBroker
from cordwood.metadata.result import Result


def test_a_result_holds_records_and_a_reply_and_stays_so():
    result = Result((UnregisterBroker(1),), "done")
    assert result == Result((UnregisterBroker(1),), "done")
    with pytest.raises(AttributeError):
        result.reply = "other"  # type: ignore[misc]
