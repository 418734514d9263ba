package access

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestSecret(t *testing.T) {
	for _, kind := range []SecretKind{PersonalToken, ClientSecret, SessionSecret, BearerSecret, LinkSecret} {
		s := must(NewSecret(kind, rand.Reader))(t)
		text := s.Reveal()
		back := must(ParseSecret(kind, text))(t)
		hash := s.Hash()
		if back != s || KindOf(text) != kind || back.Kind() != kind || back.ID() != s.ID() || !back.Is(hash[:]) {
			t.Errorf("%s: %s came back as %s", kind, text, back.Reveal())
		}
		other := must(NewSecret(kind, rand.Reader))(t)
		if other.Is(hash[:]) || s.Is(nil) || s.Is([]byte(text)) || (Secret{}).Is(hash[:]) {
			t.Errorf("%s: it is what it is not", kind)
		}
	}
	if _, err := NewSecret(PersonalToken, strings.NewReader("short")); err == nil {
		t.Error("a secret of too few bytes")
	}
}

func TestSecretText(t *testing.T) {
	zero := must(NewSecret(PersonalToken, bytes.NewReader(make([]byte, 40))))(t).Reveal()
	full := must(NewSecret(PersonalToken, bytes.NewReader(bytes.Repeat([]byte{0xff}, 40))))(t).Reveal()
	if want := "bzt_00000000000_" + strings.Repeat("0", 43); !strings.HasPrefix(zero, want) {
		t.Errorf("%s, want %s…", zero, want)
	}
	// 2^64-1 and 2^256-1, which no bits are lost of.
	if want := "bzt_LygHa16AHYF_"; !strings.HasPrefix(full, want) || len(full) != len(zero) || strings.HasPrefix(full[16:], "0") {
		t.Errorf("%s, want %s…", full, want)
	}
}

func TestParseSecretRefuses(t *testing.T) {
	text := must(NewSecret(PersonalToken, rand.Reader))(t).Reveal()
	// Of every place another digit is noticed.
	for i := range text {
		for _, d := range []byte("0z_-") {
			if text[i] == d {
				continue
			}
			other := text[:i] + string(d) + text[i+1:]
			if _, err := ParseSecret(PersonalToken, other); FaultOf(err) != Refused {
				t.Fatalf("%s instead of %s: error %v", other, text, err)
			}
		}
	}
	for name, text := range map[string]string{
		"empty": "", "cut": text[:len(text)-1], "more": text + "0", "blank": " " + text, "other_kind": "bzs" + text[3:], "prefix": "bzt_",
	} {
		if _, err := ParseSecret(PersonalToken, text); FaultOf(err) != Refused || len(text) > 9 && strings.Contains(err.Error(), text[5:]) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func FuzzParseSecret(f *testing.F) {
	f.Add("bzt_LygHa16AHYF_" + strings.Repeat("0", 49))
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSecret(PersonalToken, text)
		if (err == nil) != (s.Reveal() == text && text != "") {
			t.Errorf("%q: secret %q, error %v", text, s.Reveal(), err)
		}
	})
}

func TestSecretIsNotPrinted(t *testing.T) {
	s := must(NewSecret(PersonalToken, rand.Reader))(t)
	hidden := s.Reveal()[16:]
	printed := fmt.Sprintf("%v %+v %#v %s %q %x %d %v", s, s, s, s, s, s, s, []any{&s, struct{ S Secret }{s}})
	asJSON := must(json.Marshal(map[string]any{"s": s}))(t)
	if strings.Contains(printed, hidden) || strings.Contains(printed, fmt.Sprintf("%x", hidden)) || strings.Contains(string(asJSON), hidden) {
		t.Errorf("printed %s, JSON %s", printed, asJSON)
	}
	if !strings.Contains(printed, s.ID()) {
		t.Errorf("printed %s without the id", printed)
	}
}
