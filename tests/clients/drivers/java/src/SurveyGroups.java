import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListStreamsGroupOffsetsSpec;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/** The calls about groups of every kind and about transactions, in the order in which they are made. */
final class SurveyGroups {
    private SurveyGroups() {}

    static List<Survey.Call> calls(Survey.Scene scene) {
        Admin admin = scene.admin();
        String group = scene.of("group");
        String share = scene.of("share");
        String streams = scene.of("streams");
        String transaction = scene.of("transaction");
        return List.of(
                new Survey.Call("listGroups", () -> {
                    var found = admin.listGroups().all().get();
                    return Survey.check(found.stream().anyMatch(one -> one.groupId().equals(group)), found);
                }),
                new Survey.Call("listConsumerGroups", () -> {
                    var found = admin.listConsumerGroups().all().get();
                    return Survey.check(found.stream().anyMatch(one -> one.groupId().equals(group)), found);
                }),
                new Survey.Call("describeConsumerGroups", () -> {
                    var found = admin.describeConsumerGroups(List.of(scene.of("modern"), scene.of("members"))).all().get();
                    return Survey.check(found.values().stream().allMatch(one -> one.members().size() == 1), found);
                }),
                new Survey.Call("describeClassicGroups", () -> {
                    var found = admin.describeClassicGroups(List.of(scene.of("members"))).all().get();
                    return Survey.check(found.toString().contains(scene.of("instance")), found);
                }),
                new Survey.Call("listConsumerGroupOffsets", () -> committed(scene, 5)),
                new Survey.Call("alterConsumerGroupOffsets", () -> {
                    admin.alterConsumerGroupOffsets(group, Map.of(scene.place(), new OffsetAndMetadata(7))).all().get();
                    return committed(scene, 7);
                }),
                new Survey.Call("deleteConsumerGroupOffsets",
                        () -> admin.deleteConsumerGroupOffsets(group, Set.of(scene.place())).all().get()),
                new Survey.Call("deleteConsumerGroups", () -> {
                    admin.alterConsumerGroupOffsets(group, Map.of(scene.place(), new OffsetAndMetadata(7))).all().get();
                    admin.deleteConsumerGroups(List.of(group)).all().get();
                    var found = admin.listGroups().all().get();
                    return Survey.check(found.stream().noneMatch(one -> one.groupId().equals(group)), found);
                }),
                new Survey.Call("removeMembersFromConsumerGroup", () -> {
                    var members = new RemoveMembersFromConsumerGroupOptions(
                            List.of(new MemberToRemove(scene.of("instance"))));
                    return admin.removeMembersFromConsumerGroup(scene.of("members"), members).all().get();
                }),
                new Survey.Call("describeShareGroups", () -> admin.describeShareGroups(List.of(share)).all().get()),
                new Survey.Call("listShareGroupOffsets",
                        () -> admin.listShareGroupOffsets(Map.of(share, new ListShareGroupOffsetsSpec())).all().get()),
                new Survey.Call("alterShareGroupOffsets",
                        () -> admin.alterShareGroupOffsets(share, Map.of(scene.place(), 1L)).all().get()),
                new Survey.Call("deleteShareGroupOffsets",
                        () -> admin.deleteShareGroupOffsets(share, Set.of(scene.of("records"))).all().get()),
                new Survey.Call("deleteShareGroups", () -> admin.deleteShareGroups(List.of(share)).all().get()),
                new Survey.Call("describeStreamsGroups", () -> admin.describeStreamsGroups(List.of(streams)).all().get()),
                new Survey.Call("alterStreamsGroupOffsets", () -> admin.alterStreamsGroupOffsets(
                        streams, Map.of(scene.place(), new OffsetAndMetadata(4))).all().get()),
                new Survey.Call("listStreamsGroupOffsets", () -> {
                    var found = admin.listStreamsGroupOffsets(Map.of(streams, new ListStreamsGroupOffsetsSpec()))
                            .all().get();
                    return Survey.check(found.get(streams).get(scene.place()).offset() == 4, found);
                }),
                new Survey.Call("deleteStreamsGroupOffsets",
                        () -> admin.deleteStreamsGroupOffsets(streams, Set.of(scene.place())).all().get()),
                new Survey.Call("deleteStreamsGroups", () -> {
                    admin.alterStreamsGroupOffsets(streams, Map.of(scene.place(), new OffsetAndMetadata(4))).all().get();
                    return admin.deleteStreamsGroups(List.of(streams)).all().get();
                }),
                new Survey.Call("listTransactions", () -> {
                    var found = admin.listTransactions().all().get();
                    return Survey.check(found.toString().contains(transaction), found);
                }),
                new Survey.Call("describeTransactions", () -> {
                    var found = admin.describeTransactions(List.of(transaction)).all().get().get(transaction);
                    return Survey.check(found.topicPartitions().contains(scene.open()), found);
                }),
                new Survey.Call("describeProducers", () -> {
                    var found = writer(scene);
                    return Survey.check(found.currentTransactionStartOffset().isPresent(), found);
                }),
                new Survey.Call("abortTransaction", () -> {
                    ProducerState one = writer(scene);
                    admin.abortTransaction(new AbortTransactionSpec(
                            scene.open(), one.producerId(), (short) one.producerEpoch(), -1)).all().get();
                    var found = writer(scene);
                    return Survey.check(found.currentTransactionStartOffset().isEmpty(), found);
                }),
                new Survey.Call("forceTerminateTransaction", () -> {
                    admin.forceTerminateTransaction(transaction).result().get();
                    var found = admin.describeTransactions(List.of(transaction)).all().get().get(transaction);
                    return Survey.check(found.topicPartitions().isEmpty(), found);
                }),
                new Survey.Call("fenceProducers", () -> admin.fenceProducers(List.of(transaction)).all().get()));
    }

    private static Object committed(Survey.Scene scene, long wanted) throws Exception {
        var found = scene.admin().listConsumerGroupOffsets(scene.of("group")).partitionsToOffsetAndMetadata().get();
        return Survey.check(found.get(scene.place()).offset() == wanted, found);
    }

    private static ProducerState writer(Survey.Scene scene) throws Exception {
        var found = scene.admin().describeProducers(List.of(scene.open())).all().get().get(scene.open());
        return found.activeProducers().get(0);
    }
}
