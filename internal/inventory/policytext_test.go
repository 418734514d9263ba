package inventory

import (
	"strings"
	"testing"
)

// A policy is an object, whatever form the answer or template had it in.
func TestPoliciesInStrings(t *testing.T) {
	const object = `{"Statement":[{"Effect":"Allow"}]}`
	tests := map[string]struct {
		line string
		want string // part of the body
	}{
		"object":        {`{"type":"AWS::KMS::Key","id":"k","account":"111122223333","properties":{"KeyPolicy":{"Statement":[{"Effect":"Allow"}]}}}`, `"KeyPolicy":` + object},
		"string":        {`{"type":"AWS::KMS::Key","id":"k","account":"111122223333","properties":{"KeyPolicy":"{\"Statement\":[{\"Effect\":\"Allow\"}]}"}}`, `"KeyPolicy":` + object},
		"with_spaces":   {`{"type":"AWS::S3::BucketPolicy","id":"b","account":"111122223333","properties":{"PolicyDocument":" {\"Statement\": [{\"Effect\": \"Allow\"}]}\n"}}`, `"PolicyDocument":` + object},
		"as_in_a_url":   {`{"type":"AWS::IAM::ManagedPolicy","id":"p","account":"111122223333","properties":{"PolicyDocument":"%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%7D%5D%7D"}}`, `"PolicyDocument":` + object},
		"in_a_list":     {`{"type":"AWS::IAM::Role","id":"r","account":"111122223333","properties":{"Policies":[{"PolicyName":"x","PolicyDocument":"{\"Statement\":[{\"Effect\":\"Allow\"}]}"},null,7]}}`, `"Policies":[{"PolicyName":"x","PolicyDocument":` + object + `},null,7]`},
		"cut":           {`{"type":"AWS::KMS::Key","id":"k","account":"111122223333","properties":{"KeyPolicy":"{\"Statement\":["}}`, `"KeyPolicy":"{\"Statement\":["`},
		"no_object":     {`{"type":"AWS::KMS::Key","id":"k","account":"111122223333","properties":{"KeyPolicy":"default"}}`, `"KeyPolicy":"default"`},
		"of_a_string":   {`{"type":"AWS::Logs::ResourcePolicy","id":"l","account":"111122223333","properties":{"PolicyDocument":"{}"}}`, `"PolicyDocument":"{}"`},
		"config_twice":  {`{"configurationItems":[{"configurationItemCaptureTime":"2026-01-31T10:00:00Z","configurationItemStatus":"OK","awsAccountId":"111122223333","resourceType":"AWS::KMS::Key","resourceId":"k","configuration":{"keyId":"k"},"supplementaryConfiguration":{"Policy":"\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\"}]}\""}}]}`, `"KeyPolicy":` + object},
		"cloud_control": {`{"TypeName":"AWS::SNS::TopicPolicy","ResourceDescription":{"Identifier":"t","Properties":"{\"Topics\":[\"arn:aws:sns:eu-west-1:111122223333:t\"],\"PolicyDocument\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\"}]}\"}"}}`, `"PolicyDocument":` + object},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeAll(t, strings.NewReader(test.line+"\n"), "x.jsonl")
			if len(f.Resources) != 1 || !strings.Contains(f.Resources[0].Body, test.want) {
				t.Errorf("got %+v %q, want one with %s", f.Resources, f.Problems, test.want)
			}
		})
	}
}
