"""Every call of kafka-python's KafkaAdminClient. See survey.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kafka import TopicPartition
from kafka.admin import (
    ACL,
    AbortTransactionSpec,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ConfigResource,
    KafkaAdminClient,
    MemberToRemove,
    OffsetSpec,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kafka.errors import BrokerResponseError, NoError, for_code
from kafka.structs import OffsetAndMetadata

from tests.clients.drivers.protocol import Options
from tests.clients.drivers.survey import Scene, check, survey

ELECTION_NOT_NEEDED = 84


class Calls:
    """A method for each call, of the same name."""

    def __init__(self, bootstrap: str, scene: Scene) -> None:
        self._client = KafkaAdminClient(bootstrap_servers=bootstrap)
        self._scene = scene
        self._place = TopicPartition(scene.records, 0)
        self._open = TopicPartition(scene.open, 0)
        self._new = scene.new("new")

    # What there is.

    def api_versions(self) -> object:
        found = self._client.api_versions()
        return check(len(found) > 30, found)

    def get_broker_version_data(self) -> object:
        return check(self._client.get_broker_version_data(1), "versions")

    def describe_cluster(self) -> object:
        found = self._client.describe_cluster()
        return check([node["broker_id"] for node in found["brokers"]] == [1], found)

    def describe_features(self) -> object:
        found = self._client.describe_features()
        return check(found["metadata.version"]["finalized"], found)

    def update_features(self) -> object:
        _, level = self._client.describe_features()["metadata.version"]["finalized"]
        found = self._client.update_features({"metadata.version": level}, validate_only=True)
        return check(all(outcome == "OK" for outcome in found.values()), found)

    def describe_metadata_quorum(self) -> object:
        return check("__cluster_metadata" in repr(found := self._client.describe_metadata_quorum()), found)

    # Topics.

    def list_topics(self) -> object:
        return check(self._scene.records in (found := self._client.list_topics()), found)

    def create_topics(self) -> object:
        self._client.create_topics({self._new: {"num_partitions": 1, "replication_factor": 1}})
        return check(self._new in (found := self._client.list_topics()), found)

    def wait_for_topics(self) -> object:
        return self._client.wait_for_topics([self._new])

    def describe_topics(self) -> object:
        (found,) = self._client.describe_topics([self._scene.records])
        return check(len(found["partitions"]) == 2, found)

    def describe_topic_partitions(self) -> object:
        found = self._client.describe_topic_partitions([self._scene.records], response_partition_limit=1)
        return check(found["next_cursor"]["partition_index"] == 1, found)

    def create_partitions(self) -> object:
        self._client.create_partitions({self._new: 3})
        (found,) = self._client.describe_topics([self._new])
        return check(len(found["partitions"]) == 3, found)

    def elect_leaders(self) -> object:
        found = self._client.elect_leaders(0, {self._place.topic: [0]}, raise_errors=False)
        # The only replica leads already.
        return check(f"{ELECTION_NOT_NEEDED}" in repr(found), found)

    def alter_partition_reassignments(self) -> object:
        found = self._client.alter_partition_reassignments({self._place: [1]})
        return check(list(found.values()) == [None], found)

    def list_partition_reassignments(self) -> object:
        return check((found := self._client.list_partition_reassignments()) == {}, found)

    def describe_log_dirs(self) -> object:
        (broker,) = self._client.describe_log_dirs()
        return check(self._scene.records in repr(broker), broker)

    def alter_replica_log_dirs(self) -> object:
        (broker,) = self._client.describe_log_dirs()
        found = self._client.alter_replica_log_dirs({(*self._place, 1): broker["log_dirs"][0]["log_dir"]})
        return check(_fine(found.values()), found)

    def list_partition_offsets(self) -> object:
        found = self._client.list_partition_offsets({self._place: OffsetSpec.LATEST})
        return check(found[self._place].offset == 10, found)

    def delete_records(self) -> object:
        found = self._client.delete_records({self._place: 3})
        return check(found[self._place]["low_watermark"] == 3, found)

    # Configs.

    def alter_configs(self) -> object:
        self._client.alter_configs([self._config({"retention.ms": "5000"})])
        return self._retention("5000")

    def describe_configs(self) -> object:
        found = self._client.describe_configs([self._config(None)], config_filter="all")
        return check(len(found["topic"][self._new]) > 20, found)

    def reset_configs(self) -> object:
        self._client.reset_configs([self._config(["retention.ms"])])
        return self._retention("604800000")

    def list_config_resources(self) -> object:
        found = self._client.list_config_resources(["TOPIC"])
        return check(self._new in repr(found), found)

    # Groups.

    def list_groups(self) -> object:
        return check(self._scene.group in repr(found := self._client.list_groups()), found)

    def describe_groups(self) -> object:
        found = self._client.describe_groups([self._scene.members])
        return check(self._scene.instance in repr(found), found)

    def list_group_offsets(self) -> object:
        return self._committed(5)

    def alter_group_offsets(self) -> object:
        found = self._client.alter_group_offsets(self._scene.group, {self._place: OffsetAndMetadata(7, "", -1)})
        check(_fine(found.values()), found)
        return self._committed(7)

    def reset_group_offsets(self) -> object:
        self._client.reset_group_offsets(self._scene.group, {self._place: OffsetSpec.LATEST})
        return self._committed(10)

    def delete_group_offsets(self) -> object:
        found = self._client.delete_group_offsets(self._scene.group, [self._place])
        return check(_fine(found.values()), found)

    def delete_groups(self) -> object:
        found = self._client.delete_groups([self._scene.group])
        check(found == {self._scene.group: "OK"}, found)
        return check(self._scene.group not in repr(left := self._client.list_groups()), left)

    def remove_group_members(self) -> object:
        member = MemberToRemove(group_instance_id=self._scene.instance)
        found = self._client.remove_group_members(self._scene.members, [member])
        return check(_fine(found.values()), found)

    # Transactions.

    def list_transactions(self) -> object:
        return check(self._scene.transaction in repr(found := self._client.list_transactions()), found)

    def describe_transactions(self) -> object:
        found = self._client.describe_transactions([self._scene.transaction])
        return check(self._open in found[self._scene.transaction].topic_partitions, found)

    def find_hanging_transactions(self) -> object:
        # None is open for long enough.
        return check((found := self._client.find_hanging_transactions()) == [], found)

    def describe_producers(self) -> object:
        (found,) = self._client.describe_producers([self._open])[self._open].active_producers
        return check(found.current_transaction_start_offset == 0, found)

    def abort_transaction(self) -> object:
        (one,) = self._client.describe_producers([self._open])[self._open].active_producers
        self._client.abort_transaction(AbortTransactionSpec(self._open, one.producer_id, one.producer_epoch))
        (found,) = self._client.describe_producers([self._open])[self._open].active_producers
        return check(found.current_transaction_start_offset == -1, found)

    # Security.

    def create_acls(self) -> object:
        found = self._client.create_acls([self._acl(ACL)])
        for error in found["failed"]:
            raise error
        return found

    def describe_acls(self) -> object:
        found, error = self._client.describe_acls(self._acl(ACLFilter))
        _raise(error)
        return found

    def delete_acls(self) -> object:
        found = self._client.delete_acls([self._acl(ACLFilter)])
        for _, _, error in found:
            _raise(error)
        return found

    def describe_user_scram_credentials(self) -> object:
        return self._client.describe_user_scram_credentials()

    def alter_user_scram_credentials(self) -> object:
        change = UserScramCredentialUpsertion("ada", ScramMechanism.SCRAM_SHA_256, "secret")
        return self._client.alter_user_scram_credentials([change])

    # The end.

    def delete_topics(self) -> object:
        self._client.delete_topics([self._new])
        return check(self._new not in (found := self._client.list_topics()), found)

    def close(self) -> object:
        return self._client.close()

    def _config(self, configs: Any) -> ConfigResource:
        return ConfigResource("topic", self._new, configs)

    def _retention(self, wanted: str) -> object:
        found = self._client.describe_configs([self._config(["retention.ms"])], config_filter="all")
        return check(found["topic"][self._new]["retention.ms"]["value"] == wanted, found)

    def _committed(self, wanted: int) -> object:
        found = self._client.list_group_offsets({self._scene.group: [self._place]})
        return check(found[self._scene.group][self._place].offset == wanted, found)

    @staticmethod
    def _acl(kind: Any) -> Any:
        pattern = ResourcePattern(ResourceType.TOPIC, "t")
        return kind("User:ada", "*", ACLOperation.READ, ACLPermissionType.ALLOW, pattern)


def _fine(outcomes: Iterable[Any]) -> bool:
    return all(outcome is NoError for outcome in outcomes)


def _raise(error: Any) -> None:
    if error is not NoError and not isinstance(error, NoError):
        raise error


def error_of(error: Exception) -> str | None:
    """The name of the broker's refusal; of the client's own, the class."""
    if not isinstance(error, BrokerResponseError):
        return None
    known = for_code(error.errno)
    return str(known.message) if type(error) is known else type(error).__name__


def serve(options: Options) -> None:
    calls = Calls(options.bootstrap, Scene(options.name))
    made = {name: getattr(calls, name) for name in vars(Calls) if not name.startswith("_")}
    offers = (name for name in dir(KafkaAdminClient) if name[0].islower())
    survey(offers, made, error_of)
