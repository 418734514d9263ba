package inventory

// What items of AWS Config never carry, by type: what CloudFormation has beside
// the properties that are mapped. A test holds both together to
// CloudFormation's own list, so that nothing passes for absent that was not
// read.
var (
	bucketUnread = unread(
		"AbacStatus", "AccessControl", "AnalyticsConfigurations",
		"BucketEncryption.ServerSideEncryptionConfiguration[*].BlockedEncryptionTypes", "BucketNamePrefix",
		"BucketNamespace", "IntelligentTieringConfigurations", "InventoryConfigurations",
		"LifecycleConfiguration.Rules[*].NoncurrentVersionExpiration",
		"LifecycleConfiguration.Rules[*].NoncurrentVersionTransition",
		"LifecycleConfiguration.Rules[*].Transition",
		"LifecycleConfiguration.TransitionDefaultMinimumObjectSize",
		"LoggingConfiguration.TargetObjectKeyFormat", "MetadataConfiguration", "MetadataTableConfiguration",
		"MetricsConfigurations", "NotificationConfiguration",
		"ObjectLockConfiguration.Rule.DefaultRetention.DefaultEventHold", "ObjectLockEnabled",
		"OwnershipControls", "ReplicationConfiguration.Rules[*].Destination.AccessControlTranslation",
		"ReplicationConfiguration.Rules[*].Destination.EncryptionConfiguration",
		"ReplicationConfiguration.Rules[*].Destination.Metrics",
		"ReplicationConfiguration.Rules[*].Destination.ReplicationTime",
		"ReplicationConfiguration.Rules[*].Filter", "ReplicationConfiguration.Rules[*].SourceSelectionCriteria",
		"Tags",
	)
	instanceUnread = unread(
		"AdditionalInfo", "BlockDeviceMappings[*].Ebs.Encrypted", "BlockDeviceMappings[*].Ebs.Iops",
		"BlockDeviceMappings[*].Ebs.KmsKeyId", "BlockDeviceMappings[*].Ebs.SnapshotId",
		"BlockDeviceMappings[*].Ebs.VolumeSize", "BlockDeviceMappings[*].Ebs.VolumeType",
		"BlockDeviceMappings[*].NoDevice", "BlockDeviceMappings[*].VirtualName", "CreditSpecification",
		"DisableApiTermination", "ElasticGpuSpecifications", "ElasticInferenceAccelerators",
		"InstanceInitiatedShutdownBehavior", "Ipv6AddressCount", "LaunchTemplate",
		"LicenseSpecifications", "NetworkInterfaces[*].AssociateCarrierIpAddress",
		"NetworkInterfaces[*].EnaSrdSpecification", "NetworkInterfaces[*].Ipv6AddressCount",
		"NetworkInterfaces[*].SecondaryPrivateIpAddressCount", "PrivateDnsNameOptions",
		"PropagateTagsToVolumeOnCreation", "SecurityGroups", "SsmAssociations", "UserData",
	)
	volumeUnread = unread(
		"AutoEnableIO", "AvailabilityZoneId", "OutpostArn", "SourceVolumeId", "VolumeInitializationRate",
	)
	vpcUnread = unread(
		"DefaultNetworkAcl", "DefaultSecurityGroup", "EnableDnsHostnames", "EnableDnsSupport", "Ipv4IpamPoolId",
		"Ipv4NetmaskLength", "VpcEncryptionControl",
	)
	userUnread     = unread("LoginProfile")
	policyUnread   = unread("Groups", "Roles", "Users")
	databaseUnread = unread(
		"AdditionalStorageVolumes", "AllowMajorVersionUpgrade", "ApplyImmediately", "AssociatedRoles",
		"AutomaticBackupReplicationKmsKeyId", "AutomaticBackupReplicationRegion",
		"AutomaticBackupReplicationRetentionPeriod", "BackupTarget", "CertificateRotationRestart",
		"CustomIAMInstanceProfile", "DBClusterSnapshotIdentifier", "DBSnapshotIdentifier", "DBSystemId",
		"DatabaseInsightsMode", "DedicatedLogVolume", "DeleteAutomatedBackups", "Domain", "DomainAuthSecretArn",
		"DomainDnsIps", "DomainFqdn", "DomainIAMRoleName", "DomainOu", "EngineLifecycleSupport",
		"ManageMasterUserPassword", "MasterUserAuthenticationType", "MasterUserPassword", "MasterUserSecret",
		"NcharCharacterSetName", "NetworkType", "ReplicaMode", "RestoreTime", "SourceDBClusterIdentifier",
		"SourceDBInstanceAutomatedBackupsArn", "SourceDbiResourceId", "SourceRegion", "StorageThroughput",
		"TdeCredentialArn", "TdeCredentialPassword", "UseDefaultProcessorFeatures", "UseLatestRestorableTime",
	)
	keyUnread   = unread("BypassPolicyLockoutSafetyCheck", "PendingWindowInDays", "RotationPeriodInDays")
	trailUnread = unread(
		"AdvancedEventSelectors", "AggregationConfigurations", "InsightSelectors[*].EventCategories", "Tags",
	)
	functionUnread = unread(
		"CapacityProviderConfig", "Code", "CodeSigningConfigArn", "DurableConfig",
		"FileSystemConfigs[*].S3FilesConfig", "FunctionScalingConfig", "LoggingConfig",
		"PublishToLatestPublished", "RecursiveLoop", "RuntimeManagementConfig", "SnapStart", "Tags",
		"TenancyConfig",
	)
)

// unread gives properties as [Resource.Unread] has them.
func unread(names ...string) []string {
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = "properties." + name
	}
	return paths
}
