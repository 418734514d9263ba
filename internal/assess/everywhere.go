package assess

import (
	"cmp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bartizan-dev/bartizan/policy"
)

// binding is a definition that is judged everywhere, with what can be found out
// about it apart from all others.
type binding struct {
	definition *policy.Definition
	given      map[string]policy.Value
	bound      *policy.Bound
	lacking    []string
	hash       string
}

// addEverywhere judges definitions on all resources, with default parameters
// and what the options give. Binding is most of the work: all cores do it.
func (b *libraryBook) addEverywhere(definitions []*policy.Definition) {
	bindings := make([]binding, len(definitions))
	for i, d := range definitions {
		bindings[i] = binding{definition: d, given: b.givenFor(d.Parameters, d.Name, d.ID, d.DisplayName)}
	}
	onAllCores(len(bindings), func(i int) { bindings[i].bind() })
	for i := range bindings {
		if n := &bindings[i]; !b.leaveOutLacking(n.definition, n.lacking) {
			b.rules[b.number(n.definition, n.bound, n.hash)].everywhere = true
		} else if !isDisabled(n.bound) {
			b.couldNot(unjudged{id: cmp.Or(n.definition.ID, n.definition.Name), why: lacks(n.lacking), bound: n.bound, links: b.ownPolicies[n.definition]})
		}
	}
}

func (n *binding) bind() {
	n.bound = bindPolicy(n.definition, n.given)
	if n.lacking = lacking(n.bound); len(n.lacking) == 0 {
		n.hash = n.bound.Hash()
	}
}

// onAllCores calls do with the numbers below n, several at a time.
func onAllCores(n int, do func(int)) {
	var taken atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wait.Go(func() {
			for i := taken.Add(1) - 1; i < int64(n); i = taken.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	wait.Wait()
}

// lacking names the required parameters that have no value, also those that
// only a deployment would use: without them a binding cannot be assigned. A
// definition of a class that is not judged lacks nothing; it is told of that.
func lacking(bound *policy.Bound) []string {
	missing := bound.Lacking()
	if len(missing) == 0 {
		return nil
	}
	if class := bound.Definition.Class(); class != policy.ClassConfig && class != policy.ClassRelated && class != policy.ClassManual {
		return nil
	}
	return missing
}

// leaveOutLacking tells of a definition that lacks parameters.
func (b *ruleBook) leaveOutLacking(d *policy.Definition, lacking []string) bool {
	if len(lacking) > 0 {
		b.leaveOut(cmp.Or(d.ID, d.Name), cmp.Or(d.DisplayName, d.Name), lacks(lacking))
	}
	return len(lacking) > 0
}

func lacks(parameters []string) string { return "needs parameter " + strings.Join(parameters, ", ") }
