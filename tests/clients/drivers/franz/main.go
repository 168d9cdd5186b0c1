// The driver around franz-go. The lines it speaks are described in protocol.py beside this folder.

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// A record of exactly 1 MB must pass with its framing.
	batchMaxBytes = 1_048_576
	// A broker that is killed and started again is back in well under a second.
	retryBackoff   = 20 * time.Millisecond
	metadataMinAge = 50 * time.Millisecond
)

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

var acks = map[string]kgo.Acks{"0": kgo.NoAck(), "1": kgo.LeaderAck(), "all": kgo.AllISRAcks()}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func patient(bootstrap string) []kgo.Opt {
	return []kgo.Opt{
		kgo.SeedBrokers(bootstrap),
		kgo.MetadataMinAge(metadataMinAge),
		kgo.RetryBackoffFn(func(int) time.Duration { return retryBackoff }),
		// A broker that is killed may close a connection before its first answer, which is no wrong configuration here.
		kgo.AlwaysRetryEOF(),
	}
}

func open(bootstrap string, options ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(append(options, patient(bootstrap)...)...)
	must(err)
	return client
}

func openProducer(bootstrap string, how manner) *kgo.Client {
	options := []kgo.Opt{
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(codecs[how.Codec]),
		kgo.RequiredAcks(acks[how.Acks]),
		kgo.ProducerBatchMaxBytes(batchMaxBytes),
		kgo.ProducerLinger(2 * time.Millisecond),
		kgo.AllowAutoTopicCreation(),
	}
	if !how.Idempotent {
		options = append(options, kgo.DisableIdempotentWrite())
	}
	return open(bootstrap, options...)
}

// blank is a line of `produce` in which nothing was said.
func blank() outgoing { return outgoing{manner: manner{Codec: "none", Acks: "all"}} }

func record(line outgoing) *kgo.Record {
	made := &kgo.Record{Topic: line.Topic, Partition: line.Partition, Key: line.Key, Value: line.Value}
	for _, header := range line.Headers {
		made.Headers = append(made.Headers, kgo.RecordHeader{Key: header.name, Value: header.content})
	}
	if line.Timestamp != nil {
		made.Timestamp = time.UnixMilli(*line.Timestamp)
	}
	return made
}

func produce(bootstrap string) {
	ctx := context.Background()
	producers := map[manner]*kgo.Client{}
	for line := blank(); next(&line); line = blank() {
		producer := producers[line.manner]
		if producer == nil {
			producer = openProducer(bootstrap, line.manner)
			producers[line.manner] = producer
		}
		n, unacknowledged := line.N, line.Acks == "0"
		producer.Produce(ctx, record(line), func(done *kgo.Record, err error) {
			switch {
			case err != nil:
				answer(refused{n, err.Error()})
			case unacknowledged:
				answer(acknowledged{n, done.Topic, done.Partition, -1})
			default:
				answer(acknowledged{n, done.Topic, done.Partition, done.Offset})
			}
		})
	}
	for _, producer := range producers {
		must(producer.Flush(ctx))
		producer.Close()
	}
}

func consume(bootstrap string, isolation string, maxWait time.Duration) {
	left := map[place]int{}
	assigned := map[string]map[int32]kgo.Offset{}
	missing := 0
	for want := (wanted{}); next(&want); want = (wanted{}) {
		if assigned[want.Topic] == nil {
			assigned[want.Topic] = map[int32]kgo.Offset{}
		}
		assigned[want.Topic][want.Partition] = kgo.NewOffset().At(want.Offset)
		left[place{want.Topic, want.Partition}] = want.Count
		missing += want.Count
	}
	level := kgo.ReadUncommitted()
	if isolation == "read_committed" {
		level = kgo.ReadCommitted()
	}
	consumer := open(bootstrap, kgo.ConsumePartitions(assigned), kgo.FetchIsolationLevel(level),
		kgo.FetchMaxWait(maxWait), kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	defer consumer.Close()
	for missing > 0 {
		fetches := consumer.PollFetches(context.Background())
		must(fetches.Err())
		fetches.EachRecord(func(got *kgo.Record) {
			if left[place{got.Topic, got.Partition}] == 0 {
				return
			}
			left[place{got.Topic, got.Partition}]--
			missing--
			headers := []header{}
			for _, one := range got.Headers {
				headers = append(headers, header{one.Key, one.Value})
			}
			answer(consumed{got.Topic, got.Partition, got.Offset, got.Timestamp.UnixMilli(), got.Key, got.Value, headers})
		})
	}
}

func main() {
	input.Buffer(nil, maxLine)
	verb, bootstrap := os.Args[1], os.Args[2]
	options := map[string]string{"--isolation": "read_uncommitted", "--max-wait-ms": "100"}
	for i := 3; i+1 < len(os.Args); i += 2 {
		options[os.Args[i]] = os.Args[i+1]
	}
	maxWait, err := time.ParseDuration(options["--max-wait-ms"] + "ms")
	must(err)
	switch verb {
	case "produce":
		produce(bootstrap)
	case "consume":
		consume(bootstrap, options["--isolation"], maxWait)
	case "admin":
		admin(bootstrap)
	case "survey":
		survey(bootstrap, options["--name"])
	case "group":
		group(bootstrap)
	case "transact":
		transact(bootstrap)
	case "transform":
		transform(bootstrap)
	default:
		must(fmt.Errorf("unknown verb %q", verb))
	}
}
