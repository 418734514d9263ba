package policy

import (
	"testing"

	"github.com/valyala/fastjson"
)

func TestSealer(t *testing.T) {
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(`{"Contoso.Lab/boxes/lock":{"type":"Contoso.Lab/boxes","path":"properties.locks[*].code","secret":true}}`)); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ kind, body, want string }{
		"nothing":          {"Microsoft.Storage/storageAccounts", `{"properties":{"a":1,"b":["c"]}}`, `{"properties":{"a":1,"b":["c"]}}`},
		"by_name":          {"Microsoft.Sql/servers", `{"properties":{"adminPassword":"pa55","size":3}}`, `{"properties":{"adminPassword":"<pa55>","size":3}}`},
		"closed":           {"x/y", `{"properties":{"protectedSettings":{"a":[7,{"b":true}],"n":null}}}`, `{"properties":{"protectedSettings":{"a":["<7>",{"b":"<true>"}],"n":null}}}`},
		"pair":             {"x/y", `{"properties":{"appSettings":[{"name":"A","value":"b"}]}}`, `{"properties":{"appSettings":[{"name":"A","value":"<b>"}]}}`},
		"option_before":    {"x/y", `{"properties":{"args":["--password","b","c"]}}`, `{"properties":{"args":["--password","<b>","c"]}}`},
		"settings":         {"Microsoft.Web/sites/config", `{"name":"site/appsettings","properties":{"DB":"b"}}`, `{"name":"site/appsettings","properties":{"DB":"<b>"}}`},
		"tags":             {"x/y", `{"tags":{"db.password":"b","owner":"me"}}`, `{"tags":{"db.password":"<b>","owner":"me"}}`},
		"lambda_variables": {"AWS::Lambda::Function", `{"properties":{"Environment":{"Variables":{"API_URL":"abc"}}}}`, `{"properties":{"Environment":{"Variables":{"API_URL":"<abc>"}}}}`},
		"secret_alias":     {"Contoso.Lab/boxes", `{"properties":{"locks":[{"code":{"a":1}},{"code":"b"}]}}`, `{"properties":{"locks":[{"code":"<{\"a\":1}>"},{"code":"<b>"}]}}`},
		"quotes":           {"x/y", `{"properties":{"adminPassword":"a\"b"}}`, `{"properties":{"adminPassword":"<a\"b>"}}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			body := fastjson.MustParse(test.body)
			r := &Resource{Body: body, Type: test.kind, Name: string(body.GetStringBytes("name"))}
			s := NewSealer(aliases, func(secret []byte) string { return "<" + string(secret) + ">" })
			found := s.Seal(r)
			if got := fastjson.MustParse(r.Body.String()).String(); got != fastjson.MustParse(test.want).String() {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if found != (test.body != test.want) {
				t.Errorf("found is %t", found)
			}
		})
	}
}

// What is sealed is what evidence masks, wherever it stands.
func TestSealer_seals_what_evidence_masks(t *testing.T) {
	found, sealer := 0, NewSealer(nil, func([]byte) string { return masked })
	for _, r := range recorded(t) {
		want := map[string]string{}
		r.Body.GetObject().Visit(func(key []byte, v *fastjson.Value) {
			place := r.placeOfSettings(string(key))
			h := hiding{path: place, closed: isClosed(place), masks: below(sealer.fields.masksOf(r.Type), string(key))}
			want[string(key)] = h.value(FromDocument(v)).String()
		})
		if sealer.Seal(r) {
			found++
		}
		r.Body.GetObject().Visit(func(key []byte, v *fastjson.Value) {
			if got := FromDocument(v).String(); got != want[string(key)] {
				t.Errorf("%s: %s:\ngot  %s\nwant %s", r.ID, key, got, want[string(key)])
			}
		})
	}
	if found == 0 {
		t.Error("no resource has a secret: nothing was tried")
	}
}
