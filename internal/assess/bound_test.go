package assess

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/catalog"
)

// Only the rules of what is met are bound: a start costs what the input needs,
// however large the catalogue.
func TestRules_of_types_that_are_not_met_stay_unbound(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	const bucket = `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b"}}`
	o := Options{
		BuiltIn: c, Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		Inputs: []Input{{Name: "in.jsonl", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(bucket)), nil }}},
	}
	run, err := newRun(&o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.read(context.Background()); err != nil {
		t.Fatal(err)
	}
	concern := 0
	for _, r := range run.book.rules {
		for _, about := range append(r.recommendation.Brief.Types, r.recommendation.Brief.Target) {
			if about == "aws::s3::bucket" {
				concern++
				break
			}
		}
	}
	if got, want := run.book.set.Len()-run.book.set.Unbound(), concern; got != want || concern == 0 {
		t.Errorf("%d of %d rules are bound, want the %d about buckets", got, run.book.set.Len(), want)
	}
}
