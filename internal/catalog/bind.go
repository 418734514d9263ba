package catalog

import (
	"encoding/json"
	"time"

	"github.com/bartizan-dev/bartizan/policy"
)

// Bind compiles the rule with the values given for its parameters, and with
// their defaults for the rest. Its counts go through lists of any length: nobody
// is to hide an open range behind a hundred others. What its if does not match is
// healthy: what it does not apply to is for applies to say.
func (r *Recommendation) Bind(given map[string]policy.Value) (*policy.Bound, error) {
	def, problems := policy.ParseDefinition(r.File, r.Definition)
	if def == nil {
		return nil, problems
	}
	bound := policy.Bind(def, given, policy.LongCounts, policy.SparingUnmatched)
	if len(r.Applies) == 0 || json.Valid(r.Applies) && string(r.Applies) == "null" {
		return bound, nil
	}
	where, problems := policy.ParseCondition(r.File, r.Applies)
	if where == nil {
		return nil, problems
	}
	return bound.OnlyWhere(where), nil
}

// brief gives what a set has to know of the rule before it is bound; nothing for
// one that is to be bound at once.
func (r *Recommendation) brief(aliases *policy.Aliases) policy.Brief {
	bound, err := r.Bind(nil)
	if err != nil {
		return policy.Brief{}
	}
	set := policy.NewSet(aliases, time.Time{})
	brief, _ := set.Brief(set.Add(bound))
	return brief
}

// ParametersHash is that of its rule, bound with its defaults; see [policy.Bound].
func (r *Recommendation) ParametersHash() (string, error) {
	if len(r.Brief.Types) > 0 {
		return r.Brief.Hash, nil
	}
	bound, err := r.Bind(nil)
	if err != nil {
		return "", err
	}
	return bound.Hash(), nil
}
