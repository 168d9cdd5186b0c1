"""Looking at a cluster, any Kafka: what is asked for `cluster info` and `cluster health`.

      librdkafka: the cluster, all topics, each broker's settings (does it answer?), min.insync.replicas
      our own connections, where there is neither TLS nor SASL: features, and the quorum of the metadata

Lives here: asking, within the time there is. Must not live here: judging (health.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, wait
from contextlib import closing
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.deadline import Deadline
from cordwood.cli.client.errors import error_of, exit_of, words_of
from cordwood.cli.cluster.abilities import ask_abilities, newest_version
from cordwood.cli.cluster.connection import Connection
from cordwood.cli.cluster.quorum_client import View
from cordwood.cli.cluster.quorum_request import outcome_of, quorum_request
from cordwood.cli.cluster.quorum_text import status_value
from cordwood.cli.cluster.sight import Broker, Partition, Sight
from cordwood.cli.terminal.exits import Exit
from cordwood.env.clock import SystemClock
from cordwood.model.errors import ProtocolError
from cordwood.node.addresses import HostPort

PATIENCE_S: Final = 3.0
"""So long, or the command's time if it is shorter, a broker is waited for that may be gone."""

BROKERS_ASKED: Final = 8
"""So many brokers are asked for what any could tell."""

MIN_ISR: Final = "min.insync.replicas"


def look(kafka: Cluster) -> Sight:
    """The brokers and the partitions. Raises Unreachable and KafkaException."""
    told = kafka.wait(kafka.admin.describe_cluster(request_timeout=kafka.timeout_s))
    metadata = kafka.metadata()
    partitions = [
        Partition(topic, number, one.leader if one.leader >= 0 else None, tuple(one.replicas), tuple(one.isrs))
        for topic, description in sorted(metadata.topics.items())
        for number, one in sorted(description.partitions.items())
    ]
    brokers = [Broker(node.id, node.host, node.port, node.rack) for node in told.nodes]
    controller = told.controller
    return Sight(
        told.cluster_id,
        None if controller is None or controller.id < 0 else controller.id,
        tuple(sorted(brokers)),
        tuple(partitions),
    )


def unreachable_brokers(kafka: Cluster, brokers: Iterable[Broker]) -> dict[int, str]:
    """The brokers that do not answer, and why: each is asked for a setting, all at the same time."""
    patience_s = min(PATIENCE_S, kafka.timeout_s)
    asked = {broker.node_id: _settings_of(kafka.admin, broker.node_id, patience_s) for broker in brokers}
    wait(asked.values(), patience_s + 1.0)
    found = {}
    for node_id, future in asked.items():
        if not future.done():
            found[node_id] = "no answer came in time"
            continue
        exception = future.exception()
        # Whoever refuses has answered.
        if isinstance(exception, KafkaException) and exit_of(error_of(exception)) is Exit.CONNECT:
            found[node_id] = words_of(error_of(exception))
    return found


def min_in_sync(kafka: Cluster, topics: Iterable[str]) -> dict[str, int]:
    """min.insync.replicas of topics, as far as it is told."""
    resources = [ConfigResource(ResourceType.TOPIC, topic) for topic in sorted(set(topics))]
    if not resources:
        return {}
    futures = kafka.admin.describe_configs(resources, request_timeout=kafka.timeout_s)
    return {
        resource.name: int(outcome[MIN_ISR].value)
        for resource, outcome in kafka.outcomes(futures)
        if not isinstance(outcome, KafkaError) and MIN_ISR in outcome
    }


def features_of(kafka: Cluster, brokers: Iterable[Broker]) -> Mapping[str, int] | None:
    """The levels of features that the cluster runs with; None where our own connections are not let in."""
    if not _is_open(kafka):
        return None
    deadline = Deadline(min(PATIENCE_S, kafka.timeout_s), SystemClock())
    for broker in list(brokers)[:BROKERS_ASKED]:
        try:
            with closing(Connection(HostPort(broker.host, broker.port), deadline)) as connection:
                return ask_abilities(connection, deadline).features
        except (OSError, ProtocolError):
            continue
    return None


def quorum_of(kafka: Cluster, sight: Sight) -> dict[str, Any] | None:
    """The quorum of the metadata; None where it is not told: by an older Kafka, with TLS or SASL, without the right."""
    if not _is_open(kafka):
        return None
    deadline = Deadline(min(PATIENCE_S, kafka.timeout_s), SystemClock())
    first_asked = sorted(sight.brokers, key=lambda broker: broker.node_id != sight.controller)
    for broker in first_asked[:BROKERS_ASKED]:
        try:
            response = _ask_quorum(HostPort(broker.host, broker.port), deadline)
        except (OSError, ProtocolError):
            continue
        if not response.error_code and not outcome_of(response).error_code:
            places = {one.node_id: HostPort(one.host, one.port) for one in sight.brokers}
            return status_value(View(sight.cluster_id or "", broker.node_id, places), response)
    return None


def _ask_quorum(place: HostPort, deadline: Deadline) -> Any:  # noqa: ANN401 - the response of the API
    request = quorum_request()
    with closing(Connection(place, deadline)) as connection:
        versions = ask_abilities(connection, deadline).versions
        return connection.ask(request, newest_version(request.api_key, versions), deadline)


def _settings_of(admin: AdminClient, node_id: int, patience_s: float) -> Future[Any]:
    (future,) = admin.describe_configs(
        [ConfigResource(ResourceType.BROKER, str(node_id))], request_timeout=patience_s
    ).values()
    return future


def _is_open(kafka: Cluster) -> bool:
    """Whether whoever connects is let in."""
    return kafka.connection.properties.get("security.protocol", "plaintext").lower() == "plaintext"
