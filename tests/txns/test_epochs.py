"""Epochs of clients end one below the highest."""

from __future__ import annotations

from cordwood.txns.epochs import HIGHEST, HIGHEST_OF_CLIENTS, NO_EPOCH, is_exhausted


def test_one_epoch_is_left_to_fence_with():
    assert (HIGHEST_OF_CLIENTS, HIGHEST) == (32_766, 32_767)
    assert [is_exhausted(epoch) for epoch in (NO_EPOCH, 0, 32_765, 32_766, 32_767)] == [False] * 3 + [True] * 2
