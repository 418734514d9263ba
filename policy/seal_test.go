package policy

import (
	"strings"
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
		"pair":             {"x/y", `{"properties":{"appSettings":[{"name":"A_TOKEN","value":"b"},{"name":"A","value":"c"}]}}`, `{"properties":{"appSettings":[{"name":"A_TOKEN","value":"<b>"},{"name":"A","value":"c"}]}}`},
		"option_before":    {"x/y", `{"properties":{"args":["--password","b","c"]}}`, `{"properties":{"args":["--password","<b>","c"]}}`},
		"settings":         {"Microsoft.Web/sites/config", `{"name":"site/appsettings","properties":{"DB":"b","DB_PASS":"c"}}`, `{"name":"site/appsettings","properties":{"DB":"b","DB_PASS":"<c>"}}`},
		"tags":             {"x/y", `{"tags":{"db.password":"b","owner":"me"}}`, `{"tags":{"db.password":"<b>","owner":"me"}}`},
		"lambda_variables": {"AWS::Lambda::Function", `{"properties":{"Environment":{"Variables":{"API_URL":"abc","API_KEY":"abc"}}}}`, `{"properties":{"Environment":{"Variables":{"API_URL":"abc","API_KEY":"<abc>"}}}}`},
		"secret_alias":     {"Contoso.Lab/boxes", `{"properties":{"locks":[{"code":{"a":1}},{"code":"b"}]}}`, `{"properties":{"locks":[{"code":"<{\"a\":1}>"},{"code":"<b>"}]}}`},
		"digits":           {"x/y", `{"properties":{"adminPassword":12345678,"size":12345678}}`, `{"properties":{"adminPassword":"<12345678>","size":12345678}}`},
		"variables_listed": {"x/y", `{"properties":{"services":[{"environment":["STAGE=prod","DB_PASSWORD=b","DB_PASSWORD=$OTHER"]}]}}`, `{"properties":{"services":[{"environment":["STAGE=prod","<DB_PASSWORD=b>","DB_PASSWORD=$OTHER"]}]}}`},
		"beanstalk":        {"AWS::ElasticBeanstalk::Environment", `{"properties":{"OptionSettings":[{"Namespace":"aws:elasticbeanstalk:application:environment","OptionName":"STAGE","Value":"prod"},{"Namespace":"aws:elasticbeanstalk:application:environment","OptionName":"DB_PASS","Value":"b"}]}}`, `{"properties":{"OptionSettings":[{"Namespace":"aws:elasticbeanstalk:application:environment","OptionName":"STAGE","Value":"prod"},{"Namespace":"aws:elasticbeanstalk:application:environment","OptionName":"DB_PASS","Value":"<b>"}]}}`},
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

// TestSealer_variables: of what a program is given only what matches the patterns
// of secrets is replaced.
func TestSealer_variables(t *testing.T) {
	secret := [][2]string{
		{"DB_PASSWORD", "hunter2"},
		{"DB_PASSWORD", "$ecr3thorse"},
		{"DB_PASSWORD", "${PREFIX}hunter2"},
		{"DB_PASSWORD", "${OTHER:-hunter2}"},
		{"DB_PASSWORD", "HUNTER2$"},
		{"DB_PASSWORD", "12345678"},
		{"npm_token", "abc"},
		{"API_KEY", "abc"},
		{"GITHUB_PAT", "abc"},
		{"DB_PASS", "abc"},
		{"DB_PW", "abc"},
		{"SIGNING_KEY", "abc"},
		{"ENCRYPTIONKEY", "abc"},
		{"JDBC_URL", "jdbc:postgresql://db/x?user=app&password=hunter2"},
		{"DATABASE_URL", "postgres://shop:hunter2@db.internal/shop"},
		{"U", "postgres://u:hunter2@h:${PORT}@x"},
		{"X", "AKIAIOSFODNN7EXAMPLE"},
		{"X", "key=ASIAIOSFODNN7EXAMPLE"},
		{"X", `{"accessKeyId":"AKIAIOSFODNN7EXAMPLE"}`},
		{"X", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1"[:40]},
		{"X", "ghs_16C7e42F292c6912E7710c838347Ae178B4a"},
		{"X", "-----BEGIN RSA PRIVATE KEY-----"},
		{"X", "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=bm90LWEtcmVhbC1vbmU="},
		{"CONN", "Server=db;Password=${PW:-hunter2}"},
		{"REPO", "https://0123456789abcdef0123456789abcdef01234567@github.com/x"},
		{"VAULT_SECRET_ID", "7b1c6a3e-0f7b-4d3a-9b3f-2a1d5c9e8f00"},
	}
	open := [][2]string{
		{"STAGE", "prod"},
		{"DB_PASSWORD", "$SHOP_DB_PASSWORD_2"},
		{"API_TOKEN", "${api_token}"},
		{"DB_PASSWORD", "$db_password"},
		{"API_TOKEN", "${API_TOKEN:-}"},
		{"DB_PASSWORD", "$(cat /run/pw)"},
		{"DB_PASSWORD", "{{resolve:secretsmanager:shop}}"},
		{"DATABASE_URL", "postgres://shop:${DB_PASSWORD}@db.internal/shop"},
		{"CONN", "Server=db;User Id=app;Password=$DB_PASSWORD;Encrypt=true"},
		{"CONN", "Server=db;Password={0}"},
		{"LOGIN", "--password=$(cat /run/pw)"},
		{"DB_SECRET", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-a1b2c3"},
		{"MAX_TOKENS", "4096"},
		{"PWD", "/codebuild"},
		{"DATABASE_DSN", "postgres://db/x"},
		{"COMMIT", "0123456789abcdef0123456789abcdef01234567"},
		{"API_KEY_URL", "https://vault.example/key"},
		{"REQUIRE_PASSWORD", "true"},
		{"U", "https://api.example.com:8443?user=a@b.c"},
		{"DB_PASSWORD", ""},
	}
	sealer := NewSealer(nil, func([]byte) string { return masked })
	for want, all := range map[bool][][2]string{true: secret, false: open} {
		for _, v := range all {
			body := `{"properties":` + ObjectValue([]string{"EnvironmentVariables"}, []Value{ArrayValue(ObjectValue([]string{"Name", "Value"}, []Value{StringValue(v[0]), StringValue(v[1])}))}).String() + `}`
			r := &Resource{Body: fastjson.MustParse(body), Type: "AWS::CodeBuild::Project"}
			if got := sealer.Seal(r); got != want {
				t.Errorf("%s=%s: sealed %t, want %t", v[0], v[1], got, want)
			}
		}
	}
}

// What is sealed is what evidence masks, wherever it stands, but for variables of
// programs that are no secrets.
func TestSealer_seals_what_evidence_masks(t *testing.T) {
	found, sealer := 0, NewSealer(nil, func([]byte) string { return masked })
	for _, r := range recorded(t) {
		want := map[string]string{}
		r.Body.GetObject().Visit(func(key []byte, v *fastjson.Value) {
			place := r.placeOfSettings(string(key))
			h := hiding{path: place, closed: isClosed(place), masks: below(sealer.fields.masksOf(r.Type), string(key)), seals: true}
			want[string(key)] = h.value(FromDocument(v)).String()
			h.seals = false
			if whole := h.value(FromDocument(v)).String(); strings.Count(whole, masked) < strings.Count(want[string(key)], masked) {
				t.Errorf("%s: %s: more is sealed than masked:\n%s\n%s", r.ID, key, want[string(key)], whole)
			}
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
