"""Every error of the model has one of Kafka's codes."""

from __future__ import annotations

import inspect

import pytest

from cordwood.model import errors, group_errors, raftlog_errors, telemetry_errors, transaction_errors
from cordwood.wire.errors import ErrorCode, code_of


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.OffsetOutOfRange(1, 2, 3), ErrorCode.OFFSET_OUT_OF_RANGE),
        (errors.InvalidBatch("count"), ErrorCode.INVALID_RECORD),
        (errors.CorruptBatch("crc"), ErrorCode.CORRUPT_MESSAGE),
        (errors.RecordTooLarge(2, 1), ErrorCode.MESSAGE_TOO_LARGE),
        (errors.DiskFull("x", "write", OSError()), ErrorCode.KAFKA_STORAGE_ERROR),
        (errors.OutOfOrderSequence(1, 2, 3), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER),
        (errors.OutsideOfTransaction(1, 2), ErrorCode.INVALID_TXN_STATE),
        (errors.TransactionCoordinatorFenced(1, 2, 3), ErrorCode.TRANSACTION_COORDINATOR_FENCED),
        (errors.UnknownTopic("x"), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (group_errors.UnknownMember("g", "m"), ErrorCode.UNKNOWN_MEMBER_ID),
        (TimeoutError(), ErrorCode.REQUEST_TIMED_OUT),
        (ZeroDivisionError(), ErrorCode.UNKNOWN_SERVER_ERROR),
    ],
)
def test_our_errors_have_codes(error, code):
    assert code_of(error) is code


def test_a_class_that_is_not_in_the_map_has_the_code_of_its_base():
    class Narrower(errors.UnknownTopic):
        pass

    assert code_of(Narrower("x")) is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_every_error_of_the_model_has_a_code():
    classes = [
        one
        for module in (errors, group_errors, raftlog_errors, telemetry_errors, transaction_errors)
        for _, one in inspect.getmembers(module, inspect.isclass)
    ]
    for cls in classes:
        if issubclass(cls, errors.CordwoodError) and cls is not errors.CordwoodError:
            assert code_of(cls.__new__(cls)) is not ErrorCode.UNKNOWN_SERVER_ERROR, cls


def test_codes_are_numbers_with_words():
    assert ErrorCode(3) is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert ErrorCode(3).retriable
    assert not ErrorCode.NONE.retriable
    assert all(code.message.endswith(".") for code in ErrorCode)
    assert [int(code) for code in ErrorCode] == list(range(-1, 134))
