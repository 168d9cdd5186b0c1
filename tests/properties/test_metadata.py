"""Any history of decisions against a model of plain dicts; its records, read again, give the same image."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cordwood.metadata import EMPTY, Image, Resource, ResourceKind, decode, encode, replay_all
from cordwood.metadata.brokers import register
from cordwood.metadata.configs import Alteration, Change, Operation, incremental_alter
from cordwood.metadata.delta import delta
from cordwood.metadata.producers import allocate
from cordwood.metadata.topics import Doomed, MorePartitions, NewTopic, TopicDefaults, create, create_partitions, delete
from cordwood.model.ids import BrokerId, TopicPartition
from cordwood.model.limits import REPLICAS_LIMIT
from tests.metadata.cluster_of import ids, registration

NAMES = st.sampled_from(["a", "b", "c.d", "c_d", "bad name", ""])
COUNTS = st.integers(-1, 4)
BROKER_NUMBERS = st.integers(1, 3)
SETTINGS = st.sampled_from(["retention.ms", "segment.ms", "nonsense"])
VALUES = st.sampled_from(["1", "2", "words"])
OTHERS = {
    ResourceKind.GROUP: [
        ("consumer.session.timeout.ms", "50000", "1"),
        ("consumer.heartbeat.interval.ms", "6000", "often"),
        ("share.auto.offset.reset", "earliest", "first"),
    ],
    ResourceKind.CLIENT_METRICS: [
        ("metrics", "a,b", "a,a"),
        ("interval.ms", "100", "99"),
        ("match", "client_id=a.*", "client_id=("),
    ],
}
"""For each kind some settings, each with a value that it can have and one that it cannot."""


class History(RuleBasedStateMachine):
    """The image, the bytes of all records so far, and what a few dicts say the state must be."""

    def __init__(self) -> None:
        super().__init__()
        self.image: Image = EMPTY
        self.written: list[bytes] = []
        self.partitions: dict[str, int] = {}
        self.configs: dict[str, dict[str, str]] = {}
        self.others: dict[Resource, dict[str, str]] = {}
        self.held: set[TopicPartition] = set()
        self.brokers: set[int] = set()
        self.producer_ids: list[int] = []
        self.epochs: list[int] = []
        self.new_id = ids()

    def carry_out(self, result):
        before = self.image
        self.written += [encode(record) for record in result.records]
        self.image = replay_all(before, result.records)
        found = delta(before, self.image)
        self.held -= {held.name for held in found.deleted}
        assert not self.held & {held.name for held in found.created}
        self.held |= {held.name for held in found.created}
        return result.reply

    @rule(number=BROKER_NUMBERS, clean=st.booleans())
    def start_broker(self, number, clean):
        led = [partition for topic in self.image.topics.values() for partition in topic.partitions]
        before = sum(partition.leader_epoch for partition in led)
        epoch = self.carry_out(register(self.image, registration(number, clean=clean)))
        self.brokers.add(number)
        self.epochs.append(epoch)
        after = sum(partition.leader_epoch for topic in self.image.topics.values() for partition in topic.partitions)
        bumped = 0 if clean else sum(partition.leader == number for partition in led)
        assert after - before == bumped

    @rule(name=NAMES, count=COUNTS, factor=COUNTS, only_judge=st.booleans())
    def create_topic(self, name, count, factor, only_judge):
        wanted = NewTopic(name, count, factor)
        defaults = TopicDefaults(partitions=2, replication_factor=1)
        result = create(self.image, [wanted], new_id=self.new_id, defaults=defaults, validate_only=only_judge)
        (reply,) = self.carry_out(result)
        collides = any(other.replace(".", "_") == name.replace(".", "_") for other in self.partitions)
        possible = (
            name in {"a", "b", "c.d", "c_d"}
            and not collides
            and count != 0
            and factor != 0
            and abs(factor) <= min(len(self.brokers), REPLICAS_LIMIT)
        )
        assert (reply.error is None) == possible, (reply, self.partitions)
        if possible and not only_judge:
            self.partitions[name] = 2 if count == -1 else count

    @rule(name=NAMES, by_id=st.booleans())
    def delete_topic(self, name, by_id):
        topic = self.image.topics.get(name)
        doomed = Doomed(id=topic.id) if by_id and topic is not None else Doomed(name)
        (reply,) = self.carry_out(delete(self.image, [doomed]))
        assert (reply.error is None) == (name in self.partitions)
        self.partitions.pop(name, None)
        self.configs.pop(name, None)

    @rule(name=NAMES, count=COUNTS)
    def grow_topic(self, name, count):
        (reply,) = self.carry_out(create_partitions(self.image, [MorePartitions(name, count)]))
        possible = name in self.partitions and count > self.partitions[name]
        assert (reply.error is None) == possible
        if possible:
            self.partitions[name] = count

    @rule(name=NAMES, setting=SETTINGS, value=VALUES, operation=st.sampled_from([Operation.SET, Operation.DELETE]))
    def configure(self, name, setting, value, operation):
        change = Change(setting, operation, value)
        wanted = Alteration(Resource(ResourceKind.TOPIC, name), (change,))
        (reply,) = self.carry_out(incremental_alter(self.image, [wanted]))
        possible = name in self.partitions
        possible = possible and (operation is Operation.DELETE or (setting != "nonsense" and value != "words"))
        assert (reply.error is None) == possible
        if possible and operation is Operation.SET:
            self.configs.setdefault(name, {})[setting] = value
        elif possible:
            self.configs.get(name, {}).pop(setting, None)

    @rule(kind=st.sampled_from(list(OTHERS)), name=st.sampled_from(["a", "b"]), data=st.data())
    def configure_others(self, kind, name, data):
        """Groups and subscriptions to metrics are there for the sake of their settings only."""
        setting, good, bad = data.draw(st.sampled_from(OTHERS[kind]))
        operation = data.draw(st.sampled_from([Operation.SET, Operation.DELETE]))
        value = data.draw(st.sampled_from([good, bad]))
        resource = Resource(kind, name)
        wanted = Alteration(resource, (Change(setting, operation, value),))
        (reply,) = self.carry_out(incremental_alter(self.image, [wanted]))
        possible = operation is Operation.DELETE or value == good
        assert (reply.error is None) == possible
        if possible and operation is Operation.SET:
            self.others.setdefault(resource, {})[setting] = value
        elif possible:
            self.others.get(resource, {}).pop(setting, None)

    @precondition(lambda self: self.brokers)
    @rule()
    def allocate_producer_ids(self):
        block = self.carry_out(allocate(self.image, BrokerId(min(self.brokers))))
        self.producer_ids += range(block.first, block.first + block.count)

    @invariant()
    def the_image_is_what_the_dicts_say(self):
        assert {name: len(topic.partitions) for name, topic in self.image.topics.items()} == self.partitions
        assert {topic.name for topic in self.image.topics_by_id.values()} == self.partitions.keys()
        assert self.image.partition_count == sum(self.partitions.values())
        wanted = {name: configs for name, configs in self.configs.items() if configs}
        of_topics = self.image.configs_of_kind(ResourceKind.TOPIC)
        assert of_topics == wanted
        others = {resource: configs for resource, configs in self.others.items() if configs}
        assert {
            resource: configs for resource, configs in self.image.configs.items() if resource.kind in OTHERS
        } == others
        assert len(self.image.configs) == len(wanted) + len(others)
        assert self.image.brokers.keys() == self.brokers
        assert self.held == {
            TopicPartition(name, index) for name, count in self.partitions.items() for index in range(count)
        }

    @invariant()
    def nothing_is_given_twice(self):
        assert len(set(self.producer_ids)) == len(self.producer_ids)
        assert self.epochs == sorted(set(self.epochs))

    @invariant()
    def the_rules_of_an_image_hold(self):
        for topic in self.image.topics.values():
            assert self.image.topics_by_id[topic.id] is topic
            for index, partition in enumerate(topic.partitions):
                assert partition.index == index
                assert partition.leader in partition.isr
                assert set(partition.isr) <= set(partition.replicas)

    @invariant()
    def the_records_give_the_same_image(self):
        assert replay_all(EMPTY, map(decode, self.written)) == self.image


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
