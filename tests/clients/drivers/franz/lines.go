// The lines that every driver speaks; protocol.py beside this folder describes them.

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
)

// maxLine has room for a value of 1 MB in base64.
const maxLine = 4 << 20

// manner is how records are sent; each needs a client of its own.
type manner struct {
	Codec      string `json:"codec"`
	Acks       string `json:"acks"`
	Idempotent bool   `json:"idempotent"`
}

// header is a pair of a name and a content that may be null.
type header struct {
	name    string
	content []byte
}

func (h header) MarshalJSON() ([]byte, error) { return json.Marshal([]any{h.name, h.content}) }

func (h *header) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&h.name, &h.content})
}

// outgoing is a line of `produce`. A slice that is nil is null, as in encoding/json.
type outgoing struct {
	manner
	N         int64    `json:"n"`
	Topic     string   `json:"topic"`
	Partition int32    `json:"partition"`
	Key       []byte   `json:"key"`
	Value     []byte   `json:"value"`
	Headers   []header `json:"headers"`
	Timestamp *int64   `json:"timestamp_ms"`
}

// wanted is a line of `consume`.
type wanted struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Count     int    `json:"count"`
}

// consumed is an answer of `consume`.
type consumed struct {
	Topic     string   `json:"topic"`
	Partition int32    `json:"partition"`
	Offset    int64    `json:"offset"`
	Timestamp int64    `json:"timestamp_ms"`
	Key       []byte   `json:"key"`
	Value     []byte   `json:"value"`
	Headers   []header `json:"headers"`
}

type acknowledged struct {
	N         int64  `json:"n"`
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
}

type refused struct {
	N     int64  `json:"n"`
	Error string `json:"error"`
}

var (
	input  = bufio.NewScanner(os.Stdin)
	output = json.NewEncoder(os.Stdout)
	write  sync.Mutex
)

// next reads one line into `into`; false at the end of input.
func next(into any) bool {
	if !input.Scan() {
		return false
	}
	must(json.Unmarshal(input.Bytes(), into))
	return true
}

type object = map[string]any

// reply answers a line that names an operation.
func reply(result any, err error) {
	var broker *kerr.Error
	switch {
	case err == nil:
		answer(object{"ok": result})
	case errors.As(err, &broker):
		answer(object{"error": broker.Code, "message": err.Error()})
	default:
		answer(object{"error": nil, "message": err.Error()})
	}
}

// answer writes one line; any goroutine may.
func answer(line any) {
	write.Lock()
	defer write.Unlock()
	must(output.Encode(line))
}
