import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A member of a group through the Java client: the verb `group`. Its callbacks run inside of poll. */
final class Group implements ConsumerRebalanceListener {
    // A member writes out and commits as soon as it has so many records, and whenever no more come.
    private static final int PORTION = 100;
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration COMMITTED_WITHIN = Duration.ofSeconds(5);

    private static final String ASSIGNORS = "org.apache.kafka.clients.consumer.";
    private static final Map<String, String> ASSIGNOR_CLASSES = Map.of(
            "range", ASSIGNORS + "RangeAssignor",
            "roundrobin", ASSIGNORS + "RoundRobinAssignor",
            "cooperative-sticky", ASSIGNORS + "CooperativeStickyAssignor");

    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();

    static void join(Properties settings) {
        JsonNode membership = Lines.next();
        settings.putAll(settings(membership));
        AtomicBoolean ended = endOfInput();
        Group journal = new Group();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            subscribe(consumer, membership, journal);
            while (!ended.get()) {
                journal.handOver(consumer, poll(consumer));
            }
        }
    }

    /**
     * What there is. When a partition's leader has a new epoch, the new consumer's background thread takes the position
     * back to look at it, maybe while this thread hands out what was fetched from there. The client (4.3) trips over
     * that; asked again, it fetches from the same position.
     */
    private static ConsumerRecords<byte[], byte[]> poll(KafkaConsumer<byte[], byte[]> consumer) {
        try {
            return consumer.poll(POLL);
        } catch (IllegalStateException error) {
            if (!error.getMessage().startsWith("Cannot set a new position without a valid current position")) {
                throw error;
            }
            System.err.println("polls again: " + error);
            return ConsumerRecords.empty();
        }
    }

    private static void subscribe(KafkaConsumer<byte[], byte[]> consumer, JsonNode membership, Group journal) {
        if (!membership.path("pattern").isTextual()) {
            List<String> topics = new ArrayList<>();
            membership.get("topics").forEach(topic -> topics.add(topic.asText()));
            consumer.subscribe(topics, journal);
        } else if (membership.get("protocol").asText().equals("consumer")) {
            // The broker matches it. Clients before 4.0 cannot ask for that.
            consumer.subscribe(new SubscriptionPattern(membership.get("pattern").asText()), journal);
        } else {
            consumer.subscribe(Pattern.compile(membership.get("pattern").asText()), journal);
        }
    }

    /** What the broker decides under the new protocol may not even be said there. */
    static Properties settings(JsonNode membership) {
        Properties settings = new Properties();
        String protocol = membership.get("protocol").asText();
        settings.put("group.id", membership.get("group").asText());
        settings.put("group.protocol", protocol);
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        settings.put("max.poll.records", PORTION);
        settings.put("fetch.max.wait.ms", "100");
        String assignor = membership.path("assignor").asText(null);
        if (protocol.equals("classic")) {
            settings.put("session.timeout.ms", membership.get("session_timeout_ms").asText());
            settings.put("heartbeat.interval.ms", membership.get("heartbeat_ms").asText());
            if (assignor != null) {
                settings.put("partition.assignment.strategy", ASSIGNOR_CLASSES.get(assignor));
            }
        } else if (assignor != null) {
            settings.put("group.remote.assignor", assignor);
        }
        if (membership.path("instance_id").isTextual()) {
            settings.put("group.instance.id", membership.get("instance_id").asText());
        }
        return settings;
    }

    /** Turns true when the test has nothing more to say. */
    static AtomicBoolean endOfInput() {
        AtomicBoolean ended = new AtomicBoolean();
        Thread reader = new Thread(() -> {
            while (Lines.next() != null) {}
            ended.set(true);
        });
        reader.setDaemon(true);
        reader.start();
        return ended;
    }

    private void handOver(KafkaConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> polled) {
        if (!polled.isEmpty()) {
            ObjectNode line = Lines.JSON.createObjectNode();
            ArrayNode told = line.putArray("records");
            for (ConsumerRecord<byte[], byte[]> record : polled) {
                told.addArray().add(record.topic()).add(record.partition()).add(record.offset());
                TopicPartition place = new TopicPartition(record.topic(), record.partition());
                uncommitted.put(place, new OffsetAndMetadata(record.offset() + 1));
            }
            Lines.answer(line);
        }
        if (!uncommitted.isEmpty()) {
            commit(consumer);
        }
    }

    private void commit(KafkaConsumer<byte[], byte[]> consumer) {
        // A callback may run inside of the commit and give up partitions: this is what was asked for.
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>(uncommitted);
        try {
            consumer.commitSync(offsets, COMMITTED_WITHIN);
        } catch (KafkaException error) {
            Lines.answer(Lines.JSON.createObjectNode().put("refused", error.toString()));
            return;
        }
        ObjectNode line = Lines.JSON.createObjectNode();
        ArrayNode told = line.putArray("committed");
        offsets.forEach((place, next) -> {
            told.addArray().add(place.topic()).add(place.partition()).add(next.offset());
            uncommitted.remove(place, next);
        });
        Lines.answer(line);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        tell("assigned", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        uncommitted.keySet().removeAll(partitions);
        tell("revoked", partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        uncommitted.keySet().removeAll(partitions);
        tell("lost", partitions);
    }

    private static void tell(String what, Collection<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return;
        }
        ObjectNode line = Lines.JSON.createObjectNode();
        ArrayNode places = line.putArray(what);
        partitions.forEach(place -> places.addArray().add(place.topic()).add(place.partition()));
        Lines.answer(line);
    }
}
