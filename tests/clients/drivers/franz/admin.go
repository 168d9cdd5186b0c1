// The admin calls of franz-go (kadm), each with plain arguments and a plain result.

package main

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
)

type request struct {
	Op           string             `json:"op"`
	Topic        string             `json:"topic"`
	Partition    int32              `json:"partition"`
	Partitions   *int32             `json:"partitions"`
	Replicas     *int16             `json:"replication_factor"`
	Configs      map[string]*string `json:"configs"`
	ValidateOnly bool               `json:"validate_only"`
	Total        int                `json:"total"`
	Before       int64              `json:"before"`
	At           any                `json:"at"`
	Committed    bool               `json:"read_committed"`
}

type operation func(context.Context, *kadm.Client, request) (any, error)

var operations = map[string]operation{
	"create_topic":      createTopic,
	"delete_topic":      deleteTopic,
	"create_partitions": createPartitions,
	"set_configs":       setConfigs,
	"replace_configs":   replaceConfigs,
	"configs":           configs,
	"delete_records":    deleteRecords,
	"cluster":           cluster,
	"log_dirs":          logDirs,
	"topics":            topics,
	"describe_topic":    describeTopic,
	"offsets":           offsets,
}

func orDefault[T int16 | int32](chosen *T) T {
	if chosen == nil {
		return -1
	}
	return *chosen
}

func createTopic(ctx context.Context, client *kadm.Client, ask request) (any, error) {
	call := client.CreateTopics
	if ask.ValidateOnly {
		call = client.ValidateCreateTopics
	}
	made, err := call(ctx, orDefault(ask.Partitions), orDefault(ask.Replicas), ask.Configs, ask.Topic)
	if err != nil {
		return nil, err
	}
	return object{"topic_id": dashed(made[ask.Topic].ID)}, made[ask.Topic].Err
}

func deleteTopic(ctx context.Context, client *kadm.Client, ask request) (any, error) {
	gone, err := client.DeleteTopics(ctx, ask.Topic)
	if err != nil {
		return nil, err
	}
	return nil, gone[ask.Topic].Err
}

func createPartitions(ctx context.Context, client *kadm.Client, ask request) (any, error) {
	made, err := client.UpdatePartitions(ctx, ask.Total, ask.Topic)
	if err != nil {
		return nil, err
	}
	return nil, made[ask.Topic].Err
}

func setConfigs(ctx context.Context, client *kadm.Client, ask request) (any, error) {
	var changes []kadm.AlterConfig
	for name, value := range ask.Configs {
		change := kadm.AlterConfig{Op: kadm.SetConfig, Name: name, Value: value}
		if value == nil {
			change.Op = kadm.DeleteConfig
		}
		changes = append(changes, change)
	}
	return altered(client.AlterTopicConfigs(ctx, changes, ask.Topic))
}

func replaceConfigs(ctx context.Context, client *kadm.Client, ask request) (any, error) {
	var whole []kadm.AlterConfig
	for name, value := range ask.Configs {
		whole = append(whole, kadm.AlterConfig{Name: name, Value: value})
	}
	return altered(client.AlterTopicConfigsState(ctx, whole, ask.Topic))
}

func altered(answers kadm.AlterConfigsResponses, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return nil, answers[0].Err
}

func configs(ctx context.Context, client *kadm.Client, ask request) (any, error) {
	found, err := client.DescribeTopicConfigs(ctx, ask.Topic)
	if err != nil {
		return nil, err
	}
	values := object{}
	for _, config := range found[0].Configs {
		values[config.Key] = config.Value
	}
	return values, found[0].Err
}

func deleteRecords(ctx context.Context, client *kadm.Client, ask request) (any, error) {
	before := kadm.Offsets{}
	before.AddOffset(ask.Topic, ask.Partition, ask.Before, -1)
	gone, err := client.DeleteRecords(ctx, before)
	if err != nil {
		return nil, err
	}
	answer, _ := gone.Lookup(ask.Topic, ask.Partition)
	return object{"low_watermark": answer.LowWatermark}, answer.Err
}

func cluster(ctx context.Context, client *kadm.Client, _ request) (any, error) {
	found, err := client.BrokerMetadata(ctx)
	if err != nil {
		return nil, err
	}
	brokers := []object{}
	for _, broker := range found.Brokers {
		brokers = append(brokers, object{"id": broker.NodeID, "host": broker.Host, "port": broker.Port})
	}
	return object{"cluster_id": found.Cluster, "controller": found.Controller, "brokers": brokers}, nil
}

func logDirs(ctx context.Context, client *kadm.Client, _ request) (any, error) {
	found, err := client.DescribeAllLogDirs(ctx, nil)
	if err != nil {
		return nil, err
	}
	sizes := object{}
	for _, directory := range found.Sorted() {
		if directory.Err != nil {
			return nil, directory.Err
		}
		directory.Topics.Each(func(part kadm.DescribedLogDirPartition) {
			sizes[fmt.Sprintf("%s-%d", part.Topic, part.Partition)] = part.Size
		})
	}
	return object{"sizes": sizes}, nil
}

func topics(ctx context.Context, client *kadm.Client, _ request) (any, error) {
	found, err := client.ListTopicsWithInternal(ctx)
	return found.Names(), err
}

func describeTopic(ctx context.Context, client *kadm.Client, ask request) (any, error) {
	found, err := client.ListTopics(ctx, ask.Topic)
	if err != nil {
		return nil, err
	}
	topic := found[ask.Topic]
	partitions := []object{}
	for _, part := range topic.Partitions.Sorted() {
		partitions = append(partitions, object{
			"id": part.Partition, "leader": part.Leader, "replicas": part.Replicas, "isr": part.ISR,
		})
	}
	return object{"topic_id": dashed(topic.ID), "partitions": partitions}, topic.Err
}

func offsets(ctx context.Context, client *kadm.Client, ask request) (any, error) {
	var found kadm.ListedOffsets
	var err error
	switch at := ask.At.(type) {
	case float64:
		found, err = client.ListOffsetsAfterMilli(ctx, int64(at), ask.Topic)
	case string:
		call := map[string]func(context.Context, ...string) (kadm.ListedOffsets, error){
			"earliest": client.ListStartOffsets, "latest": client.ListEndOffsets,
			"max_timestamp": client.ListMaxTimestampOffsets,
		}[at]
		if at == "latest" && ask.Committed {
			call = client.ListCommittedOffsets
		}
		found, err = call(ctx, ask.Topic)
	}
	if err != nil {
		return nil, err
	}
	listed, _ := found.Lookup(ask.Topic, ask.Partition)
	return object{"offset": listed.Offset, "timestamp_ms": listed.Timestamp}, listed.Err
}

func dashed(id kadm.TopicID) string {
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

func admin(bootstrap string) {
	client := kadm.NewClient(open(bootstrap))
	defer client.Close()
	// With authorized operations asked for, metadata is not answered from the client's cache.
	ctx := kadm.WithAuthorizedOps(context.Background())
	for ask := (request{}); next(&ask); ask = (request{}) {
		reply(operations[ask.Op](ctx, client, ask))
	}
}
