// The Go library a8m/kinesis-producer as an application calls it: Put, aggregation of 50 KiB. See ../run.mjs and ../load.mjs.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	producer "github.com/a8m/kinesis-producer"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// counting counts the user records of accepted calls, by their share of the bytes put.
type counting struct {
	client      *kinesis.Client
	recordBytes int64
	accepted    atomic.Int64
}

func (c *counting) PutRecords(ctx context.Context, in *kinesis.PutRecordsInput, opts ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	out, err := c.client.PutRecords(ctx, in, opts...)
	if err == nil && aws.ToInt32(out.FailedRecordCount) == 0 {
		var bytes int64
		for _, record := range in.Records {
			bytes += int64(len(record.Data))
		}
		c.accepted.Add(bytes)
	}
	return out, err
}

type silent struct{}

func (silent) Info(string, ...producer.LogValue)         {}
func (silent) Error(string, error, ...producer.LogValue) {}

func number(name string) int64 {
	value, err := strconv.ParseInt(os.Getenv(name), 10, 64)
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	return value
}

func main() {
	text, err := os.ReadFile(os.Getenv("KEYS_FILE"))
	if err != nil {
		log.Fatal(err)
	}
	keys := strings.Split(strings.TrimSpace(string(text)), "\n")
	payload := []byte(strings.Repeat("x", int(number("BYTES"))))
	client := kinesis.New(kinesis.Options{
		BaseEndpoint: aws.String(os.Getenv("ENDPOINT")),
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("bench", "bench", ""),
	})
	putter := &counting{client: client}
	p := producer.New(&producer.Config{
		StreamName:    "bench",
		BacklogCount:  2000,
		FlushInterval: 100 * time.Millisecond,
		Logger:        silent{},
		Client:        putter,
	})
	p.Start()
	go func() {
		for range p.NotifyFailures() {
			log.Fatal("a record failed")
		}
	}()
	var put atomic.Int64
	// Bytes of an aggregate divided by those of a record in it: what is put and what is accepted differ by what waits.
	var putBytes atomic.Int64
	say := func(word string) {
		records, bytes, accepted := put.Load(), putBytes.Load(), putter.accepted.Load()
		fmt.Printf("%s %d\n", word, records*min(accepted, bytes)/max(1, bytes))
	}
	began := time.Now()
	warmUp := time.Duration(number("WARM_UP_MS")) * time.Millisecond
	end := warmUp + time.Duration(number("MEASURED_MS"))*time.Millisecond
	hasStarted := false
	for i := 0; ; i++ {
		if i%256 == 0 {
			elapsed := time.Since(began)
			if !hasStarted && elapsed >= warmUp {
				hasStarted = true
				say("start")
			}
			if elapsed >= end {
				say("end")
				os.Exit(0)
			}
		}
		if err := p.Put(payload, keys[i%len(keys)]); err != nil {
			log.Fatal(err)
		}
		put.Add(1)
		putBytes.Add(int64(len(payload)))
	}
}
