"""Every call of confluent-kafka's AdminClient. See survey.py."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    ElectionType,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    OffsetSpec,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from confluent_kafka.cimpl import NewPartitions, NewTopic

from tests.clients.drivers.protocol import Options
from tests.clients.drivers.survey import Scene, check, survey

WITHIN_S = 15.0


class Calls:
    """A method for each call, of the same name."""

    def __init__(self, bootstrap: str, scene: Scene) -> None:
        self._client = AdminClient({"bootstrap.servers": bootstrap})
        self._scene = scene
        self._place = TopicPartition(scene.records, 0)
        self._new = scene.new("new")

    def list_topics(self) -> object:
        found = self._client.list_topics(timeout=WITHIN_S).topics
        return check(self._scene.records in found, sorted(found))

    def cluster_id(self) -> object:
        found = self._client.cluster_id(WITHIN_S)
        return check(found, found)

    def describe_cluster(self) -> object:
        found = self._client.describe_cluster(include_authorized_operations=True).result(WITHIN_S)
        return check(found.cluster_id and found.controller.id == 1 and len(found.nodes) == 1, found.nodes)

    def create_topics(self) -> object:
        self._all(self._client.create_topics([NewTopic(self._new, 1, 1)]))
        found = self._client.list_topics(timeout=WITHIN_S).topics
        return check(self._new in found, sorted(found))

    def describe_topics(self) -> object:
        (found,) = self._all(self._client.describe_topics(TopicCollection([self._scene.records])))
        return check(len(found.partitions) == 2, found.partitions)

    def create_partitions(self) -> object:
        self._all(self._client.create_partitions([NewPartitions(self._new, 3)]))
        found = self._client.list_topics(self._new, WITHIN_S).topics[self._new].partitions
        return check(len(found) == 3, found)

    def incremental_alter_configs(self) -> object:
        entry = ConfigEntry("retention.ms", "5000", incremental_operation=AlterConfigOpType.SET)
        self._all(self._client.incremental_alter_configs([self._config(incremental_configs=[entry])]))
        return self._retention("5000")

    def alter_configs(self) -> object:
        self._all(self._client.alter_configs([self._config(set_config={"retention.ms": "6000"})]))
        return self._retention("6000")

    def describe_configs(self) -> object:
        (found,) = self._all(self._client.describe_configs([self._config()]))
        return check(len(found) > 20, found["retention.ms"])

    def list_offsets(self) -> object:
        (found,) = self._all(self._client.list_offsets({self._place: OffsetSpec.latest()}))
        return check(found.offset == 10, found.offset)

    def delete_records(self) -> object:
        (found,) = self._all(self._client.delete_records([TopicPartition(self._scene.records, 0, 3)]))
        return check(found.low_watermark == 3, found.low_watermark)

    def elect_leaders(self) -> object:
        found = self._client.elect_leaders(ElectionType.PREFERRED, [self._place]).result(WITHIN_S)
        (error,) = found.values()
        # The only replica leads already.
        return check(error is not None and error.code() == KafkaError.ELECTION_NOT_NEEDED, found)

    def list_groups(self) -> object:
        found = self._client.list_groups(timeout=WITHIN_S)
        return check(self._scene.group in {group.id for group in found}, found)

    def list_consumer_groups(self) -> object:
        found = self._client.list_consumer_groups().result(WITHIN_S)
        return check(self._scene.group in {group.group_id for group in found.valid} and not found.errors, found)

    def describe_consumer_groups(self) -> object:
        (found,) = self._all(self._client.describe_consumer_groups([self._scene.members]))
        return check([one.group_instance_id for one in found.members] == [self._scene.instance], found)

    def list_consumer_group_offsets(self) -> object:
        return self._committed(5)

    def alter_consumer_group_offsets(self) -> object:
        place = TopicPartition(self._scene.records, 0, 7)
        self._all(self._client.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(self._scene.group, [place])]))
        return self._committed(7)

    def delete_consumer_groups(self) -> object:
        self._all(self._client.delete_consumer_groups([self._scene.group]))
        found = self._client.list_consumer_groups().result(WITHIN_S)
        return check(self._scene.group not in {group.group_id for group in found.valid}, found)

    def create_acls(self) -> object:
        topic = ResourceType.TOPIC, "t", ResourcePatternType.LITERAL
        entry: Any = AclBinding(*topic, "User:ada", "*", AclOperation.READ, AclPermissionType.ALLOW)
        return self._all(self._client.create_acls([entry]))

    def describe_acls(self) -> object:
        # librdkafka hands on what was listed, and not that it was refused.
        found = self._client.describe_acls(self._filter()).result(WITHIN_S)
        return check(found == [], found)

    def delete_acls(self) -> object:
        return self._all(self._client.delete_acls([self._filter()]))

    def describe_user_scram_credentials(self) -> object:
        return self._client.describe_user_scram_credentials().result(WITHIN_S)

    def alter_user_scram_credentials(self) -> object:
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)
        change = UserScramCredentialUpsertion("ada", info, b"secret")
        return self._all(self._client.alter_user_scram_credentials([change]))

    def delete_topics(self) -> object:
        self._all(self._client.delete_topics([self._new]))
        found = self._client.list_topics(timeout=WITHIN_S).topics
        return check(self._new not in found, sorted(found))

    def set_sasl_credentials(self) -> object:
        self._client.set_sasl_credentials("ada", "secret")
        return None

    def poll(self) -> object:
        return self._client.poll(0)

    @staticmethod
    def _all(futures: Mapping[Any, Future[Any]]) -> list[Any]:
        return [future.result(WITHIN_S) for future in futures.values()]

    def _config(self, **changes: Any) -> ConfigResource:
        return ConfigResource(ConfigResource.Type.TOPIC, self._new, **changes)

    def _retention(self, wanted: str) -> object:
        (found,) = self._all(self._client.describe_configs([self._config()]))
        return check(found["retention.ms"].value == wanted, found["retention.ms"])

    def _committed(self, wanted: int) -> object:
        asked = [ConsumerGroupTopicPartitions(self._scene.group, [self._place])]
        (found,) = self._all(self._client.list_consumer_group_offsets(asked))
        return check([place.offset for place in found.topic_partitions] == [wanted], found.topic_partitions)

    @staticmethod
    def _filter() -> AclBindingFilter:
        topic = ResourceType.TOPIC, "t", ResourcePatternType.LITERAL
        return AclBindingFilter(*topic, "User:ada", "*", AclOperation.READ, AclPermissionType.ANY)


def error_of(error: Exception) -> str | None:
    return error.args[0].name() if isinstance(error, KafkaException) else None


def serve(options: Options) -> None:
    calls = Calls(options.bootstrap, Scene(options.name))
    made = {name: getattr(calls, name) for name in vars(Calls) if not name.startswith("_")}
    survey((name for name in dir(AdminClient) if not name.startswith("_")), made, error_of)
