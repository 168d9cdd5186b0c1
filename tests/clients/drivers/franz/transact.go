// A transactional producer through franz-go: the verb `transact`, the steps of transactions one by one.

package main

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// step is a line of `transact`. There is no step for offsets: franz-go sends only those of a group that it is in, and
// then it ends the transaction too; see transform.go.
type step struct {
	Op              string     `json:"op"`
	TransactionalID string     `json:"transactional_id"`
	TimeoutMs       int64      `json:"timeout_ms"`
	Records         []outgoing `json:"records"`
}

// transactions is one producer.
type transactions struct {
	bootstrap string
	client    *kgo.Client
}

func transactional(id string, timeoutMs int64) []kgo.Opt {
	return []kgo.Opt{
		kgo.TransactionalID(id),
		kgo.TransactionTimeout(time.Duration(timeoutMs) * time.Millisecond),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(2 * time.Millisecond),
	}
}

func (t *transactions) take(ctx context.Context, ask step) (any, error) {
	switch ask.Op {
	case "init":
		t.client = open(t.bootstrap, transactional(ask.TransactionalID, ask.TimeoutMs)...)
		// With its id it has fenced all others of this name.
		_, _, err := t.client.ProducerID(ctx)
		return nil, err
	case "begin":
		return nil, t.client.BeginTransaction()
	case "send":
		return t.send(ctx, ask.Records)
	case "commit":
		return nil, t.client.EndTransaction(ctx, kgo.TryCommit)
	case "abort":
		return nil, t.client.EndTransaction(ctx, kgo.TryAbort)
	default:
		return nil, errors.New("franz-go has no step " + ask.Op)
	}
}

func (t *transactions) send(ctx context.Context, lines []outgoing) (any, error) {
	records := []*kgo.Record{}
	for _, line := range lines {
		records = append(records, record(line))
	}
	if err := t.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return nil, err
	}
	offsets := []int64{}
	for _, record := range records {
		offsets = append(offsets, record.Offset)
	}
	return offsets, nil
}

func transact(bootstrap string) {
	producer := &transactions{bootstrap: bootstrap}
	for ask := (step{}); next(&ask); ask = (step{}) {
		reply(producer.take(context.Background(), ask))
	}
}
