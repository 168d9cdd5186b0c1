import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;

/** The calls of the Java Admin, each with plain arguments and a plain result. */
final class AdminCalls {
    /** One call; the result is anything that Jackson can write. */
    private interface Operation {
        Object answer(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException;
    }

    private static final Map<String, Operation> OPERATIONS = Map.ofEntries(
            Map.entry("create_topic", AdminCalls::createTopic),
            Map.entry("delete_topic", AdminCalls::deleteTopic),
            Map.entry("create_partitions", AdminCalls::createPartitions),
            Map.entry("set_configs", AdminCalls::setConfigs),
            Map.entry("configs", AdminCalls::configs),
            Map.entry("delete_records", AdminCalls::deleteRecords),
            Map.entry("cluster", AdminCalls::cluster),
            Map.entry("log_dirs", AdminCalls::logDirs),
            Map.entry("topics", AdminCalls::topics),
            Map.entry("describe_topic", AdminCalls::describeTopic),
            Map.entry("offsets", AdminCalls::offsets));

    private AdminCalls() {}

    static void serve(Properties settings) throws InterruptedException {
        try (Admin admin = Admin.create(settings)) {
            Lines.serve(op -> ask -> OPERATIONS.get(op).answer(admin, ask));
        }
    }

    private static Object createTopic(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException {
        String name = topic(ask);
        Optional<Integer> partitions = Optional.of(ask.path("partitions")).filter(JsonNode::isInt).map(JsonNode::asInt);
        Optional<Short> replicas =
                Optional.of(ask.path("replication_factor")).filter(JsonNode::isInt).map(JsonNode::shortValue);
        Map<String, String> configs = new HashMap<>();
        ask.path("configs").properties().forEach(pair -> configs.put(pair.getKey(), pair.getValue().asText()));
        CreateTopicsOptions options =
                new CreateTopicsOptions().validateOnly(ask.path("validate_only").asBoolean(false));
        var created = admin.createTopics(List.of(new NewTopic(name, partitions, replicas).configs(configs)), options);
        created.all().get();
        return Map.of("topic_id", dashed(created.topicId(name).get()));
    }

    private static Object deleteTopic(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException {
        return admin.deleteTopics(topics(ask)).all().get();
    }

    private static Object createPartitions(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException {
        NewPartitions total = NewPartitions.increaseTo(ask.get("total").asInt());
        return admin.createPartitions(Map.of(topic(ask), total)).all().get();
    }

    private static Object setConfigs(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException {
        List<AlterConfigOp> changes = new ArrayList<>();
        ask.get("configs").properties().forEach(pair -> {
            boolean unset = pair.getValue().isNull();
            ConfigEntry entry = new ConfigEntry(pair.getKey(), unset ? null : pair.getValue().asText());
            changes.add(new AlterConfigOp(entry, unset ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET));
        });
        Map<ConfigResource, Collection<AlterConfigOp>> all = Map.of(resource(ask), changes);
        return admin.incrementalAlterConfigs(all).all().get();
    }

    private static Object configs(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException {
        Map<String, String> values = new TreeMap<>();
        var found = admin.describeConfigs(List.of(resource(ask))).all().get();
        found.get(resource(ask)).entries().forEach(entry -> values.put(entry.name(), entry.value()));
        return values;
    }

    private static Object deleteRecords(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException {
        RecordsToDelete before = RecordsToDelete.beforeOffset(ask.get("before").asLong());
        var gone = admin.deleteRecords(Map.of(place(ask), before)).lowWatermarks().get(place(ask)).get();
        return Map.of("low_watermark", gone.lowWatermark());
    }

    private static Object cluster(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException {
        var found = admin.describeCluster();
        List<Object> brokers = new ArrayList<>();
        for (Node node : found.nodes().get()) {
            brokers.add(Map.of("id", node.id(), "host", node.host(), "port", node.port()));
        }
        return Map.of(
                "cluster_id", found.clusterId().get(),
                "controller", found.controller().get().id(),
                "brokers", brokers);
    }

    private static Object logDirs(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException {
        Map<String, Long> sizes = new TreeMap<>();
        List<Integer> brokers = admin.describeCluster().nodes().get().stream().map(Node::id).toList();
        var found = admin.describeLogDirs(brokers).allDescriptions().get();
        found.values().forEach(directories -> directories.values().forEach(directory -> {
            if (directory.error() != null) {
                throw directory.error();
            }
            directory.replicaInfos().forEach((place, replica) -> sizes.put(place.toString(), replica.size()));
        }));
        return Map.of("sizes", sizes);
    }

    private static Object topics(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException {
        return new TreeSet<>(admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get());
    }

    private static Object describeTopic(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException {
        TopicDescription found;
        if (ask.hasNonNull("topic_id")) {
            found = admin.describeTopics(topics(ask)).allTopicIds().get().values().iterator().next();
        } else {
            found = admin.describeTopics(topics(ask)).allTopicNames().get().get(topic(ask));
        }
        List<Object> partitions = new ArrayList<>();
        found.partitions().forEach(part -> partitions.add(Map.of(
                "id", part.partition(),
                "leader", part.leader().id(),
                "replicas", part.replicas().stream().map(Node::id).toList(),
                "isr", part.isr().stream().map(Node::id).toList())));
        return Map.of("name", found.name(), "topic_id", dashed(found.topicId()), "partitions", partitions);
    }

    private static Object offsets(Admin admin, JsonNode ask) throws ExecutionException, InterruptedException {
        OffsetSpec spec = switch (ask.get("at").asText()) {
            case "earliest" -> OffsetSpec.earliest();
            case "latest" -> OffsetSpec.latest();
            case "max_timestamp" -> OffsetSpec.maxTimestamp();
            default -> OffsetSpec.forTimestamp(ask.get("at").asLong());
        };
        boolean committed = ask.path("read_committed").asBoolean(false);
        IsolationLevel isolation = committed ? IsolationLevel.READ_COMMITTED : IsolationLevel.READ_UNCOMMITTED;
        var found = admin.listOffsets(Map.of(place(ask), spec), new ListOffsetsOptions(isolation));
        var listed = found.partitionResult(place(ask)).get();
        return Map.of("offset", listed.offset(), "timestamp_ms", listed.timestamp());
    }

    private static String topic(JsonNode ask) {
        return ask.get("topic").asText();
    }

    /** The topic by its id where one is given, else by its name. */
    private static TopicCollection topics(JsonNode ask) {
        if (!ask.hasNonNull("topic_id")) {
            return TopicCollection.ofTopicNames(List.of(topic(ask)));
        }
        java.util.UUID id = java.util.UUID.fromString(ask.get("topic_id").asText());
        return TopicCollection.ofTopicIds(
                List.of(new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits())));
    }

    private static TopicPartition place(JsonNode ask) {
        return new TopicPartition(topic(ask), ask.get("partition").asInt());
    }

    private static ConfigResource resource(JsonNode ask) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic(ask));
    }

    private static String dashed(Uuid id) {
        return new java.util.UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()).toString();
    }
}
