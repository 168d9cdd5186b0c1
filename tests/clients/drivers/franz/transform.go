// A loop of consume, transform, produce through franz-go: the verb `transform`.

package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// A transaction copies no more records than these.
	transformed          = 20
	transactionTimeoutMs = 60_000
)

// transformation is the first line of `transform`.
type transformation struct {
	membership
	TransactionalID string `json:"transactional_id"`
	From            string `json:"from"`
	To              string `json:"to"`
	AbortEvery      int    `json:"abort_every"`
}

// transformer is a member that copies what it is given.
type transformer struct {
	transformation
	session *kgo.GroupTransactSession
	turns   int
}

func (t *transformer) turn() {
	ctx, cancel := context.WithTimeout(context.Background(), pollFor)
	defer cancel()
	fetches := t.session.PollRecords(ctx, transformed)
	defer t.session.AllowRebalance()
	fetches.EachError(func(topic string, partition int32, err error) {
		if !errors.Is(err, context.DeadlineExceeded) {
			fmt.Fprintln(os.Stderr, topic, partition, err)
		}
	})
	if polled := fetches.Records(); len(polled) > 0 {
		t.copy(polled)
	}
}

// copy is one transaction. When it is not committed, the session goes back to where it began.
func (t *transformer) copy(polled []*kgo.Record) {
	ctx := context.Background()
	must(t.session.Begin())
	for _, got := range polled {
		made := &kgo.Record{Topic: t.To, Partition: got.Partition, Key: got.Key, Value: got.Value}
		t.session.Produce(ctx, made, func(_ *kgo.Record, err error) {
			if err != nil {
				fmt.Fprintln(os.Stderr, "produce:", err)
			}
		})
	}
	t.turns++
	wanted := kgo.TransactionEndTry(t.turns%t.AbortEvery != 0)
	committed, err := t.session.End(ctx, wanted)
	switch {
	case err != nil:
		must(err)
	case committed:
		answer(object{"committed": len(polled)})
	case bool(wanted):
		answer(object{"refused": "the group has rebalanced"})
	default:
		answer(object{"aborted": len(polled)})
	}
}

func transform(bootstrap string) {
	var wanted transformation
	if !next(&wanted) {
		must(errors.New("no transformation on standard input"))
	}
	ended := endOfInput()
	wanted.Topics = []string{wanted.From}
	options := append(wanted.options(&journal{uncommitted: map[place]int64{}}),
		transactional(wanted.TransactionalID, transactionTimeoutMs)...)
	options = append(options, patient(bootstrap)...)
	options = append(options, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.RequireStableFetchOffsets())
	session, err := kgo.NewGroupTransactSession(options...)
	must(err)
	member := &transformer{transformation: wanted, session: session}
	for {
		select {
		case <-ended:
			session.CloseAllowingRebalance()
			return
		default:
			member.turn()
		}
	}
}
