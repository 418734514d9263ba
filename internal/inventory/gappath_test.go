package inventory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// What the path of a gap means in a body: the places that are not known then.
// A path that is not understood is named and taken as the whole body.
func TestGapPlaces(t *testing.T) {
	const (
		unit   = "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000a"
		arm    = unit + " N.S/t"
		aws    = "111122223333 AWS::Test::Thing"
		bucket = "111122223333 AWS::S3::Bucket"
		gcp    = "projects/42 storage.googleapis.com/Bucket"
		server = "machines/a machine"
		any    = "/ *"
		named  = "named"
	)
	tests := []struct{ about, path, want string }{
		{arm, "properties.a", "properties.a"},
		{arm, " properties.a ", "properties.a"},
		{arm, "$.properties.a", "properties.a"},
		{arm, "$['properties']['a']", "properties['a']"},
		{arm, "properties.a.b[*].c[2]", "properties.a.b[*].c[2]"},
		{arm, "properties['a.b/c'].d", "properties['a.b/c'].d"},
		{arm, `properties["a.b"]`, "properties['a.b']"},
		{arm, "properties.l[].k", "properties.l[*].k"},
		{arm, "properties.l.*.k", "properties.l[*].k"},
		{arm, "properties.*", "properties"},
		{arm, "*", ""},
		{arm, "$", ""},
		{arm, "tags", "tags"},
		{arm, "tags.*", "tags"},
		{arm, "tags.a b/c*", "tags.a b/c*"},
		{arm, "tags[env]", "tags['env']"},
		{arm, "tags['env']", "tags['env']"},
		{arm, "properties.tags", "properties.tags, tags"},
		{arm, "properties.tags.env", "properties.tags.env, tags.env"},
		{arm, "Identity.type", "Identity.type, properties.Identity.type"},
		{arm, "networkAcls", named},
		{arm, "resource.properties.a", named},
		{arm, "data.a", named},
		{arm, "/properties/a", "properties.a"},
		{arm, "#/properties/a/0/b~1c", "properties.a[0]['b/c']"},
		{arm, "/properties/a/*/b", "properties.a[*].b"},
		{arm, "/tags/a.b", "tags['a.b']"},
		{arm, "/a/b", named},
		{arm, "/properties/", named},
		{arm, "N.S/t/a", named},
		{arm, "properties/a", named},
		{arm, "properties..a", named},
		{arm, "properties.a.", named},
		{arm, "properties.a[", named},
		{arm, "properties.a[?(@.b)]", named},
		{arm, "properties.a[1:2]", named},
		{arm, "properties.a b", named},
		{arm, "properties.**", named},
		{arm, "['a.b'].c", named},
		{arm, "tags.", named},

		{aws, "A.B", "A.B, properties.A.B"},
		{aws, "configuration.a", "configuration.a, properties.configuration.a, properties.a"},
		{aws, "configuration", "configuration, properties.configuration, properties, tags"},
		{bucket, "configuration.a", "configuration.a, properties.configuration.a, properties, tags"},
		{bucket, "supplementaryConfiguration.a", "supplementaryConfiguration.a, properties.supplementaryConfiguration.a, properties, tags"},
		{aws, "tags.env", "tags.env, properties.Tags"},
		{aws, "Tags[0].Value", "Tags[0].Value, tags, properties.Tags"},
		{aws, "properties.Tags[*].Value", "properties.Tags[*].Value, tags, properties.Tags"},
		{aws, "properties.Tags['env']", "properties.Tags['env'], tags['env']"},
		{aws, "resource.data.a", named},

		{gcp, "resource.data.a", "resource.data.a, properties.resource.data.a, properties.a"},
		{gcp, "resource.data", "resource.data, properties.resource.data, properties, tags, location"},
		{gcp, "data.a", "data.a, properties.data.a, properties.a"},
		{gcp, "data", "data, properties.data, properties, tags, location"},
		{gcp, "a", "a, properties.a"},
		{gcp, "iam_policy.bindings", "iam_policy.bindings, properties.iam_policy.bindings, iamPolicy.bindings, properties.iamPolicy.bindings"},
		{gcp, "data.iam_configuration", "data.iam_configuration, properties.data.iam_configuration, properties.iam_configuration, data.iamConfiguration, properties.data.iamConfiguration, properties.iamConfiguration"},
		{gcp, "labels.env", "labels.env, properties.labels.env, tags"},
		{gcp, "resource.location", "resource.location, properties.resource.location, location"},
		{gcp, "resource.data.location", "resource.data.location, properties.resource.data.location, properties.location, location"},
		{gcp, "/resource/data/zone", "resource.data.zone, properties.resource.data.zone, properties.zone, location"},
		{gcp, "data.region", "data.region, properties.data.region, properties.region, location"},
		{gcp, "properties.location", "properties.location, location"},
		{gcp, "properties.locationType", "properties.locationType"},
		{gcp, "data.settings", "data.settings, properties.data.settings, properties.settings, tags"},
		{gcp, "data.settings.tier", "data.settings.tier, properties.data.settings.tier, properties.settings.tier"},
		{gcp, "resource.properties.a", named},
		{gcp, "resource", named},

		{server, "sshd.permitRootLogin", "sshd.permitRootLogin, properties.sshd.permitRootLogin"},
		{any, "networkAcls", "networkAcls, properties.networkAcls"},
		{any, "data.a", named},
		{any, "configuration.a", named},
	}
	for _, test := range tests {
		t.Run(test.about+" "+test.path, func(t *testing.T) {
			scope, kind, _ := strings.Cut(test.about, " ")
			f := decodeText(t, fmt.Sprintf(`{"bartizan":"read","scope":%q,"type":%q,"complete":true,"denied":[{"path":%q}]}`, scope, kind, test.path))
			if len(f.Reads) != 1 || len(f.Reads[0].Gaps) > 1 != (test.want == named) {
				t.Fatalf("%+v", f)
			}
			r := f.Reads[0]
			got := strings.Join(GapPlaces(&r, &r.Gaps[0]), ", ")
			if test.want == named {
				if got != "" || len(f.Problems) != 1 || !r.Gaps[0].Body || r.Complete {
					t.Errorf("got %q, %q, want it named and taken as the whole body", got, f.Problems)
				}
				return
			}
			if got != test.want || f.Problems != nil || r.Gaps[0].Body != (got == "") {
				t.Errorf("got %q, %q, want %q", got, f.Problems, test.want)
			}
		})
	}
}

// The kind of ids tells the cloud where the type does not.
func TestGapPlacesByID(t *testing.T) {
	for id, want := range map[string]string{
		"//x.googleapis.com/a": "properties.a", "arn:aws:s3:::b": "properties.data.a",
	} {
		r := posture.ReadRecord{Scope: "/", Type: "*"}
		got := GapPlaces(&r, &posture.Gap{ID: id, Path: "data.a"})
		if got[len(got)-1] != want {
			t.Errorf("%s: got %q, want %q last", id, got, want)
		}
	}
}
