package inventory

import "github.com/valyala/fastjson"

// configType says how items of one type become CloudFormation's shape.
type configType struct {
	// kind is the type in CloudFormation where it has another name.
	kind  string
	rules []configRule
	// supplementary says that without this part hardly anything is known, and
	// that what is missing in it is not configured. For other types what is
	// missing in it was not asked for.
	supplementary bool
	// unread are properties that items never carry, as Resource.Unread.
	unread []string
}

// configTypes is the whole mapping; docs/inventory.md shows it as a table.
var configTypes = map[string]configType{
	bucketType:                {supplementary: true, rules: bucketRules, unread: bucketUnread},
	"AWS::EC2::Instance":      {rules: instanceRules, unread: instanceUnread},
	"AWS::EC2::SecurityGroup": {rules: securityGroupRules},
	"AWS::EC2::Volume":        {rules: volumeRules, unread: volumeUnread},
	"AWS::EC2::VPC":           {rules: vpcRules, unread: vpcUnread},
	"AWS::IAM::User":          {rules: userRules, unread: userUnread},
	"AWS::IAM::Role":          {rules: roleRules},
	"AWS::IAM::Policy":        {kind: "AWS::IAM::ManagedPolicy", rules: policyRules, unread: policyUnread},
	"AWS::RDS::DBInstance":    {rules: databaseRules, unread: databaseUnread},
	"AWS::KMS::Key":           {rules: keyRules, unread: keyUnread},
	"AWS::CloudTrail::Trail":  {rules: trailRules, unread: trailUnread},
	"AWS::Lambda::Function":   {rules: functionRules, unread: functionUnread},
}

// configNames are the types, of those whose items are kept as they are, that AWS Config
// calls otherwise than CloudFormation.
var configNames = map[string]string{
	"AWS::ACM::Certificate":   "AWS::CertificateManager::Certificate",
	"AWS::OpenSearch::Domain": "AWS::OpenSearchService::Domain",
}

var instanceRules = []configRule{
	{to: "InstanceId", from: "instanceId"},
	{to: "ImageId", from: "imageId"},
	{to: "InstanceType", from: "instanceType"},
	{to: "KeyName", from: "keyName"},
	{to: "AvailabilityZone", from: "placement.availabilityZone"},
	{to: "Tenancy", from: "placement.tenancy"},
	{to: "SubnetId", from: "subnetId"},
	{to: "VpcId", from: "vpcId"},
	{to: "PrivateIpAddress", from: "privateIpAddress"},
	{to: "PrivateIp", from: "privateIpAddress"},
	{to: "PrivateDnsName", from: "privateDnsName"},
	{to: "PublicIp", from: "publicIpAddress"},
	{to: "PublicDnsName", from: "publicDnsName"},
	{to: "Ipv6Addresses", from: "networkInterfaces", how: primaryIPv6},
	{to: "SecurityGroupIds", from: "securityGroups", how: pick("groupId")},
	{to: "IamInstanceProfile", from: "iamInstanceProfile.arn", how: afterSlash},
	{to: "Monitoring", from: "monitoring.state", how: is("enabled", "pending")},
	{to: "EbsOptimized", from: "ebsOptimized"},
	{to: "SourceDestCheck", from: "sourceDestCheck"},
	{to: "MetadataOptions", from: "metadataOptions", how: only("HttpEndpoint", "HttpProtocolIpv6", "HttpPutResponseHopLimit", "HttpTokens", "InstanceMetadataTags")},
	{to: "EnclaveOptions", from: "enclaveOptions"},
	{to: "HibernationOptions", from: "hibernationOptions"},
	{to: "CpuOptions", from: "cpuOptions", how: only("CoreCount", "ThreadsPerCore")},
	{to: "State", from: "state", how: only("Code", "Name")},
	{to: "Affinity", from: "placement.affinity"},
	{to: "PlacementGroupName", from: "placement.groupName"},
	{to: "HostId", from: "placement.hostId"},
	{to: "HostResourceGroupArn", from: "placement.hostResourceGroupArn"},
	{to: "KernelId", from: "kernelId"},
	{to: "RamdiskId", from: "ramdiskId"},
	{to: "BlockDeviceMappings", from: "blockDeviceMappings", how: each(members(
		configRule{to: "DeviceName", from: "deviceName"},
		configRule{to: "Ebs.DeleteOnTermination", from: "ebs.deleteOnTermination"},
	))},
	{to: "Volumes", from: "blockDeviceMappings", how: each(members(
		configRule{to: "Device", from: "deviceName"},
		configRule{to: "VolumeId", from: "ebs.volumeId"},
	))},
	{to: "NetworkInterfaces", from: "networkInterfaces", how: each(members(
		configRule{to: "NetworkInterfaceId", from: "networkInterfaceId"},
		configRule{to: "Description", from: "description"},
		configRule{to: "DeviceIndex", from: "attachment.deviceIndex"},
		configRule{to: "DeleteOnTermination", from: "attachment.deleteOnTermination"},
		configRule{to: "SubnetId", from: "subnetId"},
		configRule{to: "PrivateIpAddress", from: "privateIpAddress"},
		configRule{to: "PrivateIpAddresses", from: "privateIpAddresses", how: each(members(
			configRule{to: "Primary", from: "primary"},
			configRule{to: "PrivateIpAddress", from: "privateIpAddress"},
			configRule{to: "Association.PublicIp", from: "association.publicIp"},
		))},
		configRule{to: "Ipv6Addresses", from: "ipv6Addresses", how: each(only("Ipv6Address"))},
		configRule{to: "GroupSet", from: "groups", how: pick("groupId")},
		configRule{to: "AssociatePublicIpAddress", from: "association", how: exists},
		configRule{to: "Association.PublicIp", from: "association.publicIp"},
	))},
	{to: "Tags", from: "tags"},
}

var securityGroupRules = []configRule{
	{to: "GroupId", from: "groupId"},
	{to: "GroupName", from: "groupName"},
	{to: "GroupDescription", from: "description"},
	{to: "VpcId", from: "vpcId"},
	{to: "SecurityGroupIngress", from: "ipPermissions", how: permissions("Source"), always: true},
	{to: "SecurityGroupEgress", from: "ipPermissionsEgress", how: permissions("Destination"), always: true},
	{to: "Tags", from: "tags"},
}

var volumeRules = []configRule{
	{to: "VolumeId", from: "volumeId"},
	{to: "AvailabilityZone", from: "availabilityZone"},
	{to: "Encrypted", from: "encrypted", always: true},
	{to: "KmsKeyId", from: "kmsKeyId"},
	{to: "Size", from: "size"},
	{to: "SnapshotId", from: "snapshotId"},
	{to: "VolumeType", from: "volumeType"},
	{to: "Iops", from: "iops"},
	{to: "Throughput", from: "throughput"},
	{to: "MultiAttachEnabled", from: "multiAttachEnabled"},
	{to: "Tags", from: "tags"},
}

var vpcRules = []configRule{
	{to: "VpcId", from: "vpcId"},
	{to: "CidrBlock", from: "cidrBlock"},
	{to: "InstanceTenancy", from: "instanceTenancy"},
	{to: "CidrBlockAssociations", from: "cidrBlockAssociationSet", how: pick("associationId")},
	{to: "Ipv6CidrBlocks", from: "ipv6CidrBlockAssociationSet", how: pick("ipv6CidrBlock")},
	{to: "Tags", from: "tags"},
}

var userRules = []configRule{
	{to: "UserName", from: "userName"},
	{to: "Arn", from: "arn"},
	{to: "Path", from: "path"},
	{to: "Groups", from: "groupList"},
	{to: "ManagedPolicyArns", from: "attachedManagedPolicies", how: pick("policyArn")},
	{to: "Policies", from: "userPolicyList", how: inlinePolicies, always: true},
	{to: "PermissionsBoundary", from: "permissionsBoundary.permissionsBoundaryArn"},
	{to: "Tags", from: "tags"},
}

var roleRules = []configRule{
	{to: "RoleName", from: "roleName"},
	{to: "RoleId", from: "roleId"},
	{to: "Arn", from: "arn"},
	{to: "Path", from: "path"},
	{to: "Description", from: "description"},
	{to: "MaxSessionDuration", from: "maxSessionDuration"},
	{to: "AssumeRolePolicyDocument", from: "assumeRolePolicyDocument", how: document},
	{to: "ManagedPolicyArns", from: "attachedManagedPolicies", how: pick("policyArn")},
	{to: "Policies", from: "rolePolicyList", how: inlinePolicies, always: true},
	{to: "PermissionsBoundary", from: "permissionsBoundary.permissionsBoundaryArn"},
	{to: "Tags", from: "tags"},
}

var policyRules = []configRule{
	{to: "ManagedPolicyName", from: "policyName"},
	{to: "PolicyId", from: "policyId"},
	{to: "PolicyArn", from: "arn"},
	{to: "Path", from: "path"},
	{to: "Description", from: "description"},
	{to: "AttachmentCount", from: "attachmentCount"},
	{to: "DefaultVersionId", from: "defaultVersionId"},
	{to: "IsAttachable", from: "isAttachable"},
	{to: "PermissionsBoundaryUsageCount", from: "permissionsBoundaryUsageCount"},
	{to: "CreateDate", from: "createDate"},
	{to: "UpdateDate", from: "updateDate"},
	{to: "PolicyDocument", from: "policyVersionList", how: defaultVersion},
}

var databaseRules = []configRule{
	{to: "DBInstanceIdentifier", from: "dBInstanceIdentifier"},
	{to: "DBInstanceArn", from: "dBInstanceArn"},
	{to: "DbiResourceId", from: "dbiResourceId"},
	{to: "DBInstanceClass", from: "dBInstanceClass"},
	{to: "DBClusterIdentifier", from: "dBClusterIdentifier"},
	{to: "DBName", from: "dBName"},
	{to: "Engine", from: "engine"},
	{to: "EngineVersion", from: "engineVersion"},
	{to: "LicenseModel", from: "licenseModel"},
	{to: "MasterUsername", from: "masterUsername"},
	{to: "AllocatedStorage", from: "allocatedStorage"},
	{to: "MaxAllocatedStorage", from: "maxAllocatedStorage"},
	{to: "StorageType", from: "storageType"},
	{to: "StorageEncrypted", from: "storageEncrypted", always: true},
	{to: "KmsKeyId", from: "kmsKeyId"},
	{to: "Iops", from: "iops"},
	{to: "AvailabilityZone", from: "availabilityZone"},
	{to: "MultiAZ", from: "multiAZ", always: true},
	{to: "PubliclyAccessible", from: "publiclyAccessible", always: true},
	{to: "Port", from: "endpoint.port"},
	{to: "Endpoint", from: "endpoint", how: only("Address", "HostedZoneId", "Port")},
	{to: "VPCSecurityGroups", from: "vpcSecurityGroups", how: pick("vpcSecurityGroupId")},
	{to: "DBSubnetGroupName", from: "dBSubnetGroup.dBSubnetGroupName"},
	{to: "DBParameterGroupName", from: "dBParameterGroups", how: first("dBParameterGroupName")},
	{to: "OptionGroupName", from: "optionGroupMemberships", how: first("optionGroupName")},
	{to: "BackupRetentionPeriod", from: "backupRetentionPeriod", always: true},
	{to: "PreferredBackupWindow", from: "preferredBackupWindow"},
	{to: "PreferredMaintenanceWindow", from: "preferredMaintenanceWindow"},
	{to: "AutoMinorVersionUpgrade", from: "autoMinorVersionUpgrade", always: true},
	{to: "CopyTagsToSnapshot", from: "copyTagsToSnapshot"},
	{to: "DeletionProtection", from: "deletionProtection", always: true},
	{to: "EnableIAMDatabaseAuthentication", from: "iAMDatabaseAuthenticationEnabled"},
	{to: "EnablePerformanceInsights", from: "performanceInsightsEnabled"},
	{to: "PerformanceInsightsKMSKeyId", from: "performanceInsightsKMSKeyId"},
	{to: "PerformanceInsightsRetentionPeriod", from: "performanceInsightsRetentionPeriod"},
	{to: "EnableCloudwatchLogsExports", from: "enabledCloudwatchLogsExports"},
	{to: "MonitoringInterval", from: "monitoringInterval"},
	{to: "MonitoringRoleArn", from: "monitoringRoleArn"},
	{to: "CACertificateIdentifier", from: "cACertificateIdentifier"},
	{to: "CharacterSetName", from: "characterSetName"},
	{to: "Timezone", from: "timezone"},
	{to: "PromotionTier", from: "promotionTier"},
	{to: "ProcessorFeatures", from: "processorFeatures"},
	{to: "DBSecurityGroups", from: "dBSecurityGroups", how: pick("dBSecurityGroupName")},
	{to: "SourceDBInstanceIdentifier", from: "readReplicaSourceDBInstanceIdentifier"},
	{to: "DBInstanceStatus", from: "dBInstanceStatus"},
	{to: "Tags", from: "tagList"},
}

var keyRules = []configRule{
	{to: "KeyId", from: "keyId"},
	{to: "Arn", from: "arn"},
	{to: "Description", from: "description"},
	{to: "Enabled", from: "enabled"},
	{to: "KeyState", from: "keyState"},
	{to: "KeyManager", from: "keyManager"},
	{to: "KeyUsage", from: "keyUsage"},
	{to: "KeySpec", from: "keySpec"},
	{to: "KeySpec", from: "customerMasterKeySpec"},
	{to: "Origin", from: "origin"},
	{to: "MultiRegion", from: "multiRegion"},
	{to: "EnableKeyRotation", from: "+KeyRotationStatus", how: truth},
	{to: "KeyPolicy", from: "+Policy", how: document},
	{to: "Tags", from: "tags"},
}

var trailRules = []configRule{
	{to: "TrailName", from: "name"},
	{to: "Arn", from: "trailARN"},
	{to: "S3BucketName", from: "s3BucketName"},
	{to: "S3KeyPrefix", from: "s3KeyPrefix"},
	{to: "SnsTopicName", from: "snsTopicName"},
	{to: "SnsTopicArn", from: "snsTopicARN"},
	{to: "IncludeGlobalServiceEvents", from: "includeGlobalServiceEvents"},
	{to: "IsMultiRegionTrail", from: "isMultiRegionTrail", always: true},
	{to: "IsOrganizationTrail", from: "isOrganizationTrail"},
	{to: "EnableLogFileValidation", from: "logFileValidationEnabled", always: true},
	{to: "CloudWatchLogsLogGroupArn", from: "cloudWatchLogsLogGroupArn"},
	{to: "CloudWatchLogsRoleArn", from: "cloudWatchLogsRoleArn"},
	{to: "KMSKeyId", from: "kmsKeyId"},
	{to: "IsLogging", from: "+TrailStatus.isLogging", how: truth},
	{to: "EventSelectors", from: "+EventSelectors"},
	{to: "InsightSelectors", from: "+InsightSelectors"},
}

var functionRules = []configRule{
	{to: "FunctionName", from: "functionName"},
	{to: "Arn", from: "functionArn"},
	{to: "Runtime", from: "runtime"},
	{to: "Role", from: "role"},
	{to: "Handler", from: "handler"},
	{to: "Description", from: "description"},
	{to: "Timeout", from: "timeout"},
	{to: "MemorySize", from: "memorySize"},
	{to: "PackageType", from: "packageType"},
	{to: "Architectures", from: "architectures"},
	{to: "EphemeralStorage", from: "ephemeralStorage"},
	{to: "VpcConfig", from: "vpcConfig", how: only("Ipv6AllowedForDualStack", "SecurityGroupIds", "SubnetIds")},
	{to: "Environment.Variables", from: "environment.variables", how: same},
	{to: "KmsKeyArn", from: "kMSKeyArn"},
	{to: "KmsKeyArn", from: "kmskeyArn"}, // as queries spell it
	{to: "TracingConfig", from: "tracingConfig"},
	{to: "DeadLetterConfig", from: "deadLetterConfig"},
	{to: "Layers", from: "layers", how: pick("arn")},
	{to: "FileSystemConfigs", from: "fileSystemConfigs", how: each(only("Arn", "LocalMountPath"))},
	{to: "ImageConfig", from: "imageConfigResponse.imageConfig"},
	{to: "ReservedConcurrentExecutions", from: "+Concurrency.reservedConcurrentExecutions"},
}

var inlinePolicies = each(members(
	configRule{to: "PolicyName", from: "policyName"},
	configRule{to: "PolicyDocument", from: "policyDocument", how: document},
))

// defaultVersion is the document of the version in force.
func defaultVersion(m *configMapper, v *fastjson.Value) *fastjson.Value {
	for _, version := range m.list(v) {
		if version.GetBool("isDefaultVersion") && version.Exists("document") {
			return document(m, version.Get("document"))
		}
	}
	return nil
}

// first is the member named key of the first item.
func first(key string) conversion {
	return func(m *configMapper, v *fastjson.Value) *fastjson.Value {
		if items := m.list(v); len(items) > 0 {
			return items[0].Get(key)
		}
		return nil
	}
}

func exists(m *configMapper, _ *fastjson.Value) *fastjson.Value { return m.d.arena.NewTrue() }

// primaryIPv6 lists the addresses of an instance's first interface, which
// CloudFormation has beside the interfaces too.
func primaryIPv6(m *configMapper, v *fastjson.Value) *fastjson.Value {
	for _, item := range m.list(v) {
		if item.GetInt("attachment", "deviceIndex") == 0 && present(item.Get("ipv6Addresses")) {
			return each(only("Ipv6Address"))(m, item.Get("ipv6Addresses"))
		}
	}
	return nil
}

func afterSlash(m *configMapper, v *fastjson.Value) *fastjson.Value {
	return m.d.string(lastOf(text(v)))
}

// permissions makes a rule of each source or destination of each permission.
func permissions(side string) conversion {
	sources := [...]struct{ list, key, to string }{
		{"ipv4Ranges", "cidrIp", "CidrIp"},
		{"ipv6Ranges", "cidrIpv6", "CidrIpv6"},
		{"prefixListIds", "prefixListId", side + "PrefixListId"},
		{"userIdGroupPairs", "groupId", side + "SecurityGroupId"},
	}
	return func(m *configMapper, v *fastjson.Value) *fastjson.Value {
		rules := m.d.arena.NewArray()
		add := func(permission, source *fastjson.Value, to string, value *fastjson.Value) {
			rule := members(
				configRule{to: "IpProtocol", from: "ipProtocol"},
				configRule{to: "FromPort", from: "fromPort"},
				configRule{to: "ToPort", from: "toPort"},
			)(m, permission)
			if present(value) { // else a rule of which nobody knows whom it lets in
				rule.Set(to, value)
			}
			if text := source.Get("description"); present(text) {
				rule.Set("Description", text)
			}
			if owner := source.Get("userId"); present(owner) && side == "Source" {
				rule.Set("SourceSecurityGroupOwnerId", owner)
			}
			if name := source.Get("groupName"); present(name) && side == "Source" {
				rule.Set("SourceSecurityGroupName", name)
			}
			rules.SetArrayItem(len(rules.GetArray()), rule)
		}
		for _, permission := range m.list(v) {
			before := len(rules.GetArray())
			for _, s := range sources {
				for _, source := range m.list(permission.Get(s.list)) {
					add(permission, source, s.to, source.Get(s.key))
				}
			}
			if !permission.Exists("ipv4Ranges") {
				for _, cidr := range m.list(permission.Get("ipRanges")) {
					add(permission, nil, "CidrIp", cidr)
				}
			}
			if len(rules.GetArray()) == before {
				add(permission, nil, "", nil)
			}
		}
		return rules
	}
}
