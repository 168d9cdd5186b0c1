"""Names, labels and lines, as a parser of Prometheus' own reads them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from cordwood.model.limits import TELEMETRY_LABELS_LIMIT_BYTES, TELEMETRY_NAME_LIMIT
from cordwood.telemetry.client import Client
from cordwood.telemetry.exposition import Family, Sample, label_name, metric_name, samples, text
from cordwood.telemetry.otlp import Kind, Point

CLIENT = Client(bytes(range(16)), "billing", "java", "4.3")
OWN = {
    "client_id": "billing",
    "client_instance_id": "AAECAwQFBgcICQoLDA0ODw",
    "client_software_name": "java",
    "client_software_version": "4.3",
}


def sample(point: Point, client: Client = CLIENT) -> Sample | None:
    (made,) = samples(client, [point])
    return made


def gauge(value: float = 1.0, name: str = "g", **attributes: str) -> Point:
    return Point(name, Kind.GAUGE, False, value, tuple(attributes.items()))


def parsed(*made: Sample | None) -> list[tuple[str, dict[str, str], float]]:
    families = [Family(one.name, one.kind is Kind.COUNTER, [(one.labels, one.value)]) for one in made if one]
    return [
        (found.name, found.labels, found.value)
        for family in text_string_to_metric_families(text(families).decode())
        for found in family.samples
    ]


@pytest.mark.parametrize(
    ("name", "kind", "called"),
    [
        ("org.apache.kafka.producer.connection.count", Kind.GAUGE, "org_apache_kafka_producer_connection_count"),
        (
            "org.apache.kafka.producer.connection.creation.total",
            Kind.COUNTER,
            "org_apache_kafka_producer_connection_creation_total",
        ),
        ("org.apache.kafka.producer.records", Kind.COUNTER, "org_apache_kafka_producer_records_total"),
        ("org.apache.kafka.producer.records", Kind.SUM, "org_apache_kafka_producer_records"),
        ("kafka_brokers", Kind.GAUGE, "client_kafka_brokers"),
        ("cordwood.rejected.requests", Kind.COUNTER, "client_cordwood_rejected_requests_total"),
        ("größe 2\n", Kind.GAUGE, "client_gr__e_2_"),
        ("", Kind.GAUGE, "client_"),
    ],
)
def test_metrics_are_called_as_clients_call_them(name: str, kind: Kind, called: str):
    assert metric_name(name, kind) == called


@pytest.mark.parametrize(
    ("name", "called"), [("node.id", "node_id"), ("__name__", "name__"), ("7", "_7"), ("", "_"), ("__", "_")]
)
def test_attributes_become_labels(name: str, called: str):
    assert label_name(name) == called


def test_a_sample_says_whose_it_is():
    made = sample(gauge(2.5, node_id="1"))
    assert parsed(made) == [("client_g", {**OWN, "node_id": "1"}, 2.5)]


def test_a_client_cannot_say_that_it_is_another():
    made = sample(gauge(client_id="victim", client_instance_id="x", **{"client.software.name": "y"}))
    assert parsed(made)[0][1] == OWN


def test_of_two_attributes_with_one_label_the_first_counts():
    point = Point("g", Kind.GAUGE, False, 1.0, (("a.b", "1"), ("a_b", "2")))
    assert parsed(sample(point))[0][1]["a_b"] == "1"


def test_a_client_without_a_name_has_an_empty_one():
    assert parsed(sample(gauge(), Client(bytes(16), None)))[0][1]["client_id"] == ""


@pytest.mark.parametrize("value", [0.0, -1.5, 1e300, math.inf, -math.inf])
def test_every_number_is_written(value: float):
    assert parsed(sample(gauge(value)))[0][2] == value


def test_no_number_is_written_too():
    assert math.isnan(parsed(sample(gauge(math.nan)))[0][2])


def test_sums_have_to_be_numbers_and_counters_never_fall():
    assert sample(Point("s", Kind.SUM, True, math.nan, ())) is None
    assert sample(Point("c", Kind.COUNTER, True, math.inf, ())) is None
    assert sample(Point("c", Kind.COUNTER, True, -1.0, ())) is None
    assert sample(Point("s", Kind.SUM, True, -1.0, ())) is not None


def test_what_is_too_long_makes_no_sample():
    assert sample(gauge(name="n" * TELEMETRY_NAME_LIMIT)) is None
    assert sample(gauge(value=1.0, a="x" * TELEMETRY_LABELS_LIMIT_BYTES)) is None
    assert sample(gauge(), Client(bytes(16), "x" * TELEMETRY_LABELS_LIMIT_BYTES)) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20), st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4), st.text(max_size=9))
def test_whatever_a_client_says_the_text_stays_whole(name: str, attributes: dict[str, str], client_id: str):
    client = Client(bytes(16), client_id, 'soft\n"ware\\', "")
    point = Point(name, Kind.GAUGE, False, 1.0, tuple(attributes.items()))
    made = sample(point, client)
    assert made is not None
    written = text([Family(made.name, False, [(made.labels, made.value)])])
    assert written.count(b"\n") == 3
    after = text([Family("org_apache_kafka_after", False, [(b'x="1"', 2.0)])])
    # Prometheus ends lines with \n and nothing else; the parser in Python ends them with more.
    if not any(text.splitlines() != [text] for text in (client_id, *attributes.values()) if text):
        families = {found.name for found in text_string_to_metric_families((written + after).decode())}
        assert families == {made.name, "org_apache_kafka_after"}
