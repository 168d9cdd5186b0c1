"""The errors of transactions say who may try again; that they keep and tell their values is tested with all errors."""

from __future__ import annotations

import inspect

from cordwood.model import transaction_errors
from cordwood.model.errors import CordwoodError


def test_what_passes_by_itself_may_be_tried_again():
    classes = {
        kind
        for _, kind in inspect.getmembers(transaction_errors, inspect.isclass)
        if issubclass(kind, CordwoodError) and kind.retriable
    }
    assert classes == {
        transaction_errors.CannotVerify,
        transaction_errors.ConcurrentTransactions,
        transaction_errors.MarkerNotWritten,
    }


def test_messages_name_the_setting():
    assert "transaction.max.timeout.ms" in str(transaction_errors.InvalidTransactionTimeout(1, 2))
