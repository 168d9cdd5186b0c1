import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ElectionNotNeededException;

/** The calls about topics, their partitions and settings, in the order in which they are made. */
final class SurveyTopics {
    private SurveyTopics() {}

    static List<Survey.Call> calls(Survey.Scene scene) {
        Admin admin = scene.admin();
        String created = scene.of("new");
        TopicPartitionReplica replica = new TopicPartitionReplica(scene.of("records"), 0, 1);
        return List.of(
                new Survey.Call("listTopics", () -> listed(scene, scene.of("records"))),
                new Survey.Call("createTopics", () -> {
                    admin.createTopics(List.of(new NewTopic(created, 1, (short) 1))).all().get();
                    return listed(scene, created);
                }),
                new Survey.Call("describeTopics", () -> {
                    var found = admin.describeTopics(List.of(scene.of("records"))).allTopicNames().get();
                    return Survey.check(found.get(scene.of("records")).partitions().size() == 2, found);
                }),
                new Survey.Call("createPartitions", () -> {
                    admin.createPartitions(Map.of(created, NewPartitions.increaseTo(3))).all().get();
                    var found = admin.describeTopics(List.of(created)).allTopicNames().get();
                    return Survey.check(found.get(created).partitions().size() == 3, found);
                }),
                new Survey.Call("incrementalAlterConfigs", () -> {
                    var entry = new ConfigEntry("retention.ms", "5000");
                    var change = List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET));
                    admin.incrementalAlterConfigs(Map.of(topic(created), change)).all().get();
                    return retention(admin, created);
                }),
                new Survey.Call("describeConfigs", () -> retention(admin, created)),
                new Survey.Call("listConfigResources", () -> {
                    var found = admin.listConfigResources().all().get();
                    return Survey.check(found.contains(topic(created)), found);
                }),
                new Survey.Call("listClientMetricsResources", () -> {
                    var resource = new ConfigResource(ConfigResource.Type.CLIENT_METRICS, scene.of("subscription"));
                    var entry = new ConfigEntry("match", "client_id=nobody");
                    var change = List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET));
                    admin.incrementalAlterConfigs(Map.of(resource, change)).all().get();
                    var found = admin.listClientMetricsResources().all().get();
                    return Survey.check(found.stream().anyMatch(one -> one.name().equals(resource.name())), found);
                }),
                new Survey.Call("listOffsets", () -> {
                    var found = admin.listOffsets(Map.of(scene.place(), OffsetSpec.latest())).all().get();
                    return Survey.check(found.get(scene.place()).offset() == 10, found);
                }),
                new Survey.Call("deleteRecords", () -> {
                    var before = Map.of(scene.place(), RecordsToDelete.beforeOffset(3));
                    var found = admin.deleteRecords(before).lowWatermarks().get(scene.place()).get();
                    return Survey.check(found.lowWatermark() == 3, found);
                }),
                new Survey.Call("electLeaders", () -> {
                    var found = admin.electLeaders(ElectionType.PREFERRED, Set.of(scene.place())).partitions().get();
                    // The only replica leads already.
                    var error = found.get(scene.place()).orElseThrow();
                    return Survey.check(error instanceof ElectionNotNeededException, error);
                }),
                new Survey.Call("alterPartitionReassignments", () -> {
                    var move = Optional.of(new NewPartitionReassignment(List.of(1)));
                    return admin.alterPartitionReassignments(Map.of(scene.place(), move)).all().get();
                }),
                new Survey.Call("listPartitionReassignments", () -> {
                    var found = admin.listPartitionReassignments(Set.of(scene.place())).reassignments().get();
                    return Survey.check(found.isEmpty(), found);
                }),
                new Survey.Call("describeLogDirs", () -> {
                    var found = admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1);
                    return Survey.check(found.toString().contains(scene.of("records")), found);
                }),
                new Survey.Call("describeReplicaLogDirs", () -> directory(admin, replica)),
                new Survey.Call("alterReplicaLogDirs", () -> {
                    admin.alterReplicaLogDirs(Map.of(replica, directory(admin, replica))).all().get();
                    return directory(admin, replica);
                }),
                new Survey.Call("deleteTopics", () -> {
                    admin.deleteTopics(List.of(created)).all().get();
                    var found = admin.listTopics().names().get();
                    return Survey.check(!found.contains(created), found);
                }));
    }

    private static Object listed(Survey.Scene scene, String topic) throws Exception {
        var found = scene.admin().listTopics().names().get();
        return Survey.check(found.contains(topic), found);
    }

    private static ConfigResource topic(String name) {
        return new ConfigResource(ConfigResource.Type.TOPIC, name);
    }

    private static Object retention(Admin admin, String topic) throws Exception {
        var found = admin.describeConfigs(List.of(topic(topic))).all().get().get(topic(topic));
        return Survey.check(found.get("retention.ms").value().equals("5000"), found);
    }

    private static String directory(Admin admin, TopicPartitionReplica replica) throws Exception {
        var found = admin.describeReplicaLogDirs(List.of(replica)).all().get().get(replica);
        return Survey.check(found.getCurrentReplicaLogDir() != null, found.getCurrentReplicaLogDir()).toString();
    }
}
