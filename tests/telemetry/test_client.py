"""What is known of a client."""

from __future__ import annotations

from cordwood.telemetry.client import Client


def test_an_instance_id_is_written_as_kafka_writes_it():
    assert Client(bytes(range(16)), None).instance == "AAECAwQFBgcICQoLDA0ODw"


def test_attributes_have_the_names_that_subscriptions_match():
    client = Client(bytes(16), "billing", "librdkafka", "2.16.0", "10.0.0.7", "50123")
    assert client.attributes() == {
        "client_instance_id": "A" * 22,
        "client_id": "billing",
        "client_software_name": "librdkafka",
        "client_software_version": "2.16.0",
        "client_source_address": "10.0.0.7",
        "client_source_port": "50123",
    }
