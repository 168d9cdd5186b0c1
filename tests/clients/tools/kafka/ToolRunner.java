import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Kafka's command-line tools one after another in one JVM: a line of JSON in names the tool, its arguments and its
 * standard input; a line of JSON out has its exit code, standard output and standard error.
 */
public final class ToolRunner {
    private static final long HOOK_MS = 10_000;
    private static final List<Thread> HOOKS = new ArrayList<>();
    /** The exit code of the tool that runs. */
    private static volatile CompletableFuture<Integer> ended = new CompletableFuture<>();

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        ObjectMapper json = new ObjectMapper();
        Exit.setExitProcedure((code, message) -> end(code));
        Exit.setHaltProcedure((code, message) -> end(code));
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(new Thread(hook, name)));
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            answers.println(json.writeValueAsString(run(json.readTree(line))));
            answers.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    /** The end of a tool: its thread goes no further, as it would not behind an exit. Many a tool catches whatever is thrown. */
    private static void end(int code) {
        ended.complete(code);
        while (true) {
            LockSupport.park();
        }
    }

    private static Map<String, Object> run(JsonNode request) throws Exception {
        List<String> arguments = new ArrayList<>();
        request.get("arguments").forEach(argument -> arguments.add(argument.asText()));
        InputStream in = new ByteArrayInputStream(request.get("input").asText().getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setIn(in);
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        Class<?> tool = Class.forName(request.get("tool").asText());
        ended = new CompletableFuture<>();
        Thread thread = new Thread(() -> call(tool, arguments.toArray(new String[0])), "main");
        thread.setDaemon(true);
        thread.start();
        int code = ended.get();
        HOOKS.forEach(Thread::start);
        for (Thread hook : HOOKS) {
            hook.join(HOOK_MS);
        }
        HOOKS.clear();
        return Map.of(
            "code", code,
            "out", out.toString(StandardCharsets.UTF_8),
            "err", err.toString(StandardCharsets.UTF_8));
    }

    private static void call(Class<?> tool, String[] arguments) {
        try {
            tool.getMethod("main", String[].class).invoke(null, (Object) arguments);
            ended.complete(0);
        } catch (InvocationTargetException failed) {
            failed.getCause().printStackTrace();
            ended.complete(1);
        } catch (ReflectiveOperationException failed) {
            failed.printStackTrace();
            ended.complete(1);
        }
    }
}
