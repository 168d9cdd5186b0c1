"""What kind of host an address has, and who was talked to."""

from __future__ import annotations

import pytest

from cordwood.cli.doctor.evidence import Attempt, Outcome, is_bare_name, is_loopback, is_private
from tests.cli.doctor.samples import dialed


@pytest.mark.parametrize(
    ("host", "loopback", "private", "bare"),
    [
        ("localhost", True, False, False),
        ("LOCALHOST.", True, False, False),
        ("127.0.1.1", True, False, False),
        ("::1", True, False, False),
        ("172.17.0.2", False, True, False),
        ("10.1.2.3", False, True, False),
        ("fe80::1%eth0", False, True, False),
        ("8.8.8.8", False, False, False),
        ("kafka", False, False, True),
        ("kafka.example.org", False, False, False),
    ],
)
def test_kinds_of_hosts(host: str, loopback: bool, private: bool, bare: bool) -> None:
    assert (is_loopback(host), is_private(host), is_bare_name(host)) == (loopback, private, bare)


def test_the_address_that_was_talked_to() -> None:
    both = (Attempt("::1", Outcome.REFUSED), Attempt("127.0.0.1"))
    assert dialed("localhost", attempts=both).ip == "127.0.0.1"
    assert dialed("localhost", Outcome.REFUSED, attempts=both[:1]).ip is None
