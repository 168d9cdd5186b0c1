// The calls of kadm's client, in the order in which they are made.

package main

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

var calls = append(append(append(topicCalls, configCalls...), groupCalls...), clusterCalls...)

func first(topic string) kadm.TopicsSet {
	set := kadm.TopicsSet{}
	set.Add(topic, 0)
	return set
}

func at(topic string, offset int64) kadm.Offsets {
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, 0, offset, -1)
	return offsets
}

func retention(ms string) []kadm.AlterConfig {
	return []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &ms}}
}

// expect turns the one error that is the right answer into a result.
func expect(found any, err error, expected *kerr.Error) (any, error) {
	if errors.Is(err, expected) {
		return expected.Message, nil
	}
	return found, err
}

var topicCalls = []call{
	{"ListTopics", func(s *scene) (any, error) { return s.client.ListTopics(s.ctx) }, "-records"},
	{"ListTopicsWithInternal", func(s *scene) (any, error) { return s.client.ListTopicsWithInternal(s.ctx) }, "__consumer_offsets"},
	{"ValidateCreateTopics", func(s *scene) (any, error) {
		return s.client.ValidateCreateTopics(s.ctx, 1, 1, nil, s.of("validated"))
	}, "-validated"},
	{"CreateTopic", func(s *scene) (any, error) { return s.client.CreateTopic(s.ctx, 1, 1, nil, s.of("new")) }, "-new"},
	{"CreateTopics", func(s *scene) (any, error) {
		return s.client.CreateTopics(s.ctx, 1, 1, nil, s.of("newer"), s.of("newest"))
	}, "-newest"},
	{"ValidateCreatePartitions", func(s *scene) (any, error) {
		return s.client.ValidateCreatePartitions(s.ctx, 1, s.of("new"))
	}, "-new"},
	{"CreatePartitions", func(s *scene) (any, error) { return s.client.CreatePartitions(s.ctx, 1, s.of("new")) }, "-new"},
	{"ValidateUpdatePartitions", func(s *scene) (any, error) {
		return s.client.ValidateUpdatePartitions(s.ctx, 3, s.of("new"))
	}, "-new"},
	{"UpdatePartitions", func(s *scene) (any, error) { return s.client.UpdatePartitions(s.ctx, 3, s.of("new")) }, "-new"},
	{"Metadata", func(s *scene) (any, error) { return s.client.Metadata(s.ctx, s.of("new")) }, "Partition:2"},
	{"ListStartOffsets", func(s *scene) (any, error) { return s.client.ListStartOffsets(s.ctx, s.of("records")) }, "Offset:0"},
	{"ListEndOffsets", func(s *scene) (any, error) { return s.client.ListEndOffsets(s.ctx, s.of("records")) }, "Offset:10"},
	{"ListCommittedOffsets", func(s *scene) (any, error) { return s.client.ListCommittedOffsets(s.ctx, s.of("records")) }, "Offset:10"},
	{"ListMaxTimestampOffsets", func(s *scene) (any, error) {
		return s.client.ListMaxTimestampOffsets(s.ctx, s.of("records"))
	}, "Timestamp:1700000000009 Offset:9"},
	{"ListLocalLogStartOffsets", func(s *scene) (any, error) {
		return s.client.ListLocalLogStartOffsets(s.ctx, s.of("records"))
	}, "Offset:0"},
	{"ListLatestRemoteOffsets", func(s *scene) (any, error) {
		return s.client.ListLatestRemoteOffsets(s.ctx, s.of("records"))
	}, "Offset:-1"},
	{"ListOffsetsAfterMilli", func(s *scene) (any, error) {
		return s.client.ListOffsetsAfterMilli(s.ctx, 1_700_000_000_004, s.of("records"))
	}, "Offset:4"},
	{"DeleteRecords", func(s *scene) (any, error) { return s.client.DeleteRecords(s.ctx, at(s.of("records"), 3)) }, "LowWatermark:3"},
	{"OffsetForLeaderEpoch", func(s *scene) (any, error) {
		request := kadm.OffsetForLeaderEpochRequest{}
		request.Add(s.of("records"), 0, 0)
		return s.client.OffsetForLeaderEpoch(s.ctx, request)
	}, "EndOffset:10"},
	// An older spelling of the same.
	{"OffetForLeaderEpoch", func(s *scene) (any, error) {
		request := kadm.OffsetForLeaderEpochRequest{}
		request.Add(s.of("records"), 0, 0)
		return s.client.OffetForLeaderEpoch(s.ctx, request)
	}, "EndOffset:10"},
	{"DeleteTopic", func(s *scene) (any, error) { return s.client.DeleteTopic(s.ctx, s.of("newer")) }, "-newer"},
	{"DeleteTopics", func(s *scene) (any, error) { return s.client.DeleteTopics(s.ctx, s.of("newest")) }, "-newest"},
}

var configCalls = []call{
	{"AlterTopicConfigs", func(s *scene) (any, error) {
		return s.client.AlterTopicConfigs(s.ctx, retention("5000"), s.of("new"))
	}, "-new"},
	{"ValidateAlterTopicConfigs", func(s *scene) (any, error) {
		return s.client.ValidateAlterTopicConfigs(s.ctx, retention("7000"), s.of("new"))
	}, "-new"},
	{"DescribeTopicConfigs", func(s *scene) (any, error) {
		found, err := s.client.DescribeTopicConfigs(s.ctx, s.of("new"))
		if err != nil {
			return nil, err
		}
		return settings(found), nil
	}, "retention.ms=5000 "},
	{"AlterTopicConfigsState", func(s *scene) (any, error) {
		return s.client.AlterTopicConfigsState(s.ctx, retention("6000"), s.of("new"))
	}, "-new"},
	{"ValidateAlterTopicConfigsState", func(s *scene) (any, error) {
		return s.client.ValidateAlterTopicConfigsState(s.ctx, retention("7000"), s.of("new"))
	}, "-new"},
	{"AlterBrokerConfigs", func(s *scene) (any, error) { return s.client.AlterBrokerConfigs(s.ctx, threads, 1) }, "Name:1"},
	{"ValidateAlterBrokerConfigs", func(s *scene) (any, error) {
		return s.client.ValidateAlterBrokerConfigs(s.ctx, threads, 1)
	}, "Name:1"},
	{"DescribeBrokerConfigs", func(s *scene) (any, error) {
		found, err := s.client.DescribeBrokerConfigs(s.ctx, 1)
		if err != nil {
			return nil, err
		}
		return settings(found), nil
	}, "message.max.bytes=2000000 "},
	{"AlterBrokerConfigsState", func(s *scene) (any, error) {
		return s.client.AlterBrokerConfigsState(s.ctx, threads, 1)
	}, "Name:1"},
	{"ValidateAlterBrokerConfigsState", func(s *scene) (any, error) {
		return s.client.ValidateAlterBrokerConfigsState(s.ctx, threads, 1)
	}, "Name:1"},
	{"ListConfigResources", func(s *scene) (any, error) {
		return s.client.ListConfigResources(s.ctx, kadm.ConfigResourceTopic)
	}, "-new"},
}

// threads is a setting of brokers that may change while they run.
var threads = []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "message.max.bytes", Value: kadm.StringPtr("2000000")}}

// settings are configs in a form that can be looked through.
func settings(found kadm.ResourceConfigs) string {
	text := ""
	for _, resource := range found {
		for _, config := range resource.Configs {
			text += config.Key + "=" + config.MaybeValue() + " "
		}
	}
	return text
}

var groupCalls = []call{
	{"ListGroups", func(s *scene) (any, error) { return s.client.ListGroups(s.ctx) }, "-group"},
	{"ListGroupsByType", func(s *scene) (any, error) {
		return s.client.ListGroupsByType(s.ctx, []string{"consumer"})
	}, "-modern"},
	{"DescribeGroups", func(s *scene) (any, error) { return s.client.DescribeGroups(s.ctx, s.of("members")) }, "-instance"},
	{"DescribeConsumerGroups", func(s *scene) (any, error) {
		return s.client.DescribeConsumerGroups(s.ctx, s.of("modern"))
	}, "-records"},
	{"FindGroupCoordinators", func(s *scene) (any, error) {
		return s.client.FindGroupCoordinators(s.ctx, s.of("group")), nil
	}, "NodeID:1"},
	{"FetchOffsets", func(s *scene) (any, error) { return s.client.FetchOffsets(s.ctx, s.of("group")) }, "At:5"},
	{"FetchOffsetsByID", func(s *scene) (any, error) { return s.client.FetchOffsetsByID(s.ctx, s.of("group")) }, "At:5"},
	{"FetchOffsetsForTopics", func(s *scene) (any, error) {
		return s.client.FetchOffsetsForTopics(s.ctx, s.of("group"), s.of("records"))
	}, "At:5"},
	{"FetchManyOffsets", func(s *scene) (any, error) {
		return s.client.FetchManyOffsets(s.ctx, s.of("group"), s.of("members")), nil
	}, "At:5"},
	{"Lag", func(s *scene) (any, error) { return s.client.Lag(s.ctx, s.of("group")) }, "Lag:5"},
	{"CommitOffsets", func(s *scene) (any, error) {
		return s.client.CommitOffsets(s.ctx, s.of("group"), at(s.of("records"), 6))
	}, "At:6"},
	{"CommitAllOffsets", func(s *scene) (any, error) {
		return "", s.client.CommitAllOffsets(s.ctx, s.of("group"), at(s.of("records"), 7))
	}, ""},
	{"CommitOffsetsByID", func(s *scene) (any, error) {
		offsets, err := s.byID(8)
		if err != nil {
			return nil, err
		}
		return s.client.CommitOffsetsByID(s.ctx, s.of("group"), offsets)
	}, "At:8"},
	{"CommitAllOffsetsByID", func(s *scene) (any, error) {
		offsets, err := s.byID(9)
		if err != nil {
			return nil, err
		}
		return "", s.client.CommitAllOffsetsByID(s.ctx, s.of("group"), offsets)
	}, ""},
	{"DeleteOffsets", func(s *scene) (any, error) {
		return s.client.DeleteOffsets(s.ctx, s.of("group"), first(s.of("records")))
	}, "-records"},
	{"DeleteGroup", func(s *scene) (any, error) {
		if err := s.client.CommitAllOffsets(s.ctx, s.of("group"), at(s.of("records"), 1)); err != nil {
			return nil, err
		}
		return s.client.DeleteGroup(s.ctx, s.of("group"))
	}, "-group"},
	{"DeleteGroups", func(s *scene) (any, error) {
		if err := s.client.CommitAllOffsets(s.ctx, s.of("other"), at(s.of("records"), 1)); err != nil {
			return nil, err
		}
		return s.client.DeleteGroups(s.ctx, s.of("other"))
	}, "-other"},
	{"LeaveGroup", func(s *scene) (any, error) {
		return s.client.LeaveGroup(s.ctx, kadm.LeaveGroup(s.of("members")).InstanceIDs(s.of("instance")))
	}, "-instance"},
	{"FindShareCoordinators", func(s *scene) (any, error) {
		return s.client.FindShareCoordinators(s.ctx, s.of("share")), nil
	}, ""},
	{"DescribeShareGroups", func(s *scene) (any, error) { return s.client.DescribeShareGroups(s.ctx, s.of("share")) }, ""},
	{"DescribeShareGroupOffsets", func(s *scene) (any, error) {
		return s.client.DescribeShareGroupOffsets(s.ctx, s.of("share"))
	}, ""},
	{"AlterShareGroupOffsets", func(s *scene) (any, error) {
		return s.client.AlterShareGroupOffsets(s.ctx, s.of("share"), at(s.of("records"), 1))
	}, ""},
	{"DeleteShareGroupOffsets", func(s *scene) (any, error) {
		return s.client.DeleteShareGroupOffsets(s.ctx, s.of("share"), s.of("records"))
	}, ""},
}

// byID is an offset of the topic with records, which is named by its id.
func (s *scene) byID(offset int64) (kadm.OffsetsByID, error) {
	topics, err := s.client.ListTopics(s.ctx, s.of("records"))
	if err != nil {
		return nil, err
	}
	offsets := kadm.OffsetsByID{}
	offsets.Add(kadm.Offset{TopicID: topics[s.of("records")].ID, At: offset, LeaderEpoch: -1})
	return offsets, nil
}

var clusterCalls = []call{
	{"BrokerMetadata", func(s *scene) (any, error) { return s.client.BrokerMetadata(s.ctx) }, "Controller:1"},
	{"ListBrokers", func(s *scene) (any, error) { return s.client.ListBrokers(s.ctx) }, "NodeID:1"},
	{"ApiVersions", func(s *scene) (any, error) { return s.client.ApiVersions(s.ctx) }, "NodeID:1"},
	{"UpdateFeatures", func(s *scene) (any, error) {
		return s.client.UpdateFeatures(s.ctx, true, kadm.FeatureUpdate{Feature: "group.version", MaxVersionLevel: 1, UpgradeType: 1})
	}, ""},
	{"ElectLeaders", func(s *scene) (any, error) {
		found, err := s.client.ElectLeaders(s.ctx, kadm.ElectPreferredReplica, first(s.of("records")))
		// The only replica leads already.
		return expect(found, errors.Join(err, found[s.of("records")][0].Err), kerr.ElectionNotNeeded)
	}, "ELECTION_NOT_NEEDED"},
	{"AlterPartitionAssignments", func(s *scene) (any, error) {
		request := kadm.AlterPartitionAssignmentsReq{}
		request.Assign(s.of("records"), 0, []int32{1})
		return s.client.AlterPartitionAssignments(s.ctx, request)
	}, "-records"},
	{"ListPartitionReassignments", func(s *scene) (any, error) {
		return s.client.ListPartitionReassignments(s.ctx, first(s.of("records")))
	}, "map[]"},
	{"DescribeAllLogDirs", func(s *scene) (any, error) { return s.client.DescribeAllLogDirs(s.ctx, nil) }, "-records"},
	{"DescribeBrokerLogDirs", func(s *scene) (any, error) { return s.client.DescribeBrokerLogDirs(s.ctx, 1, nil) }, "-records"},
	{"AlterAllReplicaLogDirs", func(s *scene) (any, error) {
		request, err := s.stay()
		if err != nil {
			return nil, err
		}
		return s.client.AlterAllReplicaLogDirs(s.ctx, request)
	}, "-records"},
	{"AlterBrokerReplicaLogDirs", func(s *scene) (any, error) {
		request, err := s.stay()
		if err != nil {
			return nil, err
		}
		return s.client.AlterBrokerReplicaLogDirs(s.ctx, 1, request)
	}, "-records"},
	{"AlterClientQuotas", func(s *scene) (any, error) { return s.client.AlterClientQuotas(s.ctx, s.quota()) }, "client-id"},
	{"ValidateAlterClientQuotas", func(s *scene) (any, error) {
		return s.client.ValidateAlterClientQuotas(s.ctx, s.quota())
	}, "client-id"},
	{"DescribeClientQuotas", func(s *scene) (any, error) {
		component := kadm.DescribeClientQuotaComponent{Type: "client-id", MatchName: &s.name}
		return s.client.DescribeClientQuotas(s.ctx, true, []kadm.DescribeClientQuotaComponent{component})
	}, "producer_byte_rate=1000000"},
	{"FindTxnCoordinators", func(s *scene) (any, error) {
		return s.client.FindTxnCoordinators(s.ctx, s.of("transaction")), nil
	}, "NodeID:1"},
	{"ListTransactions", func(s *scene) (any, error) { return s.client.ListTransactions(s.ctx, nil, nil) }, "-transaction"},
	{"ListTransactionsByTxPattern", func(s *scene) (any, error) {
		return s.client.ListTransactionsByTxPattern(s.ctx, nil, nil, s.name+"-tr.*")
	}, "-transaction"},
	{"DescribeTransactions", func(s *scene) (any, error) {
		return s.client.DescribeTransactions(s.ctx, s.of("transaction"))
	}, "Ongoing"},
	{"DescribeProducers", func(s *scene) (any, error) {
		return s.client.DescribeProducers(s.ctx, first(s.of("open")))
	}, "CurrentTxnStartOffset:0"},
	{"WriteTxnMarkers", func(s *scene) (any, error) {
		found, err := s.client.DescribeProducers(s.ctx, first(s.of("open")))
		if err != nil {
			return nil, err
		}
		one := found.SortedProducers()[0]
		return s.client.WriteTxnMarkers(s.ctx, kadm.TxnMarkers{
			ProducerID: one.ProducerID, ProducerEpoch: one.ProducerEpoch, CoordinatorEpoch: -1, Topics: first(s.of("open")),
		})
	}, "-open"},
	{"CreateACLs", func(s *scene) (any, error) { return s.client.CreateACLs(s.ctx, acls().AllowHosts("*")) }, ""},
	{"DescribeACLs", func(s *scene) (any, error) { return s.client.DescribeACLs(s.ctx, acls().AllowHosts()) }, ""},
	{"DeleteACLs", func(s *scene) (any, error) { return s.client.DeleteACLs(s.ctx, acls().AllowHosts()) }, ""},
	{"CreateDelegationToken", func(s *scene) (any, error) {
		return s.client.CreateDelegationToken(s.ctx, kadm.CreateDelegationToken{MaxLifetime: time.Hour})
	}, ""},
	{"RenewDelegationToken", func(s *scene) (any, error) {
		return s.client.RenewDelegationToken(s.ctx, []byte("token"), time.Hour)
	}, ""},
	{"ExpireDelegationToken", func(s *scene) (any, error) {
		return s.client.ExpireDelegationToken(s.ctx, []byte("token"), time.Hour)
	}, ""},
	{"DescribeDelegationTokens", func(s *scene) (any, error) { return s.client.DescribeDelegationTokens(s.ctx) }, ""},
	{"DescribeUserSCRAMs", func(s *scene) (any, error) { return s.client.DescribeUserSCRAMs(s.ctx) }, ""},
	{"AlterUserSCRAMs", func(s *scene) (any, error) {
		ada := kadm.UpsertSCRAM{User: "ada", Mechanism: kadm.ScramSha256, Iterations: 4096, Password: "secret"}
		return s.client.AlterUserSCRAMs(s.ctx, nil, []kadm.UpsertSCRAM{ada})
	}, ""},
	{"SetTimeoutMillis", func(s *scene) (any, error) {
		s.client.SetTimeoutMillis(1000)
		return nil, nil
	}, ""},
	{"Close", func(s *scene) (any, error) {
		s.client.Close()
		return nil, nil
	}, ""},
}

// stay moves a partition to the directory in which it is.
func (s *scene) stay() (kadm.AlterReplicaLogDirsReq, error) {
	directories, err := s.client.DescribeBrokerLogDirs(s.ctx, 1, first(s.of("records")))
	request := kadm.AlterReplicaLogDirsReq{}
	for directory := range directories {
		request.Add(directory, first(s.of("records")))
	}
	return request, err
}

func (s *scene) quota() []kadm.AlterClientQuotaEntry {
	entity := kadm.ClientQuotaEntity{{Type: "client-id", Name: &s.name}}
	ops := []kadm.AlterClientQuotaOp{{Key: "producer_byte_rate", Value: 1_000_000}}
	return []kadm.AlterClientQuotaEntry{{Entity: entity, Ops: ops}}
}

func acls() *kadm.ACLBuilder {
	return kadm.NewACLs().Topics("t").Operations(kadm.OpRead).Allow("User:ada")
}
