// Puts of an etcd client, for bench.consensus: so many callers, each of which puts, waits for the answer and puts again.
//
//	etcd_load ENDPOINTS CALLERS SECONDS VALUE_BYTES
//
// One JSON object on stdout: puts a second, and the latency of a put in microseconds. All callers share one connection to
// each endpoint, as the callers within a program do.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

type figures struct {
	PutsPerS float64 `json:"puts_per_s"`
	P50Us    float64 `json:"p50_us"`
	P99Us    float64 `json:"p99_us"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func number(text string) int {
	found, err := strconv.Atoi(text)
	must(err)
	return found
}

func puts(client *clientv3.Client, caller int, value string, end time.Time) []float64 {
	var took []float64
	key := fmt.Sprintf("key-%d", caller)
	for {
		began := time.Now()
		_, err := client.Put(context.Background(), key, value)
		must(err)
		took = append(took, float64(time.Since(began).Microseconds()))
		if time.Now().After(end) {
			return took
		}
	}
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: etcd_load ENDPOINTS CALLERS SECONDS VALUE_BYTES")
		os.Exit(2)
	}
	callers, seconds, value := number(os.Args[2]), number(os.Args[3]), strings.Repeat("x", number(os.Args[4]))
	client, err := clientv3.New(clientv3.Config{
		Endpoints:   strings.Split(os.Args[1], ","),
		DialTimeout: 5 * time.Second,
		Logger:      zap.NewNop(),
	})
	must(err)
	defer client.Close()
	_, err = client.Put(context.Background(), "first", value)
	must(err)
	began := time.Now()
	end := began.Add(time.Duration(seconds) * time.Second)
	all := make([][]float64, callers)
	var waiting sync.WaitGroup
	for caller := range all {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			all[caller] = puts(client, caller, value, end)
		}()
	}
	waiting.Wait()
	elapsed := time.Since(began).Seconds()
	var took []float64
	for _, some := range all {
		took = append(took, some...)
	}
	sort.Float64s(took)
	must(json.NewEncoder(os.Stdout).Encode(figures{
		PutsPerS: float64(len(took)) / elapsed,
		P50Us:    took[len(took)/2],
		P99Us:    took[len(took)*99/100],
	}))
}
