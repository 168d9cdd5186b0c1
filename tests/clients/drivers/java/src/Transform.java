import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A loop of consume, transform, produce through the Java client: the verb `transform`. */
final class Transform {
    // A transaction copies no more records than these.
    private static final int TRANSFORMED = 20;
    private static final int TRANSACTION_TIMEOUT_MS = 60_000;
    private static final Duration POLL = Duration.ofMillis(50);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final String target;
    private final int abortEvery;
    private int turns;

    private Transform(
            KafkaConsumer<byte[], byte[]> consumer,
            KafkaProducer<byte[], byte[]> producer,
            String target,
            int abortEvery) {
        this.consumer = consumer;
        this.producer = producer;
        this.target = target;
        this.abortEvery = abortEvery;
    }

    static void loop(Properties settings) {
        JsonNode wanted = Lines.next();
        Properties own = new Properties();
        own.putAll(settings);
        own.putAll(Group.settings(wanted));
        own.put("isolation.level", "read_committed");
        own.put("max.poll.records", TRANSFORMED);
        AtomicBoolean ended = Group.endOfInput();
        String target = wanted.get("to").asText();
        int abortEvery = wanted.get("abort_every").asInt();
        // First the old transactions of this id end, then it asks where to begin.
        try (var producer = Transact.open(settings, wanted.get("transactional_id").asText(), TRANSACTION_TIMEOUT_MS);
                var consumer = new KafkaConsumer<>(own, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(wanted.get("from").asText()));
            Transform transform = new Transform(consumer, producer, target, abortEvery);
            while (!ended.get()) {
                ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
                if (!polled.isEmpty()) {
                    transform.turn(polled);
                }
            }
        }
    }

    private void turn(ConsumerRecords<byte[], byte[]> polled) {
        turns++;
        try {
            copy(polled);
            if (turns % abortEvery == 0) {
                giveUp(polled);
                Lines.answer(Lines.JSON.createObjectNode().put("aborted", polled.count()));
            } else {
                producer.commitTransaction();
                Lines.answer(Lines.JSON.createObjectNode().put("committed", polled.count()));
            }
        } catch (ProducerFencedException fenced) {
            throw fenced;
        } catch (KafkaException error) {
            giveUp(polled);
            Lines.answer(Lines.JSON.createObjectNode().put("refused", error.toString()));
        }
    }

    private void copy(ConsumerRecords<byte[], byte[]> polled) {
        producer.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : polled) {
            producer.send(new ProducerRecord<>(target, record.partition(), record.key(), record.value()));
            TopicPartition place = new TopicPartition(record.topic(), record.partition());
            offsets.put(place, new OffsetAndMetadata(record.offset() + 1));
        }
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
    }

    /** Abort, and go back to where this transaction began. */
    private void giveUp(ConsumerRecords<byte[], byte[]> polled) {
        producer.abortTransaction();
        Set<TopicPartition> own = consumer.assignment();
        for (TopicPartition place : polled.partitions()) {
            if (own.contains(place)) {
                consumer.seek(place, polled.records(place).get(0).offset());
            }
        }
    }
}
