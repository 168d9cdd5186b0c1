import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.RaftVoterEndpoint;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.quota.ClientQuotaFilterComponent;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** The calls about the cluster, its quorum, quotas and security, in the order in which they are made. */
final class SurveyCluster {
    private static final int NOBODY = 999;
    private static final byte[] TOKEN = {1, 2, 3};

    private SurveyCluster() {}

    static List<Survey.Call> calls(Survey.Scene scene) {
        Admin admin = scene.admin();
        ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, scene.name()));
        AclBinding acl = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, "t", PatternType.LITERAL),
                new AccessControlEntry("User:ada", "*", AclOperation.READ, AclPermissionType.ALLOW));
        return List.of(
                new Survey.Call("describeCluster", () -> {
                    var found = admin.describeCluster();
                    return Survey.check(found.nodes().get().size() == 1, found.clusterId().get());
                }),
                new Survey.Call("describeFeatures", () -> {
                    var found = admin.describeFeatures().featureMetadata().get();
                    return Survey.check(found.finalizedFeatures().containsKey("metadata.version"), found);
                }),
                new Survey.Call("updateFeatures", () -> {
                    var update = new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE);
                    var options = new UpdateFeaturesOptions().validateOnly(true);
                    return admin.updateFeatures(Map.of("group.version", update), options).all().get();
                }),
                new Survey.Call("describeMetadataQuorum", () -> {
                    var found = admin.describeMetadataQuorum().quorumInfo().get();
                    return Survey.check(found.leaderId() == 1 && found.voters().size() == 1, found);
                }),
                // On a cluster of one broker these have nothing to do, and say so.
                new Survey.Call("addRaftVoter", () -> Survey.expect(
                        admin.addRaftVoter(1, Uuid.randomUuid(), Set.of(new RaftVoterEndpoint("PEER", "localhost", 1)))
                                .all(),
                        Errors.DUPLICATE_VOTER)),
                new Survey.Call("removeRaftVoter", () -> Survey.expect(
                        admin.removeRaftVoter(NOBODY, Uuid.randomUuid()).all(), Errors.VOTER_NOT_FOUND)),
                new Survey.Call("unregisterBroker", () -> Survey.expect(
                        admin.unregisterBroker(NOBODY).all(), Errors.BROKER_ID_NOT_REGISTERED)),
                new Survey.Call("alterClientQuotas", () -> {
                    var op = new ClientQuotaAlteration.Op("producer_byte_rate", 1_000_000.0);
                    return admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(op)))).all().get();
                }),
                new Survey.Call("describeClientQuotas", () -> {
                    var filter = ClientQuotaFilter.containsOnly(
                            List.of(ClientQuotaFilterComponent.ofEntity(ClientQuotaEntity.CLIENT_ID, scene.name())));
                    var found = admin.describeClientQuotas(filter).entities().get();
                    return Survey.check(found.get(entity).get("producer_byte_rate") == 1_000_000.0, found);
                }),
                new Survey.Call("createAcls", () -> admin.createAcls(List.of(acl)).all().get()),
                new Survey.Call("describeAcls", () -> admin.describeAcls(AclBindingFilter.ANY).values().get()),
                new Survey.Call("deleteAcls", () -> admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get()),
                new Survey.Call("describeUserScramCredentials", () -> admin.describeUserScramCredentials().all().get()),
                new Survey.Call("alterUserScramCredentials", () -> {
                    var info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096);
                    var ada = new UserScramCredentialUpsertion("ada", info, "secret");
                    return admin.alterUserScramCredentials(List.of(ada)).all().get();
                }),
                new Survey.Call("createDelegationToken", () -> admin.createDelegationToken().delegationToken().get()),
                new Survey.Call("renewDelegationToken", () -> admin.renewDelegationToken(TOKEN).expiryTimestamp().get()),
                new Survey.Call("expireDelegationToken", () -> admin.expireDelegationToken(TOKEN).expiryTimestamp().get()),
                new Survey.Call("describeDelegationToken", () -> admin.describeDelegationToken().delegationTokens().get()),
                new Survey.Call("clientInstanceId", () -> {
                    var found = admin.clientInstanceId(Duration.ofSeconds(10));
                    return Survey.check(!found.equals(Uuid.ZERO_UUID), found);
                }),
                new Survey.Call("metrics", () -> Survey.check(!admin.metrics().isEmpty(), admin.metrics().size())),
                new Survey.Call("registerMetricForSubscription", () -> {
                    admin.registerMetricForSubscription((KafkaMetric) admin.metrics().values().iterator().next());
                    return null;
                }),
                new Survey.Call("unregisterMetricFromSubscription", () -> {
                    admin.unregisterMetricFromSubscription((KafkaMetric) admin.metrics().values().iterator().next());
                    return null;
                }),
                new Survey.Call("close", () -> {
                    admin.close();
                    return null;
                }));
    }
}
