package policy

import (
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

// opaque looks like nothing in particular.
const opaque = "Zq9PlainOpaque"

// TestSecretNames holds which names say that a text is secret.
func TestSecretNames(t *testing.T) {
	secret := strings.Fields(`DB_PASS ADMIN_PASS admin_pass user_pass redis_pass dbPass userPass PGPASSWORD adminUserPasswordValue
		secretText secretValue secretData SecretBinary SecretString clientSecretValue client-secret SECRET_KEY_BASE
		privateKeyData private_key_data privateKeyPem privateKeyPassphrase apiKeyValue api_key_value tokenValue connectionStringValue
		passwordText passwordPlain passwordPlainText passwordBase64 encryptedPassword queryKey QueryKey primaryQueryKey
		user-data userData userDataBase64 customData customDataBase64 encryptionKey ENCRYPTION_KEY connStr conn_str dsn DATABASE_DSN
		authorization Authorization AuthorizationHeader proxyAuthorization jwt startupScript startup-script startup_script cloud-init
		commandToExecute credentialsJson clientKeyData client-key-data`)
	harmless := strings.Fields(`passwordPolicy passwordLastSet passwordExpiry keyVaultUri kmsKeyId KmsMasterKeyID keyName secretName
		secretUri SecretArn tokenExpiry tokenType tokenEndpoint passwordAuthentication publicKey publicKeyData publicKeyPem sshPublicKey
		keyData keyType encryptionKeyId encryptionKeyUrl authorizationType authorizationMode authorizerId bypass networkBypass compass
		connectionType dsnProvider scriptName userDataUrl customDomain databaseUrl partitionKey rowKey metadata baseValue textValue`)
	for _, name := range secret {
		for path, v := range map[string]Value{
			"properties." + name: StringValue(opaque),
			"properties.inner":   ObjectValue([]string{name}, []Value{StringValue(opaque)}),
			"properties.pairs":   ArrayValue(ObjectValue([]string{"OptionName", "Value"}, []Value{StringValue(name), StringValue(opaque)})),
			"properties.named":   ObjectValue([]string{"name", "value"}, []Value{StringValue(name), StringValue(opaque)}),
		} {
			if got := WithoutSecrets(path, v).String(); strings.Contains(got, opaque) {
				t.Errorf("%s: %s is shown at %s", name, got, path)
			}
		}
	}
	for _, name := range harmless {
		if got := WithoutSecrets("properties."+name, StringValue(opaque)).Text(); got != opaque {
			t.Errorf("%s: got %s, want it shown", name, got)
		}
	}
}

// TestSecretNames_shown: settings, numbers and what only names a key are shown,
// whatever they are called.
func TestSecretNames_shown(t *testing.T) {
	for _, body := range []string{
		`{"minimumPasswordLength":14,"passwordAuthentication":false,"disablePasswordAuthentication":true,"passwordReusePrevention":24}`,
		`{"encryptionKey":"arn:aws:kms:eu-west-1:111122223333:key/1","EncryptionKey":"alias/aws/s3"}`,
		`{"encryptionKey":"0a1b2c3d-0000-4000-8000-00000000000a","other":{"encryptionKey":"https://v.vault.azure.net/keys/k/1"}}`,
		`{"encryptionKey":"projects/p/locations/l/keyRings/r/cryptoKeys/k","sqlEncryptionKey":"mrk-0123456789abcdef0123456789abcdef"}`,
		`{"dbPass":"disabled","token":"required","databaseUrl":"postgres://db.example/x"}`,
		`{"parameters":[{"name":"size","value":"large"},{"OptionName":"MaxSize","Value":"four"}]}`,
		`{"settings":[{"type":"String","value":"large"}]}`,
		`{"command":["run","--size","large"],"metadata":{"items":[{"key":"enable-oslogin","value":"maybe"}]}}`,
	} {
		v, err := FromJSON([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if got := WithoutSecrets("properties", v).String(); got != body {
			t.Errorf("got %s, want %s", got, body)
		}
	}
}

// TestSecrets_on_every_path: a text that is masked where a rule asks for it alone
// is masked in everything that holds it, and the other way round.
func TestSecrets_on_every_path(t *testing.T) {
	tests := map[string]struct{ kind, body, path string }{
		"environment":     {"AWS::ECS::TaskDefinition", `{"ContainerDefinitions":[{"Name":"web","Environment":[{"Name":"BACKEND","Value":"` + opaque + `"}]}]}`, "ContainerDefinitions[*].Environment[*].Value"},
		"project":         {"compute.googleapis.com/Project", `{"commonInstanceMetadata":{"items":[{"key":"startup-script","value":"` + opaque + `"}]}}`, "commonInstanceMetadata.items[*].value"},
		"instance":        {"compute.googleapis.com/Instance", `{"metadata":{"items":[{"key":"kube-env","value":"` + opaque + `"}]}}`, "metadata.items[*].value"},
		"binary":          {"AWS::SecretsManager::Secret", `{"SecretBinary":"` + opaque + `"}`, "SecretBinary"},
		"key":             {"iam.googleapis.com/ServiceAccountKey", `{"privateKeyData":"` + opaque + `"}`, "privateKeyData"},
		"beanstalk":       {"AWS::ElasticBeanstalk::Environment", `{"OptionSettings":[{"Namespace":"aws:x","OptionName":"DB_PASS","Value":"` + opaque + `"}]}`, "OptionSettings[*].Value"},
		"beanstalk_other": {"AWS::ElasticBeanstalk::Environment", `{"OptionSettings":[{"Namespace":"aws:elasticbeanstalk:application:environment","OptionName":"BACKEND","Value":"` + opaque + `"}]}`, "OptionSettings[*].Value"},
		"secure":          {"Microsoft.Logic/workflows", `{"parameters":{"p":{"type":"SecureString","value":"` + opaque + `"}}}`, "parameters.p.value"},
		"secure_object":   {"Microsoft.Logic/workflows", `{"parameters":{"p":{"type":"SecureObject","value":{"a":["` + opaque + `"]}}}}`, "parameters.p.value.a[*]"},
		"option":          {"Microsoft.ContainerInstance/containerGroups", `{"command":["run","--db-pw","` + opaque + `","-v"]}`, "command[*]"},
		"header":          {"Microsoft.Logic/workflows", `{"actions":{"http":{"headers":{"Authorization":"` + opaque + `"}}}}`, "actions.http.headers.Authorization"},
		"extension":       {"Microsoft.Compute/virtualMachines/extensions", `{"settings":{"commandToExecute":"run ` + opaque + `"}}`, "settings.commandToExecute"},
		"vault":           {"Microsoft.KeyVault/vaults/secrets", `{"value":"` + opaque + `","contentType":"text"}`, "value"},
		"automation":      {"Microsoft.Automation/automationAccounts/variables", `{"value":"` + opaque + `"}`, "value"},
		"ssm":             {"AWS::SSM::Parameter", `{"Type":"String","Value":"` + opaque + `"}`, "Value"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			aliases := NewAliases()
			ways := []string{test.path}
			for at, c := range test.path {
				if (c == '.' || c == '[') && at > 0 {
					ways = append(ways, test.path[:at])
				}
			}
			r := NewResource(fastjson.MustParse(`{"id": "x", "name": "x", "type": "` + test.kind + `", "properties": ` + test.body + `}`))
			for _, way := range ways {
				if err := aliases.LoadAliasDump([]byte(`{"` + test.kind + `": {"` + way + `": "properties.` + way + `"}}`)); err != nil {
					t.Fatal(err)
				}
				def, problems := ParseDefinition("rule.json", []byte(`{"mode": "All", "policyRule": {"if": {"field": "`+test.kind+`/`+way+`", "notEquals": "q"}, "then": {"effect": "audit"}}}`))
				if def == nil {
					t.Fatal(problems)
				}
				text := Bind(def, nil).Explain(r, Environment{Aliases: aliases}).Text()
				if !strings.Contains(text, masked) || strings.Contains(text, opaque) {
					t.Errorf("%s: got\n%s", way, text)
				}
			}
		})
	}
}
