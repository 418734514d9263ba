package assess

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/policy"
)

// AllStandards is what chooses every built-in standard.
const AllStandards = "all"

// toldStandards are those whose compliance is asked for.
type toldStandards struct {
	any         bool // something is asked for, so that no default is told
	standards   []*catalog.Standard
	initiatives []*policy.Initiative
}

// tell notes what --standard names and says which names stand for nothing.
func (c *choice) tell(o *Options, standards []*catalog.Standard) []error {
	t := &c.told
	t.any = o.namesStandards()
	var unknown []error
	for _, name := range o.Standards {
		if strings.EqualFold(name, AllStandards) {
			t.standards = append(t.standards, standards...)
			continue
		}
		found := initiativesNamed(o.Library, name)
		if s := catalog.StandardNamed(standards, name); s != nil {
			t.standards = append(t.standards, s)
			if len(found) > 0 {
				unknown = append(unknown, fmt.Errorf("--standard %q: a built-in standard and an initiative in %s have this name; give the initiative another name", name, found[0].File))
			}
			continue
		}
		if len(found) == 0 {
			unknown = append(unknown, fmt.Errorf("--standard %q: neither a standard (%s, %s), an initiative of --catalog nor a file%s", name, catalog.StandardIDs(standards), AllStandards, meantStandard(o, standards, name)))
		}
		t.initiatives = append(t.initiatives, found...)
	}
	t.standards = append(t.standards, o.OwnStandards...)
	t.initiatives = append(t.initiatives, o.OwnInitiatives...)
	unknown = append(unknown, rivalNames(o, standards, t.initiatives)...)
	seen := map[string]bool{}
	t.standards = slices.DeleteFunc(t.standards, func(s *catalog.Standard) bool {
		again := seen[s.ID]
		seen[s.ID] = true
		return again
	})
	for _, s := range o.OwnStandards {
		unknown = append(unknown, unknownEvidence(o, s)...)
	}
	return unknown
}

// namesStandards reports whether the options say whose compliance is told.
func (o *Options) namesStandards() bool {
	return len(o.Standards)+len(o.OwnStandards)+len(o.OwnInitiatives) > 0
}

// rivalNames says which of the user's standards and initiatives have a name that
// another one has, of them or of initiatives that are chosen by name: their controls could not be told apart.
func rivalNames(o *Options, standards []*catalog.Standard, chosen []*policy.Initiative) []error {
	var wrong []error
	places := map[string]string{}
	check := func(name, place, what, alone, both string) {
		if catalog.StandardNamed(standards, name) != nil {
			wrong = append(wrong, fmt.Errorf("--standard: %s: a built-in standard has the %s %s; %s", place, what, name, alone))
		}
		first, twice := places[strings.ToLower(name)]
		switch {
		case !twice:
			places[strings.ToLower(name)] = place
		case first != place:
			wrong = append(wrong, fmt.Errorf("--standard: %s: %s has the %s %s too; %s", place, first, what, name, both))
		}
	}
	for _, s := range o.OwnStandards {
		check(s.ID, s.Place, "id", "name the file otherwise", "name one of the files otherwise")
	}
	for _, s := range o.OwnInitiatives {
		check(s.Name, placeOf(s), "name", "give the initiative another name", "give one of them another name")
	}
	own := maps.Clone(places)
	for _, s := range chosen {
		if _, twice := own[strings.ToLower(s.Name)]; twice && !slices.Contains(o.OwnInitiatives, s) {
			check(s.Name, placeOf(s), "name", "", "name the file otherwise")
		}
	}
	return wrong
}

// placeOf says where an initiative stands.
func placeOf(s *policy.Initiative) string {
	return fmt.Sprintf("%s:%d:%d", path.Clean(s.File), s.Pos.Line, s.Pos.Column)
}

// unknownEvidence says which rules a user's standard names that there are not,
// or that are about a cloud that the standard is not about: its controls would
// be told of resources it does not mean.
func unknownEvidence(o *Options, s *catalog.Standard) []error {
	var unknown []error
	for _, n := range s.Nodes {
		wrong := func(format string, args ...any) {
			unknown = append(unknown, fmt.Errorf("--standard: %s: control %q: "+format, slices.Insert(args, 0, any(n.Place), any(n.ID))...))
		}
		recommendations, policies := map[string]string{}, map[*policy.Definition]string{}
		for _, name := range n.Recommendations {
			e, ok := o.BuiltIn.Named(name)
			switch first := recommendations[e.ID]; {
			case !ok:
				wrong("there is no recommendation %q%s", name, spelling.Meant(name, recommendationIDs(o.BuiltIn)))
			case len(s.Clouds) > 0 && !slices.Contains(s.Clouds, e.Cloud): // none: that is told of the file
				wrong("recommendation %q is about %s, which is none of the standard's clouds", name, e.Cloud)
			case first != "":
				wrong("%q and %q are one recommendation; name it once", first, name)
			}
			recommendations[e.ID] = name
		}
		for _, name := range n.Policies {
			found := definitionsNamed(o.Library, name)
			if len(found) == 0 {
				wrong("there is no policy %q in --catalog%s", name, spelling.Meant(name, policyNames(o.Library)))
			}
			for _, d := range found {
				if first := policies[d]; first != "" {
					wrong("%q and %q are one policy; name it once", first, name)
				}
				policies[d] = name
			}
		}
	}
	return unknown
}

// chooseStandards settles whose compliance is told.
func (b *ruleBook) chooseStandards(c *catalog.Catalog, chosen *choice) error {
	all, err := c.Standards()
	if err != nil {
		return err
	}
	b.known = all
	switch {
	case chosen.told.any:
		b.standards = chosen.told.standards
	case chosen.any:
		for _, s := range all {
			if chosen.standards[s.ID] {
				b.standards = append(b.standards, s)
			}
		}
	default:
		b.byCloud = true
		for _, s := range all {
			if s.Default {
				b.standards = append(b.standards, s)
			}
		}
	}
	for _, s := range b.standards {
		for _, n := range s.Nodes {
			ref := catalog.StandardRef{Standard: s.ID, Control: n.ID}
			for _, name := range n.Recommendations {
				if e, ok := c.Named(name); ok {
					b.ownLinks[e.ID] = append(b.ownLinks[e.ID], ref)
				}
			}
			for _, name := range n.Policies {
				for _, d := range definitionsNamed(b.options.Library, name) {
					b.ownPolicies[d] = append(b.ownPolicies[d], ref)
				}
			}
		}
	}
	return nil
}

// toldHere lists the standards whose compliance is told, of the defaults those
// that speak about a cloud of the estate.
func (run *run) toldHere() []*catalog.Standard {
	if !run.book.byCloud {
		return run.book.standards
	}
	met := map[posture.Cloud]bool{}
	for _, unit := range run.namedUnits() {
		met[posture.CloudOfUnit(unit)] = true
	}
	var told []*catalog.Standard
	for _, s := range run.book.standards {
		if slices.ContainsFunc(s.Clouds, func(c posture.Cloud) bool { return met[c] }) {
			told = append(told, s)
		}
	}
	return told
}
