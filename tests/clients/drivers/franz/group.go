// A member of a group through franz-go: the verb `group`.

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// A member writes out and commits as soon as it has so many records, and whenever no more come.
	portion       = 100
	pollFor       = 50 * time.Millisecond
	groupMaxWait  = 100 * time.Millisecond
	committedSoon = 5 * time.Second
)

// membership is the first line of `group`.
type membership struct {
	Group          string   `json:"group"`
	Topics         []string `json:"topics"`
	Pattern        *string  `json:"pattern"`
	Protocol       string   `json:"protocol"`
	Assignor       *string  `json:"assignor"`
	InstanceID     *string  `json:"instance_id"`
	SessionTimeout int64    `json:"session_timeout_ms"`
	Heartbeat      int64    `json:"heartbeat_ms"`
}

var balancers = map[string]kgo.GroupBalancer{
	"range":              kgo.RangeBalancer(),
	"roundrobin":         kgo.RoundRobinBalancer(),
	"cooperative-sticky": kgo.CooperativeStickyBalancer(),
	// By this name the broker's own assignor is known, which franz-go asks for in place of its sticky one.
	"uniform": kgo.StickyBalancer(),
}

func (m membership) options(on *journal) []kgo.Opt {
	options := []kgo.Opt{
		kgo.ConsumerGroup(m.Group),
		kgo.SessionTimeout(time.Duration(m.SessionTimeout) * time.Millisecond),
		kgo.HeartbeatInterval(time.Duration(m.Heartbeat) * time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.FetchMaxWait(groupMaxWait),
		kgo.OnPartitionsAssigned(on.moved("assigned")),
		kgo.OnPartitionsRevoked(on.moved("revoked")),
		kgo.OnPartitionsLost(on.moved("lost")),
	}
	if m.Assignor != nil {
		options = append(options, kgo.Balancers(balancers[*m.Assignor]))
	}
	if m.Protocol == "consumer" {
		options = append(options, kgo.ServerSideBalancer())
	}
	if m.InstanceID != nil {
		options = append(options, kgo.InstanceID(*m.InstanceID))
	}
	if m.Pattern != nil {
		return append(options, kgo.ConsumeTopics(*m.Pattern), kgo.ConsumeRegex())
	}
	return append(options, kgo.ConsumeTopics(m.Topics...))
}

// place is one partition.
type place struct {
	topic     string
	partition int32
}

// journal writes what happens to the member, and knows what it has written out and not yet committed. Its lock is held
// through a commit, so that what is committed is still the member's own.
type journal struct {
	lock        sync.Mutex
	uncommitted map[place]int64
}

// moved tells of partitions gained or given up; either way nothing of them is left to commit.
func (j *journal) moved(what string) func(context.Context, *kgo.Client, map[string][]int32) {
	return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
		j.lock.Lock()
		defer j.lock.Unlock()
		places := [][]any{}
		for topic, numbers := range partitions {
			for _, number := range numbers {
				places = append(places, []any{topic, number})
				delete(j.uncommitted, place{topic, number})
			}
		}
		if len(places) > 0 {
			answer(object{what: places})
		}
	}
}

// handOver writes out what was polled, and commits it and what could not be committed before.
func (j *journal) handOver(client *kgo.Client, polled []*kgo.Record) {
	j.lock.Lock()
	defer j.lock.Unlock()
	records := [][]any{}
	for _, record := range polled {
		records = append(records, []any{record.Topic, record.Partition, record.Offset})
		j.uncommitted[place{record.Topic, record.Partition}] = record.Offset + 1
	}
	if len(records) > 0 {
		answer(object{"records": records})
	}
	if len(j.uncommitted) > 0 {
		j.commit(client)
	}
}

func (j *journal) commit(client *kgo.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), committedSoon)
	defer cancel()
	offsets := map[string]map[int32]kgo.EpochOffset{}
	committed := [][]any{}
	for at, next := range j.uncommitted {
		if offsets[at.topic] == nil {
			offsets[at.topic] = map[int32]kgo.EpochOffset{}
		}
		offsets[at.topic][at.partition] = kgo.EpochOffset{Epoch: -1, Offset: next}
		committed = append(committed, []any{at.topic, at.partition, next})
	}
	var refusal error
	client.CommitOffsetsSync(ctx, offsets,
		func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, response *kmsg.OffsetCommitResponse, err error) {
			refusal = err
			if err == nil {
				refusal = firstError(response)
			}
		})
	if refusal != nil {
		answer(object{"refused": refusal.Error()})
		return
	}
	answer(object{"committed": committed})
	clear(j.uncommitted)
}

func firstError(response *kmsg.OffsetCommitResponse) error {
	for _, topic := range response.Topics {
		for _, partition := range topic.Partitions {
			if err := kerr.ErrorForCode(partition.ErrorCode); err != nil {
				return err
			}
		}
	}
	return nil
}

func (j *journal) poll(client *kgo.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), pollFor)
	defer cancel()
	fetches := client.PollRecords(ctx, portion)
	defer client.AllowRebalance()
	fetches.EachError(func(topic string, partition int32, err error) {
		if !errors.Is(err, context.DeadlineExceeded) {
			fmt.Fprintln(os.Stderr, topic, partition, err)
		}
	})
	j.handOver(client, fetches.Records())
}

// endOfInput is closed when the test has nothing more to say.
func endOfInput() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		must(err)
		close(ended)
	}()
	return ended
}

func group(bootstrap string) {
	var member membership
	if !next(&member) {
		must(errors.New("no membership on standard input"))
	}
	ended := endOfInput()
	journal := &journal{uncommitted: map[place]int64{}}
	client := open(bootstrap, member.options(journal)...)
	for {
		select {
		case <-ended:
			client.CloseAllowingRebalance()
			return
		default:
			journal.poll(client)
		}
	}
}
