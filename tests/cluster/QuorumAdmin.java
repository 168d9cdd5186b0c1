import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.RaftVoterEndpoint;
import org.apache.kafka.common.Uuid;

/** One call of Kafka's own admin client about the quorum: what came of it, on a line of standard output. */
public final class QuorumAdmin {
    public static void main(String[] arguments) throws Exception {
        Properties config = new Properties();
        config.put("bootstrap.servers", arguments[0]);
        config.put("request.timeout.ms", "15000");
        config.put("default.api.timeout.ms", "20000");
        try (Admin admin = Admin.create(config)) {
            System.out.println(call(admin, arguments));
        } catch (ExecutionException error) {
            Throwable cause = error.getCause();
            System.out.println(cause.getClass().getSimpleName() + ": " + cause.getMessage());
        }
    }

    private static String call(Admin admin, String[] arguments) throws Exception {
        String operation = arguments[1];
        if (operation.equals("describe")) {
            return told(admin.describeMetadataQuorum().quorumInfo().get());
        }
        int node = Integer.parseInt(arguments[2]);
        switch (operation) {
            case "add" -> {
                var place = new RaftVoterEndpoint("PLAINTEXT", "127.0.0.1", Integer.parseInt(arguments[4]));
                admin.addRaftVoter(node, Uuid.fromString(arguments[3]), Set.of(place)).all().get();
            }
            case "remove" -> admin.removeRaftVoter(node, Uuid.fromString(arguments[3])).all().get();
            case "unregister" -> admin.unregisterBroker(node).all().get();
            default -> throw new IllegalArgumentException(operation);
        }
        return "done";
    }

    private static String told(QuorumInfo quorum) {
        StringBuilder line = new StringBuilder("leader " + quorum.leaderId() + " voters");
        for (var voter : quorum.voters()) {
            boolean isWhole = voter.logEndOffset() >= 0 && voter.lastFetchTimestamp().isPresent();
            line.append(" " + voter.replicaId() + "/" + voter.replicaDirectoryId() + (isWhole ? "" : "?"));
        }
        line.append(" observers");
        quorum.observers().forEach(observer -> line.append(" " + observer.replicaId()));
        line.append(" nodes");
        quorum.nodes().forEach((id, node) -> line.append(" " + id + "@" + node.endpoints()));
        return line.toString();
    }
}
