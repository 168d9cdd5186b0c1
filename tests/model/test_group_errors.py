"""The errors of groups say who may try again; that they keep and tell their values is tested with all errors."""

from __future__ import annotations

import inspect

from cordwood.model import group_errors
from cordwood.model.errors import CordwoodError


def test_what_passes_by_itself_may_be_tried_again():
    classes = {
        kind
        for _, kind in inspect.getmembers(group_errors, inspect.isclass)
        if issubclass(kind, CordwoodError) and kind.retriable
    }
    assert classes == {
        group_errors.CoordinatorLoading,
        group_errors.CoordinatorNotAvailable,
        group_errors.NotCoordinator,
        group_errors.UnstableOffsetCommit,
    }


def test_messages_name_the_setting():
    assert "group.min.session.timeout.ms" in str(group_errors.InvalidSessionTimeout(1, 2, 3))
    assert "offset.metadata.max.bytes" in str(group_errors.OffsetMetadataTooLarge(2, 1))
