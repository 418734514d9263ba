package data

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// drawTexts draws texts, with repetitions.
func drawTexts(t *rapid.T, label string) []string {
	return rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b", "ab", "A", "é", "a\x00"}), 0, 20).Draw(t, label)
}

// TestTermsNumberTexts holds terms against a list that is searched.
func TestTermsNumberTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var terms Terms
		var list []string
		for range rapid.IntRange(0, 4).Draw(t, "calls") {
			texts := drawTexts(t, "texts")
			numbers := make([]uint32, len(texts))
			if rapid.IntRange(0, 4).Draw(t, "blank") == 0 && !slices.Contains(list, "(blank)") {
				terms.Blank()
				list = append(list, "(blank)")
			}
			terms.NumberAll(texts, numbers)
			for i, s := range texts {
				if !slices.Contains(list, s) {
					list = append(list, s)
				}
				if want := slices.Index(list, s); int(numbers[i]) != want {
					t.Fatalf("number of %q is %d, want %d", s, numbers[i], want)
				}
			}
		}
		looked := append(drawTexts(t, "looked up"), "(blank)")
		found := make([]uint32, len(looked))
		terms.FindAll(looked, found)
		for i, s := range looked {
			want := uint32(NoTerm)
			if at := slices.Index(list, s); at >= 0 && s != "(blank)" {
				want = uint32(at)
			}
			if found[i] != want || terms.Find(s) != want {
				t.Fatalf("%q found as %d and %d, want %d", s, found[i], terms.Find(s), want)
			}
		}
	})
}

// TestTermsAmongOthers translates numbers between terms of any size, to and fro.
func TestTermsAmongOthers(t *testing.T) {
	for _, tt := range []struct{ these, others int }{{0, 0}, {0, 5}, {5, 0}, {10, 100}, {100, 10}, {30_000, 20_000}, {20_000, 30_000}} {
		var these, others Terms
		for i := range tt.these {
			these.Number("text " + strconv.Itoa(2*i))
		}
		others.Blank()
		for i := range tt.others {
			others.Number("text " + strconv.Itoa(3*i))
		}
		got := these.In(&others)
		if len(got) != tt.these {
			t.Fatalf("%+v: %d numbers", tt, len(got))
		}
		for i, number := range got {
			if want := others.Find(these.Texts()[i]); number != want {
				t.Fatalf("%+v: %s is %d among the others, want %d", tt, these.Texts()[i], number, want)
			}
		}
	}
}

// TestManyTermsAreNumberedAsFewAre: many are numbered and found in another way.
func TestManyTermsAreNumberedAsFewAre(t *testing.T) {
	var terms Terms
	texts := make([]string, 3*crowdedTerms)
	for i := range texts {
		texts[i] = strconv.Itoa(i * 7 % (2 * crowdedTerms))
	}
	numbers := make([]uint32, len(texts))
	for part := range slices.Chunk(texts, 1000) {
		terms.NumberAll(part, numbers[:len(part)])
		for i, s := range part {
			if terms.Texts()[numbers[i]] != s {
				t.Fatalf("%s has the number of %s", s, terms.Texts()[numbers[i]])
			}
		}
	}
	if terms.Len() != 2*crowdedTerms {
		t.Errorf("%d terms, want %d", terms.Len(), 2*crowdedTerms)
	}
	terms.FindAll([]string{"1", "x", "1"}, numbers[:3])
	if numbers[0] != terms.Number("1") || numbers[1] != NoTerm || numbers[2] != numbers[0] {
		t.Errorf("found %d", numbers[:3])
	}
}

// TestVectorKeepsItsTerms where every row still has one.
func TestVectorKeepsItsTerms(t *testing.T) {
	terms := &Terms{}
	v := &Vector{Type: String, Len: 4, Texts: []string{"a", "b", "a", "c"}, Terms: terms, Codes: make([]uint32, 4)}
	terms.NumberAll(v.Texts, v.Codes)
	others := &Vector{Type: String, Len: 1, Texts: []string{"a"}, Terms: &Terms{}, Codes: []uint32{0}}
	for _, tt := range []struct {
		name string
		of   *Vector
		kept bool
	}{
		{"sliced", v.Slice(1, 3), true},
		{"gathered", v.Gather([]int32{3, 0, 0}), true},
		{"gathered with a null", v.Gather([]int32{3, -1}), false},
		{"joined", Concat(String, v, v.Slice(2, 4)), true},
		{"joined with others", Concat(String, v, others), false},
		{"joined with none", Concat(String, v, NewVector(String, 1)), false},
	} {
		if kept := tt.of.Terms == terms; kept != tt.kept {
			t.Errorf("%s: terms kept: %v, want %v", tt.name, kept, tt.kept)
		}
		for i, code := range tt.of.Codes {
			if terms.Texts()[code] != tt.of.Texts[i] {
				t.Errorf("%s: row %d is %q and term %q", tt.name, i, tt.of.Texts[i], terms.Texts()[code])
			}
		}
		if tt.kept && len(tt.of.Codes) != tt.of.Len {
			t.Errorf("%s: %d numbers for %d rows", tt.name, len(tt.of.Codes), tt.of.Len)
		}
	}
}
