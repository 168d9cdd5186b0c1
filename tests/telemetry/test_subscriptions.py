"""Who is asked for what."""

from __future__ import annotations

import pytest

from cordwood.telemetry.client import Client
from cordwood.telemetry.subscriptions import Subscriptions, Wanted

CLIENT = Client(b"0123456789abcdef", "billing-7", "apache-kafka-java", "4.3.0", "10.0.0.7", "50123")


def wanted(*configs: dict[str, str], client: Client = CLIENT) -> Wanted:
    return Subscriptions({f"s{number}": given for number, given in enumerate(configs)}).wanted_of(client)


def test_nothing_is_subscribed_to_by_default():
    assert wanted() == Wanted((), 300_000)
    assert wanted({"interval.ms": "1000"}) == Wanted((), 1000)


def test_subscriptions_that_match_are_summed_up():
    assert wanted(
        {"metrics": "org.b,org.a", "interval.ms": "2000"},
        {"metrics": "org.b,org.c", "interval.ms": "1000"},
        {"metrics": "org.d", "interval.ms": "100", "match": "client_id=other"},
    ) == Wanted(("org.a", "org.b", "org.c"), 1000)


def test_no_client_is_asked_less_often_than_by_default():
    assert wanted({"metrics": "org.a", "interval.ms": "3600000"}).interval_ms == 300_000


def test_a_star_takes_in_everything():
    assert wanted({"metrics": "org.b"}, {"metrics": "org.a,*"}).metrics == ("*",)


@pytest.mark.parametrize(
    ("match", "holds"),
    [
        ("", True),
        ("client_id=billing-7", True),
        ("client_id=billing-.*", True),
        ("client_id=billing", False),
        ("client_instance_id=MDEyMzQ1Njc4OWFiY2RlZg", True),
        ("client_software_name=.*java,client_software_version=4\\..*", True),
        ("client_software_name=.*java,client_software_version=3\\..*", False),
        (" client_source_address = 10\\.0\\.0\\.\\d+ ", True),
        ("client_source_port=[0-4].*", False),
    ],
)
def test_every_condition_has_to_hold(match: str, holds: bool):
    assert wanted({"metrics": "*", "match": match}).metrics == (("*",) if holds else ())


def test_what_is_not_known_of_a_client_matches_nothing():
    nameless = Client(CLIENT.instance_id, None)
    assert wanted({"metrics": "*", "match": "client_id=.*"}, client=nameless).metrics == ()


def test_what_cannot_be_read_stands_for_nobody_and_for_the_default():
    assert wanted({"metrics": "*", "match": "client_id=("}).metrics == ()
    assert wanted({"metrics": "*", "interval.ms": "soon"}) == Wanted(("*",), 300_000)


def test_the_number_of_a_subscription_changes_with_it_and_with_the_client():
    first = Wanted(("a", "b"), 1000)
    numbers = {
        first.subscription_id(CLIENT.instance_id),
        first.subscription_id(bytes(16)),
        Wanted(("a",), 1000).subscription_id(CLIENT.instance_id),
        Wanted(("a", "b"), 1001).subscription_id(CLIENT.instance_id),
    }
    assert len(numbers) == 4
    assert all(-(1 << 31) <= number < 1 << 31 for number in numbers)
    assert first.subscription_id(CLIENT.instance_id) == Wanted(("a", "b"), 1000).subscription_id(CLIENT.instance_id)
