import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.Errors;

/** The lines that every driver speaks; protocol.py beside this folder describes them. */
final class Lines {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final BufferedReader INPUT =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private static final PrintStream OUTPUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    /** How records are sent; each manner needs a producer of its own. */
    record Manner(String codec, String acks, boolean idempotent) {
        static Manner of(JsonNode line) {
            return new Manner(
                    line.path("codec").asText("none"),
                    line.path("acks").asText("all"),
                    line.path("idempotent").asBoolean(false));
        }
    }

    /** What a line that names an operation asks for; the result is anything that Jackson can write. */
    interface Call {
        Object answer(JsonNode ask) throws ExecutionException, InterruptedException;
    }

    private Lines() {}

    /** Answers lines that name an operation until input ends. */
    static void serve(Function<String, Call> calls) throws InterruptedException {
        for (JsonNode ask = next(); ask != null; ask = next()) {
            ObjectNode line = JSON.createObjectNode();
            try {
                line.set("ok", JSON.valueToTree(calls.apply(ask.get("op").asText()).answer(ask)));
            } catch (ExecutionException error) {
                complain(line, error.getCause());
            } catch (RuntimeException error) {
                complain(line, error);
            }
            answer(line);
        }
    }

    private static void complain(ObjectNode line, Throwable error) {
        Throwable known = error.getCause() instanceof ApiException ? error.getCause() : error;
        line.put("error", known instanceof ApiException ? Errors.forException(known).code() : null);
        line.put("message", error.toString());
    }

    /** The next line, or null at the end of input. */
    static JsonNode next() {
        try {
            String line = INPUT.readLine();
            return line == null ? null : JSON.readTree(line);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    static synchronized void answer(JsonNode line) {
        OUTPUT.println(line);
        OUTPUT.flush();
    }

    static void acknowledge(long n, String topic, int partition, long offset) {
        answer(JSON.createObjectNode().put("n", n).put("topic", topic).put("partition", partition).put("offset", offset));
    }

    static void refuse(long n, Exception error) {
        answer(JSON.createObjectNode().put("n", n).put("error", error.toString()));
    }

    static void show(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode line = JSON.createObjectNode();
        line.put("topic", record.topic()).put("partition", record.partition()).put("offset", record.offset());
        line.put("timestamp_ms", record.timestamp()).put("key", record.key()).put("value", record.value());
        ArrayNode headers = line.putArray("headers");
        for (Header header : record.headers()) {
            headers.addArray().add(header.key()).add(header.value());
        }
        answer(line);
    }

    static ProducerRecord<byte[], byte[]> record(JsonNode line) {
        List<Header> headers = new ArrayList<>();
        for (JsonNode pair : line.path("headers")) {
            headers.add(new RecordHeader(pair.get(0).asText(), bytes(pair.get(1))));
        }
        JsonNode timestamp = line.path("timestamp_ms");
        return new ProducerRecord<>(
                line.get("topic").asText(),
                line.get("partition").asInt(),
                timestamp.isNumber() ? timestamp.asLong() : null,
                bytes(line.path("key")),
                bytes(line.path("value")),
                headers);
    }

    private static byte[] bytes(JsonNode armoured) {
        try {
            return armoured.isTextual() ? armoured.binaryValue() : null;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
