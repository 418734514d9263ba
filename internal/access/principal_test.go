package access

import (
	"bytes"
	"strings"
	"testing"
)

func TestNewID(t *testing.T) {
	id, err := NewID(bytes.NewReader(bytes.Repeat([]byte{0xff}, 16)))
	if want := "ffffffff-ffff-4fff-bfff-ffffffffffff"; id != want || err != nil {
		t.Errorf("%q, error %v, want %q", id, err, want)
	}
	if _, err := NewID(strings.NewReader("short")); err == nil {
		t.Error("an id of too few bytes")
	}
}

func TestFold(t *testing.T) {
	for _, pair := range [][2]string{{"Anna", "aNNA"}, {"M\u00fcller", "mu\u0308LLER"}, {"straße", "STRASSE"}, {"ａｎｎａ", "anna"}, {"ﬁ", "FI"}} {
		if Fold(pair[0]) != Fold(pair[1]) {
			t.Errorf("%q and %q are not the same", pair[0], pair[1])
		}
	}
	if Fold("anna") == Fold("anne") {
		t.Error("two names are one")
	}
}

func TestCheckName(t *testing.T) {
	tests := map[string]struct {
		kind PrincipalKind
		name string
		ok   bool
	}{
		"plain":         {User, "Anna Müller", true},
		"mail":          {User, "anna@contoso.com", true},
		"group_of_guid": {Group, "0a1b2c3d-0000-4000-8000-00000000000a", true},
		"longest":       {User, strings.Repeat("ä", 200), true},
		"too_long":      {User, strings.Repeat("a", 201), false},
		"empty":         {User, "", false},
		"blank":         {User, " ", false},
		"blank_before":  {User, " anna", false},
		"control":       {User, "an\x00na", false},
		"line":          {User, "an\nna", false},
		"right_to_left": {User, "an\u202ena", false},
		"not_utf8":      {User, "an\xffna", false},
		"server":        {ServicePrincipal, "SYSTEM", false},
		"kind":          {"robot", "anna", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := CheckName(test.kind, test.name)
			if (err == nil) != test.ok || err != nil && FaultOf(err) != Invalid {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestFindPrincipal(t *testing.T) {
	all := []Principal{
		{ID: "1", Kind: User, Name: "Anna"},
		{ID: "2", Kind: ServicePrincipal, Name: "anna"},
		{ID: "3", Kind: User, Name: "Bert"},
		{ID: "4", Kind: Group, Name: "3"},
	}
	tests := map[string]struct {
		text  string
		kinds []PrincipalKind
		want  string // id
		fault Fault
	}{
		"name":           {"BERT", nil, "3", NoFault},
		"id":             {"2", nil, "2", NoFault},
		"kind_decides":   {"anna", []PrincipalKind{User}, "1", NoFault},
		"two_of_a_name":  {"anna", nil, "", Ambiguous},
		"name_is_an_id":  {"3", nil, "", Ambiguous},
		"none":           {"carl", nil, "", Missing},
		"none_of_a_kind": {"bert", []PrincipalKind{ServicePrincipal}, "", Missing},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := FindPrincipal(all, test.text, test.kinds...)
			if p.ID != test.want || FaultOf(err) != test.fault {
				t.Errorf("%q, error %v", p.ID, err)
			}
		})
	}
	_, err := FindPrincipal(all, "anna")
	if err == nil || !strings.Contains(err.Error(), "1 (user), 2 (service-principal)") {
		t.Errorf("error %v does not name the ids", err)
	}
}
