package main

import "testing"

// Every way to make the input gives the same verdicts.
func TestWaysAgree(t *testing.T) {
	numbers, err := ruleNumbers("../rules")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		line string
		want []string
	}{
		"good_vault": {
			`{"type":"Microsoft.KeyVault/vaults","properties":{"enablePurgeProtection":true,"enableRbacAuthorization":true,` +
				`"enableSoftDelete":true,"softDeleteRetentionInDays":90,"publicNetworkAccess":"Disabled","privateEndpointConnections":[]}}`,
			nil,
		},
		"bad_server": {
			`{"type":"Microsoft.Sql/servers","properties":{"minimalTlsVersion":"1.0","publicNetworkAccess":"Enabled","administratorLogin":"sqladmin",` +
				`"administrators":{"login":"a","azureADOnlyAuthentication":false},"privateEndpointConnections":[{"properties":{"privateLinkServiceConnectionState":{"status":"Pending"}}}]}}`,
			[]string{"sql-tls", "sql-public", "sql-passwords", "sql-weak-door", "sql-exposed"},
		},
		"large_disk_without_type": {
			`{"type":"Microsoft.Compute/disks","sku":{"name":"Standard_LRS"},"tags":{"environment":"prod"},"properties":{"networkAccessPolicy":"DenyAll","diskSizeGB":256}}`,
			[]string{"disk-slow-in-production"},
		},
		"other_type": {`{"type":"Microsoft.Web/sites","properties":{}}`, nil},
	}
	for _, as := range inputs() {
		for _, partial := range []bool{false, true} {
			e, err := newEngine("../rules/rules.rego", as, partial, numbers)
			if err != nil {
				t.Fatal(err)
			}
			for name, tt := range cases {
				var want uint32
				for _, rule := range tt.want {
					want |= 1 << numbers[rule]
				}
				got, err := e.judge([]byte(tt.line))
				if err != nil {
					t.Fatalf("%s, %s: %v", e.name, name, err)
				}
				if got != want {
					t.Errorf("%s, %s: got %030b, want %030b", e.name, name, got, want)
				}
			}
		}
	}
}

func TestUnknownWay(t *testing.T) {
	if _, err := newEngine("../rules/rules.rego", "guess", false, nil); err == nil {
		t.Error("no error for an unknown way to make the input")
	}
}
