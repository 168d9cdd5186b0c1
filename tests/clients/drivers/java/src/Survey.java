import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;

/** Every call of the Java admin client, made once. See survey.py beside this folder. */
final class Survey {
    private static final int SHOWN = 200;

    /** What a call is named, and what makes it. */
    record Call(String name, Callable<Object> make) {}

    /** The client under test, and the names of what is on the broker for it; see scene.py. */
    record Scene(Admin admin, String name) {
        String of(String what) {
            return name + "-" + what;
        }

        TopicPartition place() {
            return new TopicPartition(of("records"), 0);
        }

        TopicPartition open() {
            return new TopicPartition(of("open"), 0);
        }
    }

    private Survey() {}

    static void serve(Properties settings, String name) {
        // Admin clients push nothing unless they are told to, and then have no instance id either.
        settings.put("enable.metrics.push", "true");
        Scene scene = new Scene(Admin.create(settings), name);
        ArrayNode offers = Lines.JSON.createArrayNode();
        Arrays.stream(Admin.class.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .map(Method::getName)
                .distinct()
                .forEach(offers::add);
        Lines.answer(Lines.JSON.createObjectNode().set("offers", offers));
        List<Call> calls = new ArrayList<>();
        calls.addAll(SurveyTopics.calls(scene));
        calls.addAll(SurveyGroups.calls(scene));
        calls.addAll(SurveyCluster.calls(scene));
        calls.forEach(Survey::make);
    }

    private static void make(Call call) {
        ObjectNode line = Lines.JSON.createObjectNode().put("call", call.name());
        try {
            String found = String.valueOf(call.make().call());
            line.put("ok", found.substring(0, Math.min(found.length(), SHOWN)));
        } catch (Exception error) {
            Throwable cause = error instanceof ExecutionException ? error.getCause() : error;
            line.put("error", cause instanceof ApiException ? Errors.forException(cause).name() : null);
            line.put("message", cause.toString());
        }
        Lines.answer(line);
    }

    /** A result that holds what was asked for. */
    static Object check(boolean holds, Object found) {
        if (!holds) {
            throw new IllegalStateException("this is not what was asked for: " + found);
        }
        return found;
    }

    /** The one refusal that is the right answer to what was asked. */
    static Object expect(KafkaFuture<?> future, Errors expected) throws Exception {
        try {
            return check(false, future.get());
        } catch (ExecutionException error) {
            if (Errors.forException(error.getCause()) != expected) {
                throw error;
            }
            return expected;
        }
    }
}
