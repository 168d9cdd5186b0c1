"""Looking at a cluster, any Kafka: what is asked for `cluster info` and `cluster health`.

      librdkafka: the cluster, all topics, each broker's settings (does it answer?), min.insync.replicas
      our own connections, where there is neither TLS nor SASL: features, and the quorum of the metadata

Lives here: asking, within the time there is. Must not live here: judging (health.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, wait
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.deadline import Deadline
from cordwood.cli.client.errors import Unreachable, error_of, exit_of, words_of
from cordwood.cli.cluster.abilities import NotUnderstood, ask_abilities
from cordwood.cli.cluster.connection import Connection
from cordwood.cli.cluster.direct import NoWayIn, ask_newest, talk_to_first
from cordwood.cli.cluster.quorum_client import View
from cordwood.cli.cluster.quorum_request import outcome_of, quorum_request
from cordwood.cli.cluster.quorum_text import status_value
from cordwood.cli.cluster.sight import Broker, Partition, Sight
from cordwood.cli.terminal.exits import Exit
from cordwood.node.addresses import HostPort

PATIENCE_S: Final = 3.0
"""So long, or the command's time if it is shorter, a broker is waited for that may be gone."""

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
    places = [HostPort(broker.host, broker.port) for broker in brokers]
    try:
        abilities = talk_to_first(kafka, "features", places, ask_abilities)
    except (NoWayIn, Unreachable):
        return None
    return abilities.features


def quorum_of(kafka: Cluster, sight: Sight) -> dict[str, Any] | None:
    """The quorum of the metadata; None where it is not told: by an older Kafka, with TLS or SASL, without the right."""
    first_asked = sorted(sight.brokers, key=lambda broker: broker.node_id != sight.controller)
    places = {broker.node_id: HostPort(broker.host, broker.port) for broker in first_asked}
    try:
        response = talk_to_first(kafka, "the quorum", list(places.values()), _ask_quorum)
    except (NoWayIn, Unreachable):
        return None
    return status_value(View(sight.cluster_id or "", outcome_of(response).leader_id, places), response)


def _ask_quorum(connection: Connection, deadline: Deadline) -> Any:  # noqa: ANN401 - the response of the API
    """What a broker tells of the quorum; one that does not is as good as one that is not there."""
    response = ask_newest(connection, quorum_request(), deadline)
    if response.error_code or outcome_of(response).error_code:
        raise NotUnderstood("it does not tell of the quorum")
    return response


def _settings_of(admin: AdminClient, node_id: int, patience_s: float) -> Future[Any]:
    (future,) = admin.describe_configs(
        [ConfigResource(ResourceType.BROKER, str(node_id))], request_timeout=patience_s
    ).values()
    return future
