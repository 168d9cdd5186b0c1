import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The driver around the Java client. The lines it speaks are described in protocol.py beside this folder. */
public final class Driver {
    // A record of exactly 1 MB must pass with its framing.
    private static final int MAX_REQUEST_BYTES = 1_048_576;

    private Driver() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 2; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        String bootstrap = arguments[1];
        switch (arguments[0]) {
            case "produce" -> produce(bootstrap);
            case "consume" -> consume(bootstrap, options);
            case "admin" -> AdminCalls.serve(settings(bootstrap));
            case "survey" -> Survey.serve(settings(bootstrap), options.get("--name"));
            case "group" -> Group.join(settings(bootstrap));
            case "transact" -> Transact.serve(settings(bootstrap));
            case "transform" -> Transform.loop(settings(bootstrap));
            default -> throw new IllegalArgumentException("unknown verb " + arguments[0]);
        }
    }

    /** A broker that is killed and started again is back in well under a second: do not stay away. */
    private static Properties settings(String bootstrap) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("reconnect.backoff.ms", "20");
        settings.put("reconnect.backoff.max.ms", "100");
        settings.put("retry.backoff.ms", "20");
        return settings;
    }

    private static KafkaProducer<byte[], byte[]> producer(String bootstrap, Lines.Manner manner) {
        Properties settings = settings(bootstrap);
        settings.put("compression.type", manner.codec());
        settings.put("acks", manner.acks());
        settings.put("enable.idempotence", manner.idempotent());
        settings.put("linger.ms", "2");
        settings.put("max.request.size", MAX_REQUEST_BYTES);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static void produce(String bootstrap) {
        Map<Lines.Manner, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();
        for (JsonNode line = Lines.next(); line != null; line = Lines.next()) {
            long n = line.get("n").asLong();
            producers
                    .computeIfAbsent(Lines.Manner.of(line), manner -> producer(bootstrap, manner))
                    .send(Lines.record(line), (done, error) -> {
                        if (error != null) {
                            Lines.refuse(n, error);
                        } else {
                            Lines.acknowledge(n, done.topic(), done.partition(), done.hasOffset() ? done.offset() : -1);
                        }
                    });
        }
        producers.values().forEach(KafkaProducer::close);
    }

    private static void consume(String bootstrap, Map<String, String> options) {
        Map<TopicPartition, Long> starts = new HashMap<>();
        Map<TopicPartition, Integer> left = new HashMap<>();
        int missing = 0;
        for (JsonNode line = Lines.next(); line != null; line = Lines.next()) {
            TopicPartition place =
                    new TopicPartition(line.get("topic").asText(), line.get("partition").asInt());
            starts.put(place, line.get("offset").asLong());
            left.put(place, line.get("count").asInt());
            missing += line.get("count").asInt();
        }
        Properties settings = settings(bootstrap);
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "none");
        settings.put("isolation.level", options.getOrDefault("--isolation", "read_uncommitted"));
        settings.put("fetch.max.wait.ms", options.getOrDefault("--max-wait-ms", "100"));
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(starts.keySet());
            starts.forEach(consumer::seek);
            while (missing > 0) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    TopicPartition place = new TopicPartition(record.topic(), record.partition());
                    if (left.merge(place, -1, Integer::sum) >= 0) {
                        missing--;
                        Lines.show(record);
                    }
                }
            }
        }
    }
}
