package policy

import (
	"testing"

	"github.com/valyala/fastjson"
)

func TestWithoutSecrets(t *testing.T) {
	tests := map[string]struct{ path, value, want string }{
		"by_name":                   {"properties.adminPassword", `"pa55"`, `"(secret)"`},
		"by_name_in_brackets":       {"tags['db.password']", `"pa55"`, `"(secret)"`},
		"by_name_with_index":        {"properties.tokens[2].clientSecret", `"abc"`, `"(secret)"`},
		"members_of_a_list":         {"properties.accessToken[0]", `"abc"`, `"(secret)"`},
		"empty_shows":               {"properties.adminPassword", `""`, `""`},
		"number_shows":              {"properties.minimumPasswordLength", `14`, `14`},
		"digits_by_name":            {"properties.adminPassword", `12345678`, `"(secret)"`},
		"digits_of_a_variable":      {"properties.Environment.Variables.DB_PASSWORD", `98765432`, `"(secret)"`},
		"digits_of_a_pair":          {"properties.Environment.EnvironmentVariables[0]", `{"Name":"DB_PASSWORD","Value":12345678}`, `{"Name":"DB_PASSWORD","Value":"(secret)"}`},
		"digits_of_something_else":  {"properties.maxSizeBytes", `34359738368`, `34359738368`},
		"boolean_shows":             {"properties.disablePassword", `true`, `true`},
		"below":                     {"properties.profile", `{"userData":"abc","size":3}`, `{"userData":"(secret)","size":3}`},
		"app_setting":               {"properties.siteConfig.appSettings[1].value", `"abc"`, `"(secret)"`},
		"app_setting_name":          {"properties.siteConfig.appSettings[1].name", `"DB_HOST"`, `"DB_HOST"`},
		"app_settings_whole":        {"properties.siteConfig.appSettings", `[{"name":"A","value":"b"}]`, `[{"name":"A","value":"(secret)"}]`},
		"function_environment":      {"properties.Environment.Variables.API_URL", `"abc"`, `"(secret)"`},
		"function_environment_up":   {"properties.Environment", `{"Variables":{"API_URL":"abc"}}`, `{"Variables":{"API_URL":"(secret)"}}`},
		"container_environment":     {"properties.template.containers[0].env[3].value", `"abc"`, `"(secret)"`},
		"connection_string":         {"properties.note", `"Server=x;Password=hunter22;"`, `"(secret)"`},
		"account_key":               {"properties.note", `"AccountName=x;AccountKey=YWJjZGVm=="`, `"(secret)"`},
		"issuer_token":              {"tags.note", `"ghp_0123456789abcdefABCDEF"`, `"(secret)"`},
		"signed_link":               {"properties.uri", `"https://x.example/y?sv=1&sig=abcdefghij"`, `"(secret)"`},
		"password_in_an_address":    {"properties.repo", `"https://user:pa55@x.example/r"`, `"(secret)"`},
		"private_key":               {"properties.pem", `"-----BEGIN RSA PRIVATE KEY-----"`, `"(secret)"`},
		"signed_token":              {"properties.bearer", `"eyJhbGciOiJI.eyJzdWIiOiIx.c2ln"`, `"(secret)"`},
		"plain_text":                {"properties.minimumTlsVersion", `"TLS1_2"`, `"TLS1_2"`},
		"plain_address":             {"properties.uri", `"https://x.example/y?sv=1"`, `"https://x.example/y?sv=1"`},
		"workspace_key":             {"properties.settings.workspaceKey", `"abcd"`, `"(secret)"`},
		"keys":                      {"properties.hostKeys[0]", `"abcd"`, `"(secret)"`},
		"certificate_with_key":      {"properties.pfxBlob", `"MIIK"`, `"(secret)"`},
		"second_key":                {"properties.sites[0].key2", `"abcd"`, `"(secret)"`},
		"time_of_second_key":        {"properties.keyCreationTime.key2", `"2026-01-31T10:00:00.123Z"`, `"2026-01-31T10:00:00.123Z"`},
		"password_value":            {"properties.settings.passwordValue", `"abcd"`, `"(secret)"`},
		"signature":                 {"properties.sharedAccessSignature", `"abcd"`, `"(secret)"`},
		"master_key":                {"properties.primaryMasterKey", `"abcd"`, `"(secret)"`},
		"web_hook":                  {"properties.webhookUrl", `"https://x.example/hook/abcd"`, `"(secret)"`},
		"lower_case_key":            {"properties.settings.workspacekey", `"abcd"`, `"(secret)"`},
		"hash":                      {"properties.users[0].passwordHash", `"abcd"`, `"(secret)"`},
		"hash_by_look":              {"properties.note", `"$6$salt$hash"`, `"(secret)"`},
		"shadow":                    {"properties.shadow", `"abcd"`, `"(secret)"`},
		"protected_settings":        {"properties.protectedSettings", `{"a":[{"b":"c","n":7,"on":true,"nil":null}]}`, `{"a":[{"b":"(secret)","n":"(secret)","on":"(secret)","nil":null}]}`},
		"protected_settings_inside": {"properties", `{"protectedSettings":{"a":"b"}}`, `{"protectedSettings":{"a":"(secret)"}}`},
		"protected_settings_below":  {"properties.protectedSettings.a[0]", `7`, `"(secret)"`},
		"protected_elsewhere":       {"properties.protectedSettingsFromKeyVault.sourceVault.id", `"/subscriptions/x"`, `"/subscriptions/x"`},
		"profile_secrets":           {"properties.osProfile.secrets[0].a", `"abc"`, `"(secret)"`},
		"profile_secrets_above":     {"properties.osProfile", `{"secrets":[{"a":"b"}],"computerName":"c"}`, `{"secrets":[{"a":"(secret)"}],"computerName":"c"}`},
		"curl_user":                 {"properties.settings.commandToExecute", `"curl -u user:abc https://x.example"`, `"(secret)"`},
		"curl_without_user":         {"properties.settings.script", `"curl -o /tmp/x https://x.example"`, `"curl -o /tmp/x https://x.example"`},
		"docker_user":               {"properties.command", `"docker run -u 1000:1000 x"`, `"docker run -u 1000:1000 x"`},
		"option":                    {"properties.command", `"run --password x"`, `"(secret)"`},
		"option_with_equals":        {"properties.command", `"run --db-password=x"`, `"(secret)"`},
		"option_of_a_shell":         {"properties.command", `"./i.ps1 -AdminPassword x"`, `"(secret)"`},
		"option_password_file":      {"properties.command", `"run --password-file /etc/x"`, `"run --password-file /etc/x"`},
		"assignment":                {"properties.command", `"password=x ./run"`, `"(secret)"`},
		"assignment_of_a_key":       {"properties.command", `"AWS_SECRET_ACCESS_KEY=x ./run"`, `"(secret)"`},
		"bearer":                    {"properties.command", `"curl -H 'X: Bearer abc123def'"`, `"(secret)"`},
		"bearer_in_prose":           {"properties.description", `"bearer tokens are refused"`, `"bearer tokens are refused"`},
		"authorization":             {"properties.command", `"curl -H 'Authorization: Basic abc='"`, `"(secret)"`},
		"document":                  {"properties.json", `"{\"password\": \"x\"}"`, `"(secret)"`},
		"address_without_user":      {"properties.uri", `"redis://:pa55@x.example/0"`, `"(secret)"`},
		"metadata_by_place":         {"properties.metadata.items[1].value", `"abcd"`, `"(secret)"`},
		"metadata_setting":          {"properties.metadata.items[1].value", `"TRUE"`, `"TRUE"`},
		"metadata": {
			"properties.metadata",
			`{"items":[{"key":"startup-script","value":"abc"},{"value":"abc","key":"db-password"},{"key":"windows-startup-script-ps1","value":"abc"},{"key":"enable-oslogin","value":"TRUE"},{"key":"ssh-keys","value":"bob:ssh-rsa AAAA"},{"key":"startup-script-url","value":"gs://a/b"}]}`,
			`{"items":[{"key":"startup-script","value":"(secret)"},{"value":"(secret)","key":"db-password"},{"key":"windows-startup-script-ps1","value":"(secret)"},{"key":"enable-oslogin","value":"TRUE"},{"key":"ssh-keys","value":"bob:ssh-rsa AAAA"},{"key":"startup-script-url","value":"gs://a/b"}]}`,
		},
		"pair":                 {"properties.parameters", `[{"Name":"dbPassword","Value":"abc"},{"Name":"size","Value":"large"}]`, `[{"Name":"dbPassword","Value":"(secret)"},{"Name":"size","Value":"large"}]`},
		"pair_of_parameters":   {"properties.Parameters[0]", `{"ParameterKey":"ApiToken","ParameterValue":"abc"}`, `{"ParameterKey":"ApiToken","ParameterValue":"(secret)"}`},
		"value_below_a_secret": {"properties.parameters.adminPassword.value", `"abc"`, `"(secret)"`},
		"secret_of_a_list":     {"properties.configuration.secrets[0].value", `"abc"`, `"(secret)"`},
		"name_of_a_secret":     {"properties.configuration.secrets[0].name", `"abc"`, `"abc"`},
		"task_environment":     {"properties.ContainerDefinitions[0].Environment[0].Value", `"abc"`, `"(secret)"`},
		"build_environment":    {"properties.Environment.Image", `"abc"`, `"abc"`},

		"environment_of_a_container":  {"properties.Containers[0].Environment.stripe", `"abc"`, `"(secret)"`},
		"environment_of_containers":   {"properties", `{"PrimaryContainer":{"Environment":{"MAIL_LOGIN":"abc"},"Image":"i"}}`, `{"PrimaryContainer":{"Environment":{"MAIL_LOGIN":"(secret)"},"Image":"i"}}`},
		"environment_as_a_map":        {"properties.services[0].environment.MAIL_LOGIN", `"abc"`, `"(secret)"`},
		"environment_of_app_engine":   {"properties.envVariables", `{"STRIPE":"abc","key":"abc"}`, `{"STRIPE":"(secret)","key":"(secret)"}`},
		"environment_as_texts":        {"properties.services[0].environment", `["K=abc","prod"]`, `["(secret)","prod"]`},
		"pass_in_a_command":           {"properties.command", `"DB_PASS=x ./run"`, `"(secret)"`},
		"pass_in_an_option":           {"properties.command", `"spark.db.pass=x"`, `"(secret)"`},
		"pass_without_separator":      {"properties.command", `"dbpass=x"`, `"(secret)"`},
		"short_option":                {"properties.command", `"app -pw x"`, `"(secret)"`},
		"bypass":                      {"properties.command", `"bypass=x compass=y"`, `"bypass=x compass=y"`},
		"psk_in_a_text":               {"properties.note", `"psk=abc"`, `"(secret)"`},
		"connection_string_in_a_text": {"properties.note", `"connectionString=Endpoint"`, `"(secret)"`},
		"yaml":                        {"properties.note", `"db:\n  password: x\n"`, `"(secret)"`},
		"yaml_token":                  {"properties.note", `"token: abcdefgh1"`, `"(secret)"`},
		"prose_with_colon":            {"properties.note", `"The secret: it is rotated."`, `"The secret: it is rotated."`},
		"npm":                         {"properties.note", `"npm_0123456789abcdefghij"`, `"(secret)"`},
		"send_grid":                   {"properties.note", `"SG.0123456789abcdef.0123456789abcdef"`, `"(secret)"`},
		"vault":                       {"properties.note", `"hvs.0123456789abcdef"`, `"(secret)"`},
		"digital_ocean":               {"properties.note", `"dop_v1_0123456789abcdef"`, `"(secret)"`},
		"open_ai":                     {"properties.note", `"sk-proj-0123456789abcdef"`, `"(secret)"`},
		"disk_name":                   {"properties.note", `"disk-of-the-department-of-x"`, `"disk-of-the-department-of-x"`},
		"hugging_face":                {"properties.note", `"hf_0123456789abcdefghij"`, `"(secret)"`},
		"docker_hub":                  {"properties.note", `"dckr_pat_0123456789abcdef"`, `"(secret)"`},
		"age":                         {"properties.note", `"AGE-SECRET-KEY-1ABC"`, `"(secret)"`},
		"basic":                       {"properties.note", `"Basic YWRtaW46aHVudGVyMmh1bnRlcjI="`, `"(secret)"`},
		"basic_in_prose":              {"properties.note", `"Basic authentication is off"`, `"Basic authentication is off"`},
		"entra":                       {"properties.note", `"abc8Q~0123456789abcdefghij.klmnop"`, `"(secret)"`},
		"putty":                       {"properties.note", `"PuTTY-User-Key-File-3: ssh-rsa"`, `"(secret)"`},
		"hmac":                        {"properties.hmac", `"abc"`, `"(secret)"`},
		"otp":                         {"properties.otp", `"123456"`, `"(secret)"`},
		"pin":                         {"properties.userPin", `"123456"`, `"(secret)"`},
		"cookie":                      {"properties.sessionCookie", `"abc123"`, `"(secret)"`},
		"authorization_kind":          {"properties.authorization", `"AWS_IAM"`, `"AWS_IAM"`},
		"authorization_header":        {"properties.authorization", `"Abc123"`, `"(secret)"`},
		"primary_key_of_a_table":      {"properties.primaryKey", `"id"`, `"id"`},
		"primary_key":                 {"properties.primaryKey", `"aB3="`, `"(secret)"`},
		"key_id":                      {"properties.keyVaultKeyId", `"abc"`, `"abc"`},
		"public_key":                  {"properties.publicKey", `"ssh-rsa AAAA"`, `"ssh-rsa AAAA"`},
		"public_keys":                 {"properties.ssh.publicKeys[0].keyData", `"ssh-rsa AAAA"`, `"ssh-rsa AAAA"`},
		"key_type":                    {"properties.keyType", `"RSA"`, `"RSA"`},
		"permissions":                 {"properties.accessPolicies[0].permissions", `{"secrets":["Get","List"]}`, `{"secrets":["Get","List"]}`},
		"signing_key_of_a_repository": {"properties.yum.gpgKeys[0]", `"https://x.example/k.gpg"`, `"https://x.example/k.gpg"`},
		"key_alone":                   {"tags[0].Key", `"owner"`, `"owner"`},
		"time_of_a_key":               {"properties.keyCreationTime.key1", `"2026-01-31T10:00:00Z"`, `"2026-01-31T10:00:00Z"`},
		"key_of_kms":                  {"properties.KmsMasterKey", `"abcd"`, `"abcd"`},
		"key_by_reference":            {"properties.MasterKey", `"arn:aws:kms:eu-west-1:1:key/a"`, `"arn:aws:kms:eu-west-1:1:key/a"`},
		"secret_by_reference":         {"properties.secret", `"projects/p/secrets/s"`, `"projects/p/secrets/s"`},
		"no_key":                      {"properties.monkey", `"abcd"`, `"abcd"`},
		"partition_key":               {"properties.partitionKey", `"abcd"`, `"abcd"`},
		"token_expiry":                {"properties.tokenExpiry", `"PT1H"`, `"PT1H"`},
		"password_age":                {"properties.minimumPasswordAge", `"1.00:00:00"`, `"1.00:00:00"`},
		"shared_key_access":           {"properties.allowSharedKeyAccess", `"false"`, `"false"`},
		"password_login":              {"properties.disablePasswordAuthentication", `true`, `true`},
		"required_tokens":             {"properties.MetadataOptions.HttpTokens", `"required"`, `"required"`},
		"empty_passwords":             {"properties.sshd.permitEmptyPasswords", `"no"`, `"no"`},
		"empty_passwords_else":        {"properties.sshd.permitEmptyPasswords", `"abcd"`, `"(secret)"`},
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

// A rule that finds a member by its name shows the name only.
func TestEvidenceHidesPairs(t *testing.T) {
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups": {
		"list[*]": "properties.list[*]", "list[*].name": "properties.list[*].name", "list[*].value": "properties.list[*].value"}}`)); err != nil {
		t.Fatal(err)
	}
	def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": {"count": {"field": "Contoso.Net/groups/list[*]", "where": {"allOf": [
		{"field": "Contoso.Net/groups/list[*].name", "equals": "dbPassword"},
		{"field": "Contoso.Net/groups/list[*].value", "notEquals": "x"}]}}, "greater": 0}, "then": {"effect": "audit"}}}`))
	if def == nil {
		t.Fatal(problems)
	}
	r := NewResource(fastjson.MustParse(`{"name": "one", "type": "Contoso.Net/groups", "properties": {"list": [{"name": "dbPassword", "value": "abcd"}]}}`))
	for _, e := range Bind(def, nil).Explain(r, Environment{Aliases: aliases}).Evidence {
		if e.Path == "properties.list[0].value" {
			if e.Found.Text() != masked {
				t.Errorf("found %s, want it hidden", e.Found)
			}
			return
		}
	}
	t.Error("no evidence of the value")
}

// Settings of a web app that are a resource of their own are told by its name.
func TestSecretsOfSettings(t *testing.T) {
	tests := map[string]struct{ kind, name, at, value, want string }{
		"app_setting":       {"Microsoft.Web/sites/config", "appsettings", "properties.phpVersion", `"abc"`, `"(secret)"`},
		"full_name":         {"Microsoft.Web/sites/slots/config", "w/s/appSettings", "properties", `{"phpVersion":"abc"}`, `{"phpVersion":"(secret)"}`},
		"connection_string": {"microsoft.web/sites/config", "connectionstrings", "properties.phpVersion", `{"value":"abc","type":"Custom"}`, `{"value":"(secret)","type":"Custom"}`},
		"web":               {"Microsoft.Web/sites/config", "web", "properties.phpVersion", `"abc"`, `"abc"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := FromJSON([]byte(test.value))
			if err != nil {
				t.Fatal(err)
			}
			r := &Resource{Type: test.kind, Name: test.name, Body: fastjson.MustParse(`{"properties":{}}`)}
			f := &frame{self: r, outer: r, fields: newFieldResolver(NewAliases())}
			if got := f.foundIn(r, test.at, "", false, v).Value.String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
