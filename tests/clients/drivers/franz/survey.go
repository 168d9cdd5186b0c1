// A survey of kadm: every call that its client offers, made once. See survey.py beside this folder.

package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// shown is how much of a result is told.
const shown = 200

// scene has the client under test, and the names of what is on the broker for it; see scene.py.
type scene struct {
	ctx    context.Context
	client *kadm.Client
	name   string
}

func (s *scene) of(what string) string { return s.name + "-" + what }

// call is one call: what makes it, and a text that its result has to hold.
type call struct {
	name string
	make func(*scene) (any, error)
	want string
}

type offered struct {
	Offers []string `json:"offers"`
}

type fine struct {
	Call string `json:"call"`
	OK   string `json:"ok"`
}

type failed struct {
	Call    string  `json:"call"`
	Error   *string `json:"error"`
	Message string  `json:"message"`
}

// offers are the methods of kadm's client.
func offers() []string {
	kind := reflect.TypeFor[*kadm.Client]()
	names := []string{}
	for i := range kind.NumMethod() {
		names = append(names, kind.Method(i).Name)
	}
	return names
}

var errorKind = reflect.TypeFor[error]()

// within is the first error anywhere in a result: kadm gives one for each topic, partition or member.
func within(value reflect.Value) error {
	if !value.IsValid() {
		return nil
	}
	if value.Type() == errorKind && !value.IsNil() {
		return value.Interface().(error)
	}
	switch value.Kind() {
	case reflect.Interface, reflect.Pointer:
		return within(value.Elem())
	case reflect.Struct:
		for i := range value.NumField() {
			if value.Type().Field(i).IsExported() {
				if err := within(value.Field(i)); err != nil {
					return err
				}
			}
		}
	case reflect.Map:
		for _, key := range value.MapKeys() {
			if err := within(value.MapIndex(key)); err != nil {
				return err
			}
		}
	case reflect.Slice:
		for i := range value.Len() {
			if err := within(value.Index(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// tooOld is what franz-go says where a broker does not have an API; the error itself is not exported.
const tooOld = "broker is too old"

// errorName is what Kafka calls an error, or null for what is not Kafka's.
func errorName(err error) *string {
	name := tooOld
	var known *kerr.Error
	if errors.As(err, &known) {
		name = known.Message
	} else if !strings.Contains(err.Error(), tooOld) {
		return nil
	}
	return &name
}

func survey(bootstrap, name string) {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.RequestRetries(2))
	must(err)
	s := &scene{context.Background(), kadm.NewClient(client), name}
	answer(offered{offers()})
	for _, one := range calls {
		found, err := one.make(s)
		if err == nil {
			err = within(reflect.ValueOf(&found))
		}
		text := fmt.Sprintf("%+v", found)
		if err == nil && !strings.Contains(text, one.want) {
			err = fmt.Errorf("this is not what was asked for, %q is not in it: %s", one.want, text)
		}
		if err != nil {
			answer(failed{one.name, errorName(err), err.Error()})
		} else {
			answer(fine{one.name, text[:min(len(text), shown)]})
		}
	}
}
