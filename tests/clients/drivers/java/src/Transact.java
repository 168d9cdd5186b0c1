import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A transactional producer through the Java client: the verb `transact`, the steps of transactions one by one. */
final class Transact {
    private final Properties settings;
    private final Map<String, Lines.Call> steps = Map.of(
            "init", this::init,
            "begin", this::begin,
            "send", this::send,
            "offsets", this::offsets,
            "commit", this::commit,
            "abort", this::abort);

    private KafkaProducer<byte[], byte[]> producer;

    private Transact(Properties settings) {
        this.settings = settings;
    }

    static void serve(Properties settings) throws InterruptedException {
        Transact transact = new Transact(settings);
        Lines.serve(transact.steps::get);
        // What is open stays open: the test has not ended it.
        Runtime.getRuntime().halt(0);
    }

    /** A producer that has fenced all others of this id. */
    static KafkaProducer<byte[], byte[]> open(Properties settings, String transactionalId, int timeoutMs) {
        Properties chosen = new Properties();
        chosen.putAll(settings);
        chosen.put("transactional.id", transactionalId);
        chosen.put("transaction.timeout.ms", timeoutMs);
        chosen.put("linger.ms", "2");
        var producer = new KafkaProducer<>(chosen, new ByteArraySerializer(), new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    private Object init(JsonNode ask) {
        producer = open(settings, ask.get("transactional_id").asText(), ask.get("timeout_ms").asInt());
        return null;
    }

    private Object begin(JsonNode ask) {
        producer.beginTransaction();
        return null;
    }

    private Object send(JsonNode ask) throws ExecutionException, InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (JsonNode record : ask.get("records")) {
            sent.add(producer.send(Lines.record(record)));
        }
        List<Long> offsets = new ArrayList<>();
        for (Future<RecordMetadata> one : sent) {
            offsets.add(one.get().offset());
        }
        return offsets;
    }

    private Object offsets(JsonNode ask) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (JsonNode place : ask.get("offsets")) {
            offsets.put(
                    new TopicPartition(place.get(0).asText(), place.get(1).asInt()),
                    new OffsetAndMetadata(place.get(2).asLong()));
        }
        Properties chosen = new Properties();
        chosen.putAll(settings);
        chosen.put("group.id", ask.get("group").asText());
        // Whoever is not in the group has to be asked for its metadata all the same.
        try (var consumer = new KafkaConsumer<>(chosen, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        }
        return null;
    }

    private Object commit(JsonNode ask) {
        producer.commitTransaction();
        return null;
    }

    private Object abort(JsonNode ask) {
        producer.abortTransaction();
        return null;
    }
}
