package settings

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/signon"
	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// The settings of a sign-in elsewhere, and of a role that a group gives.
var (
	providerKeys = []string{"title", "issuer", "client-id", "client-secret", "scopes", "groups-claim", "name-claim", "roles"}
	roleKeys     = []string{"group", "role", "scope"}
)

// keyOf is how the file spells a property of signon.Provider.
var keyOf = strings.NewReplacer("clientId", "client-id", "groupsClaim", "groups-claim", "nameClaim", "name-claim")

// readSignOn reads the mapping of names to sign-ins elsewhere.
func (f *File) readSignOn(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		f.report(n, "%s: got %s, want a mapping of names", signOnKey, kindOf(n))
		return
	}
	issuers := map[string]string{}
	names := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		p := f.provider(key, n.Content[i+1])
		if other := issuers[p.Issuer]; other != "" {
			f.report(key, "%s: %s: has the issuer of %s; want one for each", signOnKey, p.Name, other)
		}
		if names[p.Name] {
			f.report(key, "%s: %q is there twice", signOnKey, p.Name)
		}
		issuers[p.Issuer], names[p.Name] = p.Name, true
		f.signOn = append(f.signOn, p)
	}
}

func (f *File) provider(key, n *yaml.Node) Provider {
	p := Provider{Origin: f.at(key)}
	p.Name = key.Value
	what := signOnKey + ": " + p.Name
	if n.Kind != yaml.MappingNode {
		f.report(n, "%s: got %s, want a mapping", what, kindOf(n))
		return p
	}
	places := map[string]*yaml.Node{"name": key}
	for k, v := range f.members(n, what, providerKeys) {
		places[k] = v
		f.property(&p, what+": "+k, k, v)
	}
	for _, problem := range p.Check() {
		name := keyOf.Replace(problem.Path)
		at := places[name]
		switch {
		case strings.ContainsRune(name, '['):
			continue // told with its own place
		case at == nil:
			at = key
		}
		f.report(at, "%s: %s: %s", what, name, problem.Want)
	}
	p.Provider = p.WithDefaults()
	return p
}

// property reads one of a provider.
func (f *File) property(p *Provider, what, key string, n *yaml.Node) {
	texts := map[string]*string{
		"title": &p.Title, "issuer": &p.Issuer, "client-id": &p.ClientID, "groups-claim": &p.GroupsClaim, "name-claim": &p.NameClaim,
	}
	switch key {
	case "client-secret":
		p.Secret = f.secret(what, n)
	case "scopes":
		p.Scopes = f.texts(n, what, signon.CheckScope)
	case "roles":
		if n.Kind != yaml.SequenceNode {
			f.report(n, "%s: got %s, want a list of {group, role, scope}", what, kindOf(n))
			return
		}
		for _, item := range n.Content {
			p.Roles = append(p.Roles, f.role(what, item))
		}
	default:
		*texts[key], _ = f.text(n, what, "a text")
	}
}

func (f *File) role(what string, n *yaml.Node) (r signon.GroupRole) {
	members := f.members(n, what, roleKeys)
	for _, key := range roleKeys {
		at := members[key]
		if at == nil {
			if n.Kind == yaml.MappingNode {
				f.report(n, "%s: %s is missing", what, key)
			}
			continue
		}
		text, ok := f.text(at, what+": "+key, "a text")
		switch {
		case !ok:
		case text == "":
			f.report(at, "%s: %s: is empty", what, key)
		case key == "group":
			r.Group = text
		case key == "scope":
			r.Scope = text
		default:
			role, err := access.ParseRole(text)
			if err != nil {
				p := problemAt(f.at(at), "%s: role: got %q, want one of %s", what, text, strings.Join(access.RoleNames(), ", "))
				p.Suggestion = spelling.Nearest(text, access.RoleNames())
				f.problems = append(f.problems, p)
			}
			r.Role = role
		}
	}
	return r
}
