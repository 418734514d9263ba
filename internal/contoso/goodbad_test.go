package contoso

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestGoodAndBadExamples wants both a good and a bad value of the properties
// that recommendations look at. Good is the JSON of the good value; any other
// value, or none, is bad. A leading ^ reads beside the properties, a * any
// item of a list.
func TestGoodAndBadExamples(t *testing.T) {
	tests := map[string]struct{ kind, path, good string }{
		"storage_secure_transfer":     {"Microsoft.Storage/storageAccounts", "supportsHttpsTrafficOnly", `true`},
		"storage_tls":                 {"Microsoft.Storage/storageAccounts", "minimumTlsVersion", `"TLS1_2"`},
		"storage_anonymous":           {"Microsoft.Storage/storageAccounts", "allowBlobPublicAccess", `false`},
		"storage_shared_key":          {"Microsoft.Storage/storageAccounts", "allowSharedKeyAccess", `false`},
		"storage_network":             {"Microsoft.Storage/storageAccounts", "networkAcls.defaultAction", `"Deny"`},
		"storage_key":                 {"Microsoft.Storage/storageAccounts", "encryption.keySource", `"Microsoft.Keyvault"`},
		"storage_soft_delete":         {"Microsoft.Storage/storageAccounts/blobServices", "deleteRetentionPolicy.enabled", `true`},
		"vault_rbac":                  {kindVault, "enableRbacAuthorization", `true`},
		"vault_purge":                 {kindVault, "enablePurgeProtection", `true`},
		"vault_soft_delete":           {kindVault, "enableSoftDelete", `true`},
		"vault_firewall":              {kindVault, "networkAcls.defaultAction", `"Deny"`},
		"vm_host_encryption":          {kindVM, "securityProfile.encryptionAtHost", `true`},
		"vm_linux_keys":               {kindVM, "osProfile.linuxConfiguration.disablePasswordAuthentication", `true`},
		"scale_set_host_encryption":   {"Microsoft.Compute/virtualMachineScaleSets", "virtualMachineProfile.securityProfile.encryptionAtHost", `true`},
		"disk_network":                {kindDisk, "networkAccessPolicy", `"DenyAll"`},
		"interface_forwarding":        {kindNIC, "enableIPForwarding", `false`},
		"rule_source":                 {"Microsoft.Network/networkSecurityGroups/securityRules", "sourceAddressPrefix", `"10.0.2.0/26"`},
		"vnet_ddos":                   {kindVNet, "enableDdosProtection", `true`},
		"subnet_guarded":              {"Microsoft.Network/virtualNetworks/subnets", "networkSecurityGroup", ``},
		"gateway_waf":                 {kindAppGateway, "sku.tier", `"WAF_v2"`},
		"waf_prevention":              {kindWAF, "policySettings.mode", `"Prevention"`},
		"sql_public":                  {kindSQL, "publicNetworkAccess", `"Disabled"`},
		"sql_entra_only":              {kindSQL, "administrators.azureADOnlyAuthentication", `true`},
		"sql_auditing":                {kindSQL + "/auditingSettings", "state", `"Enabled"`},
		"sql_threats":                 {kindSQL + "/securityAlertPolicies", "state", `"Enabled"`},
		"sql_vulnerabilities":         {kindSQL + "/vulnerabilityAssessments", "recurringScans.isEnabled", `true`},
		"sql_encryption":              {kindSQL + "/databases/transparentDataEncryption", "state", `"Enabled"`},
		"postgres_public":             {kindPostgreSQL, "network.publicNetworkAccess", `"Disabled"`},
		"postgres_settings":           {kindPostgreSQL + "/configurations", "value", `"on"`},
		"postgres_threats":            {kindPostgreSQL + "/advancedThreatProtectionSettings", "state", `"Enabled"`},
		"site_https":                  {kindSite, "httpsOnly", `true`},
		"site_client_certificates":    {kindSite, "clientCertEnabled", `true`},
		"site_tls":                    {kindSite + "/config", "minTlsVersion", `"1.2"`},
		"site_ftp":                    {kindSite + "/config", "ftpsState", `"FtpsOnly"`},
		"slot_https":                  {kindSite + "/slots", "httpsOnly", `true`},
		"cluster_rbac":                {kindCluster, "enableRBAC", `true`},
		"cluster_defender":            {kindCluster, "securityProfile.defender.securityMonitoring.enabled", `true`},
		"cluster_policy":              {kindCluster, "addonProfiles.azurepolicy.enabled", `true`},
		"registry_public":             {kindRegistry, "publicNetworkAccess", `"Disabled"`},
		"cosmos_local_auth":           {kindCosmos, "disableLocalAuth", `true`},
		"cosmos_public":               {kindCosmos, "publicNetworkAccess", `"Disabled"`},
		"event_hubs_local_auth":       {kindEventHubs, "disableLocalAuth", `true`},
		"service_bus_local_auth":      {kindBus, "disableLocalAuth", `true`},
		"redis_tls_only":              {kindRedis, "enableNonSslPort", `false`},
		"language_service_local_auth": {"Microsoft.CognitiveServices/accounts", "disableLocalAuth", `true`},
		"databricks_public":           {kindDatabricks, "publicNetworkAccess", `"Disabled"`},
		"learning_public":             {kindLearning, "publicNetworkAccess", `"Disabled"`},
		"learning_local_auth":         {kindLearning + "/computes", "disableLocalAuth", `true`},
		"fabric_entra":                {kindFabric, "azureActiveDirectory", ``},
		"synapse_entra_only":          {kindSynapse, "azureADOnlyAuthentication", `true`},
		"managed_sql_public":          {kindManagedSQL, "publicDataEndpointEnabled", `false`},
		"app_configuration_public":    {kindAppConfig, "publicNetworkAccess", `"Disabled"`},
		"certificate_months":          {kindVault + "/certificates", "policy.x509_props.validity_months", `12`},
		"automation_variable":         {kindAutomation + "/variables", "isEncrypted", `true`},
		"defender_plan":               {"Microsoft.Security/pricings", "pricingTier", `"Standard"`},
		"contact_address":             {"Microsoft.Security/securityContacts", "emails", `"security@contoso.com"`},
		"contact_roles":               {"Microsoft.Security/securityContacts", "notificationsByRole.state", `"On"`},
		"alert_enabled":               {"Microsoft.Insights/activityLogAlerts", "enabled", `true`},
		"alert_tells_somebody":        {"Microsoft.Insights/activityLogAlerts", "actions.actionGroups", `[{"actionGroupId":"` + actionGroupID(onCall) + `"}]`},
		"alarm_rings":                 {"AWS::CloudWatch::Alarm", "ActionsEnabled", `true`},
		"filter_without_alarm":        {"AWS::Logs::MetricFilter", "Alarms", `[]`},
		"filter_without_trail":        {"AWS::Logs::MetricFilter", "Trails", `[]`},
		"flow_log_enabled":            {kindWatcher + "/flowLogs", "enabled", `true`},
		"recovery_soft_delete":        {kindRecovery, "securitySettings.softDeleteSettings.softDeleteState", `"AlwaysON"`},

		"bucket_public_access_block":  {"AWS::S3::Bucket", "PublicAccessBlockConfiguration.BlockPublicPolicy", `true`},
		"bucket_versions":             {"AWS::S3::Bucket", "VersioningConfiguration.Status", `"Enabled"`},
		"account_public_access_block": {"AWS::S3::AccountPublicAccessBlock", "BlockPublicPolicy", `true`},
		"instance_tokens":             {"AWS::EC2::Instance", "MetadataOptions.HttpTokens", `"required"`},
		"instance_profile":            {"AWS::EC2::Instance", "IamInstanceProfile", `"shop-web"`},
		"volume_encrypted":            {"AWS::EC2::Volume", "Encrypted", `true`},
		"snapshot_encrypted":          {"AWS::EC2::Snapshot", "Encrypted", `true`},
		"subnet_public_addresses":     {"AWS::EC2::Subnet", "MapPublicIpOnLaunch", `false`},
		"database_encrypted":          {"AWS::RDS::DBInstance", "StorageEncrypted", `true`},
		"database_public":             {"AWS::RDS::DBInstance", "PubliclyAccessible", `false`},
		"database_two_zones":          {"AWS::RDS::DBInstance", "MultiAZ", `true`},
		"database_deletion":           {"AWS::RDS::DBInstance", "DeletionProtection", `true`},
		"database_snapshot":           {"AWS::RDS::DBSnapshot", "Encrypted", `true`},
		"kms_rotation":                {"AWS::KMS::Key", "EnableKeyRotation", `true`},
		"kms_state":                   {"AWS::KMS::Key", "Enabled", `true`},
		"trail_regions":               {"AWS::CloudTrail::Trail", "IsMultiRegionTrail", `true`},
		"password_length":             {"AWS::IAM::AccountPasswordPolicy", "MinimumPasswordLength", `16`},
		"password_history":            {"AWS::IAM::AccountPasswordPolicy", "PasswordReusePrevention", `24`},
		"root_mfa":                    {"AWS::::Account", "AccountSummary.AccountMFAEnabled", `1`},
		"root_keys":                   {"AWS::::Account", "AccountSummary.AccountAccessKeysPresent", `0`},
		"region_volumes_encrypted":    {"AWS::::Region", "EbsEncryptionByDefault", `true`},
		"detector_on":                 {"AWS::GuardDuty::Detector", "Enable", `true`},
		"user_with_mfa":               {"AWS::IAM::User", "CredentialReport.mfa_active", `"true"`},
		"bucket_policy_public":        {"AWS::S3::Bucket", "PolicyStatus.IsPublic", `false`},
		"key_state":                   {"AWS::KMS::Key", "KeyState", `"Enabled"`},
		"secret_rotated":              {"AWS::SecretsManager::Secret", "RotationEnabled", `true`},
		"notebook_inside":             {"AWS::SageMaker::NotebookInstance", "DirectInternetAccess", `"Disabled"`},
		"warehouse_public":            {"AWS::Redshift::Cluster", "PubliclyAccessible", `false`},
		"search_encrypted":            {"AWS::OpenSearchService::Domain", "EncryptionAtRestOptions.Enabled", `true`},
		"kafka_in_transit":            {"AWS::MSK::Cluster", "EncryptionInfo.EncryptionInTransit.ClientBroker", `"TLS"`},
		"graph_encrypted":             {"AWS::Neptune::DBCluster", "StorageEncrypted", `true`},
		"cache_encrypted":             {"AWS::DAX::Cluster", "SSESpecification.SSEEnabled", `true`},
		"table_recovery":              {"AWS::DynamoDB::Table", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", `true`},
		"topic_key":                   {"AWS::SNS::Topic", "KmsMasterKeyId", ``},
		"queue_key":                   {"AWS::SQS::Queue", "KmsMasterKeyId", ``},
		"repository_scan":             {"AWS::ECR::Repository", "ImageScanningConfiguration.ScanOnPush", `true`},
		"eks_endpoint":                {"AWS::EKS::Cluster", "ResourcesVpcConfig.EndpointPublicAccess", `false`},
		"function_runtime":            {"AWS::Lambda::Function", "Runtime", `"python3.13"`},
		"function_in_vpc":             {"AWS::Lambda::Function", "VpcConfig", ``},

		"gcs_uniform_access":     {"storage.googleapis.com/Bucket", "iamConfiguration.uniformBucketLevelAccess.enabled", `true`},
		"gcs_prevention":         {"storage.googleapis.com/Bucket", "iamConfiguration.publicAccessPrevention", `"enforced"`},
		"gcs_locked_retention":   {"storage.googleapis.com/Bucket", "retentionPolicy.isLocked", `true`},
		"instance_forwarding":    {"compute.googleapis.com/Instance", "canIpForward", `false`},
		"instance_shielded":      {"compute.googleapis.com/Instance", "shieldedInstanceConfig.enableVtpm", `true`},
		"instance_confidential":  {"compute.googleapis.com/Instance", "confidentialInstanceConfig.enableConfidentialCompute", `true`},
		"disk_key":               {"compute.googleapis.com/Disk", "diskEncryptionKey.kmsKeyName", ``},
		"firewall_disabled":      {"compute.googleapis.com/Firewall", "disabled", `false`},
		"subnetwork_flow_logs":   {"compute.googleapis.com/Subnetwork", "logConfig.enable", `true`},
		"network_name":           {"compute.googleapis.com/Network", "name", `"default"`},
		"backend_log":            {"compute.googleapis.com/BackendService", "logConfig.enable", `true`},
		"cloud_sql_public":       {"sqladmin.googleapis.com/Instance", "settings.ipConfiguration.ipv4Enabled", `false`},
		"cloud_sql_tls":          {"sqladmin.googleapis.com/Instance", "settings.ipConfiguration.sslMode", `"ENCRYPTED_ONLY"`},
		"cloud_sql_backups":      {"sqladmin.googleapis.com/Instance", "settings.backupConfiguration.enabled", `true`},
		"gke_private_nodes":      {"container.googleapis.com/Cluster", "privateClusterConfig.enablePrivateNodes", `true`},
		"gke_legacy_abac":        {"container.googleapis.com/Cluster", "legacyAbac.enabled", `false`},
		"crypto_key_rotation":    {"cloudkms.googleapis.com/CryptoKey", "rotationPeriod", `"7776000s"`},
		"dataset_key":            {"bigquery.googleapis.com/Dataset", "defaultEncryptionConfiguration.kmsKeyName", ``},
		"table_key":              {"bigquery.googleapis.com/Table", "encryptionConfiguration.kmsKeyName", ``},
		"zone_dnssec":            {"dns.googleapis.com/ManagedZone", "dnssecConfig.state", `"on"`},
		"sink_takes_all":         {"logging.googleapis.com/LogSink", "filter", ``},
		"api_key_restricted":     {"apikeys.googleapis.com/Key", "restrictions.apiTargets", ``},
		"service_account_active": {"iam.googleapis.com/ServiceAccount", "disabled", `true`},

		"dataproc_key": {"dataproc.googleapis.com/Cluster", "config.encryptionConfig.gcePdKmsKeyName", ``},

		"machine_firewall":        {"machine", "firewall.enabled", `true`},
		"machine_disks":           {"machine", "diskEncryption.enabled", `true`},
		"machine_updates":         {"machine", "updates.pendingSecurity", `0`},
		"machine_antivirus":       {"machine", "antivirus.running", `true`},
		"machine_edr":             {"machine", "edr.installed", `true`},
		"machine_root_ssh":        {"machine", "sshd.permitRootLogin", `"no"`},
		"machine_password_ssh":    {"machine", "sshd.passwordAuthentication", `"no"`},
		"machine_empty_passwords": {"machine", "sshd.permitEmptyPasswords", `"no"`},
		"machine_secure_boot":     {"machine", "secureBoot.enabled", `true`},
		"machine_password_length": {"machine", "passwordPolicy.minimumLength", `14`},
		"machine_lm_hash":         {"machine", "windows.lsa.noLmHash", `true`},
		"machine_supported":       {"machine", "os.supportEnds", `"2023-10-10"`},
	}
	all := resources(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			good, bad := 0, 0
			for _, r := range all {
				if kindOf(r) != test.kind || test.kind == kindVault && r["properties"] == nil || strings.HasSuffix(idOf(r), "/authsettingsV2") {
					continue
				}
				found := property(r, test.path)
				text, err := json.Marshal(found)
				if err != nil {
					t.Fatal(err)
				}
				if string(text) == test.good || test.good == "" && found != nil {
					good++
				} else {
					bad++
				}
			}
			if good == 0 || bad == 0 {
				t.Errorf("%s of %s: %d good, %d bad; want some of each", test.path, test.kind, good, bad)
			}
		})
	}
}

// TestStoriesAreThere names the things that docs/demo.md tells about.
func TestStoriesAreThere(t *testing.T) {
	all := resources(t)
	find := func(part string) map[string]any {
		i := slices.IndexFunc(all, func(r map[string]any) bool { return strings.HasSuffix(idOf(r), part) })
		if i < 0 {
			t.Fatalf("%s is not there", part)
		}
		return all[i]
	}
	tests := map[string]struct {
		id, path string
		want     string
	}{
		"marketing_is_public":         {"/stcontosocampaigns", "allowBlobPublicAccess", `true`},
		"rdp_from_anywhere":           {"/securityRules/rdp-for-the-supplier", "destinationPortRange", `"3389"`},
		"restored_database_is_plain":  {"db:shop-orders-restored", "StorageEncrypted", `false`},
		"anyone_may_take_the_role":    {"role/partner-exchange", "AssumeRolePolicyDocument.Statement", `[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"AWS":"*"}}]`},
		"migration_role_does_all":     {"/" + guid("role/migration"), "permissions", `[{"actions":["*"],"dataActions":[],"notDataActions":[]}]`},
		"vault_in_development_hidden": {"/kv-webshop-dev", "enableSoftDelete", `null`},
		"till_with_telnet":            {"/store-berlin-02", "firewall.enabled", `true`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(property(find(test.id), test.path))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("%s %s = %s, want %s", test.id, test.path, got, test.want)
			}
		})
	}
}
