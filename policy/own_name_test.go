package policy

import "testing"

// TestOwnName_agrees_with_evaluating holds names written without evaluating
// their expressions against the evaluated ones.
func TestOwnName_agrees_with_evaluating(t *testing.T) {
	const group = "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/rg/providers/"
	resources := []*Resource{
		{ID: group + "Microsoft.Compute/virtualMachines/vm", Type: "Microsoft.Compute/virtualMachines", Name: "vm", FullName: "vm"},
		{ID: group + "Microsoft.Compute/virtualMachines/vm/extensions/e", Type: "Microsoft.Compute/virtualMachines/extensions", Name: "e", FullName: "vm/e"},
		{ID: group + "Microsoft.Compute/virtualMachines/", Type: "Microsoft.Compute/virtualMachines"},
		{ID: "x", Type: "a/b", Name: "a//b/", FullName: "/"},
	}
	tests := map[string]bool{
		"[field('fullName')]":                    true,
		"[field('NAME')]":                        true,
		"[first(split(field('fullName'), '/'))]": true,
		"[concat('a', last(split(field('fullName'), '/')), '-', field('name'))]": true,
		"[concat(first(split(concat('x/', field('name')), '/')), '/agent')]":     true,
		"[last(split(field('name'), '-'))]":                                      false,
		"[toLower(field('name'))]":                                               false,
		"[field('location')]":                                                    false,
		"[concat(field('name'), 7)]":                                             false,
		"[first(field('name'))]":                                                 false,
	}
	fields := newFieldResolver(nil)
	for text, quick := range tests {
		e, err := ParseExpression(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := isOwnName(e.root); got != quick {
			t.Errorf("%s: a name made of the resource's own: %v, want %v", text, got, quick)
		}
		for _, r := range resources {
			x, f := newCandidates(), &frame{self: r, outer: r, fields: fields}
			x.at.read(r.ID)
			if !quick {
				continue
			}
			want, err := f.take(Template{Expr: e})
			if got, ok := x.appendOwnName(nil, e.root, r); ok && (err != nil || string(got) != want.Text()) {
				t.Errorf("%s of %q: %q, want %q, %v", text, r.FullName, got, want.Text(), err)
			}
		}
	}
}
