package policy

import "testing"

func TestWithoutSecrets(t *testing.T) {
	tests := map[string]struct{ path, value, want string }{
		"by_name":                 {"properties.adminPassword", `"pa55"`, `"(secret)"`},
		"by_name_in_brackets":     {"tags['db.password']", `"pa55"`, `"(secret)"`},
		"by_name_with_index":      {"properties.tokens[2].clientSecret", `"abc"`, `"(secret)"`},
		"members_of_a_list":       {"properties.accessToken[0]", `"abc"`, `"(secret)"`},
		"empty_shows":             {"properties.adminPassword", `""`, `""`},
		"number_shows":            {"properties.minimumPasswordLength", `14`, `14`},
		"boolean_shows":           {"properties.disablePassword", `true`, `true`},
		"below":                   {"properties.profile", `{"userData":"abc","size":3}`, `{"userData":"(secret)","size":3}`},
		"app_setting":             {"properties.siteConfig.appSettings[1].value", `"abc"`, `"(secret)"`},
		"app_setting_name":        {"properties.siteConfig.appSettings[1].name", `"DB_HOST"`, `"DB_HOST"`},
		"app_settings_whole":      {"properties.siteConfig.appSettings", `[{"name":"A","value":"b"}]`, `[{"name":"A","value":"(secret)"}]`},
		"function_environment":    {"properties.Environment.Variables.API_URL", `"abc"`, `"(secret)"`},
		"function_environment_up": {"properties.Environment", `{"Variables":{"API_URL":"abc"}}`, `{"Variables":{"API_URL":"(secret)"}}`},
		"container_environment":   {"properties.template.containers[0].env[3].value", `"abc"`, `"(secret)"`},
		"connection_string":       {"properties.note", `"Server=x;Password=hunter22;"`, `"(secret)"`},
		"account_key":             {"properties.note", `"AccountName=x;AccountKey=YWJjZGVm=="`, `"(secret)"`},
		"issuer_token":            {"tags.note", `"ghp_0123456789abcdefABCDEF"`, `"(secret)"`},
		"signed_link":             {"properties.uri", `"https://x.example/y?sv=1&sig=abcdefghij"`, `"(secret)"`},
		"password_in_an_address":  {"properties.repo", `"https://user:pa55@x.example/r"`, `"(secret)"`},
		"private_key":             {"properties.pem", `"-----BEGIN RSA PRIVATE KEY-----"`, `"(secret)"`},
		"signed_token":            {"properties.bearer", `"eyJhbGciOiJI.eyJzdWIiOiIx.c2ln"`, `"(secret)"`},
		"plain_text":              {"properties.minimumTlsVersion", `"TLS1_2"`, `"TLS1_2"`},
		"plain_address":           {"properties.uri", `"https://x.example/y?sv=1"`, `"https://x.example/y?sv=1"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := FromJSON([]byte(test.value))
			if err != nil {
				t.Fatal(err)
			}
			if got := WithoutSecrets(test.path, v).String(); got != test.want {
				t.Errorf("%s = %s: got %s, want %s", test.path, test.value, got, test.want)
			}
		})
	}
}
