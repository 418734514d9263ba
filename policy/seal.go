package policy

import (
	"hash/maphash"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// SealedPrefix begins the text that stands for a secret in a body that is kept. A
// rule may compare with it: "(sealed:*" is what a [Sealer] found to be a secret.
// Such a rule is judged on a body whose secrets are sealed, wherever it comes from,
// so that it says the same of the body as it was read and as it is kept.
const SealedPrefix = "(sealed:"

// Sealer replaces what is secret in bodies before they are kept, so that rules
// can still see that something is there and that it changed. It serves one
// goroutine.
type Sealer struct {
	fields *fieldResolver
	seal   func(secret []byte) string
	arena  fastjson.Arena
	found  bool
}

// NewSealer makes a sealer. Seal gives the text that stands for a secret; what
// is not a text is given to it as JSON. Aliases tell which properties Azure
// calls secret; nil for none.
func NewSealer(aliases *Aliases, seal func(secret []byte) string) *Sealer {
	if aliases == nil {
		aliases = NewAliases()
	}
	return &Sealer{fields: newFieldResolver(aliases), seal: seal}
}

// Seal replaces every secret of a resource's body, in place, and reports
// whether there was any. It finds what [WithoutSecrets] would mask, and what
// evidence never shows; of the variables of programs only those that look like
// secrets or have a name that says so. The new values live until the next call.
func (s *Sealer) Seal(r *Resource) bool {
	if r.Body == nil || r.Body.Type() != fastjson.TypeObject {
		return false
	}
	s.arena.Reset()
	s.found = false
	masks := s.fields.masksOf(r.Type)
	body := r.Body.GetObject()
	body.Visit(func(key []byte, v *fastjson.Value) {
		name := string(key)
		place := r.placeOfSettings(name)
		h := hiding{path: place, closed: isClosed(place), masks: below(masks, name), seals: true}
		if sealed := s.value(h, v); sealed != v {
			body.Set(name, sealed)
		}
	})
	return s.found
}

// value gives what stands for v: another value for a secret, else v itself,
// whose members may have been replaced.
func (s *Sealer) value(h hiding, v *fastjson.Value) *fastjson.Value {
	kind := v.Type()
	if kind == fastjson.TypeNull {
		return v
	}
	if reached(h.masks) {
		return s.sealed(v)
	}
	switch kind {
	case fastjson.TypeString:
		if h.hides(string(v.GetStringBytes())) {
			return s.sealed(v)
		}
	case fastjson.TypeArray:
		h.masks = below(h.masks, "*")
		before := Value{}
		for i, item := range v.GetArray() {
			now := FromDocument(item)
			if sealed := s.value(h.after(before), item); sealed != item {
				v.SetArrayItem(i, sealed)
			}
			before = now
		}
	case fastjson.TypeObject:
		of, object := FromDocument(v), v.GetObject()
		object.Visit(func(key []byte, item *fastjson.Value) {
			name := string(key)
			if sealed := s.value(h.member(name, of), item); sealed != item {
				object.Set(name, sealed)
			}
		})
	case fastjson.TypeNumber: // as it would be as a text: a password may be all digits
		if h.hides(string(v.MarshalTo(nil))) {
			return s.sealed(v)
		}
	default:
		if h.closed {
			return s.sealed(v)
		}
	}
	return v
}

func (s *Sealer) sealed(v *fastjson.Value) *fastjson.Value {
	s.found = true
	secret := v.GetStringBytes()
	if v.Type() != fastjson.TypeString {
		secret = v.MarshalTo(nil)
	}
	return s.arena.NewString(strings.Clone(s.seal(secret)))
}

// readsSealed reports whether a rule's condition compares with what stands for
// secrets.
func (b *Bound) readsSealed() (reads bool) {
	visitTemplates(b.condition, func(t Template) {
		reads = reads || strings.HasPrefix(t.Const.Text(), SealedPrefix)
	})
	return reads
}

// withSealed gives a resource with a body of its own in which secrets are sealed;
// r itself if there are none.
func (r *Resource) withSealed() *Resource {
	if r.tree() == nil {
		return r
	}
	sealed := *r
	body, err := fastjson.ParseBytes(r.Body.MarshalTo(nil))
	if err != nil { // it was read as JSON
		return r
	}
	sealed.Body = body
	if !NewSealer(nil, sealUnkept).Seal(&sealed) {
		return r
	}
	return &sealed
}

// sealUnkept gives what stands for secrets in a body that nobody keeps.
func sealUnkept(secret []byte) string {
	if strings.HasPrefix(string(secret), SealedPrefix) {
		return string(secret)
	}
	return SealedPrefix + strconv.FormatUint(maphash.Bytes(unkeptSeed, secret), 36) + ")"
}

var unkeptSeed = maphash.MakeSeed()
