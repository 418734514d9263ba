package contoso

// addCertificates adds what stands between the shop and its visitors: two
// certificates of ACM, one that waits for its validation, two that IAM keeps.
func (e *estate) addCertificates() {
	for _, c := range []struct {
		domain, kind, status string
		from, until          string
	}{
		{"shop.contoso.com", "AMAZON_ISSUED", "ISSUED", "2026-06-01T00:00:00Z", "2027-07-01T23:59:59Z"},
		// Bought by the agency; whoever gets the reminders has left.
		{"campaigns.contoso.com", "IMPORTED", "ISSUED", "2025-12-08T00:00:00Z", "2026-12-08T23:59:59Z"},
		{"beta.contoso.com", "AMAZON_ISSUED", "PENDING_VALIDATION", "", ""},
	} {
		id := certificateARN(c.domain)
		bought := c.kind == "IMPORTED"
		e.inAWS(awsShop, ireland, "AWS::CertificateManager::Certificate", id, object{
			{"CertificateArn", id},
			{"DomainName", c.domain},
			{"SubjectAlternativeNames", words(c.domain)},
			{"ValidationMethod", when(!bought, "DNS")},
			{"KeyAlgorithm", "RSA_2048"},
			{"Type", c.kind},
			{"Status", c.status},
			{"NotBefore", text(c.from)},
			{"NotAfter", text(c.until)},
			{"RenewalEligibility", choose(bought || c.until == "", "INELIGIBLE", "ELIGIBLE")},
			{"InUseBy", list{}},
			{"Tags", ownerTags(c.domain, "webshop")},
		})
	}
	for _, c := range []struct{ name, from, until string }{
		{"partner-exchange-2026", "2026-02-10T00:00:00Z", "2027-03-12T23:59:59Z"},
		{"stores-2026", "2026-05-30T00:00:00Z", "2027-06-29T23:59:59Z"},
	} {
		id := arn("iam", "", awsShop.id, "server-certificate/"+c.name)
		e.inAWS(awsShop, virginia, "AWS::IAM::ServerCertificate", id, object{
			{"ServerCertificateName", c.name},
			{"ServerCertificateId", "example-certificate-" + digest("certificate/"+c.name, 8)},
			{"Arn", id},
			{"Path", "/"},
			{"UploadDate", c.from},
			{"Expiration", c.until},
		})
	}
}

func certificateARN(domain string) string {
	return arn("acm", ireland, awsShop.id, "certificate/"+guid("acm/"+domain))
}

// addBuilds adds the projects that build, the templates that servers are made
// from and the notebooks of those who experiment.
func (e *estate) addBuilds() {
	variable := func(name, kind, value string) object {
		return object{{"Name", name}, {"Type", kind}, {"Value", value}}
	}
	for _, b := range []struct {
		account    awsAccount
		name, role string
		variables  list
	}{
		{awsShop, "shop-front", "shop-build", list{variable("STAGE", "PLAINTEXT", "production"), variable("NPM_TOKEN", "SECRETS_MANAGER", "shop/npm:token")}},
		{awsAnalytics, "etl-image", "etl-build", list{variable("STAGE", "PLAINTEXT", "production"), variable("PYPI_TOKEN", "PLAINTEXT", placeholder)}},
	} {
		id := arn("codebuild", ireland, b.account.id, "project/"+b.name)
		e.inAWS(b.account, ireland, "AWS::CodeBuild::Project", id, object{
			{"Name", b.name},
			{"Arn", id},
			{"ServiceRole", roleARN(b.account, b.role)},
			{"Source", object{{"Type", "CODECOMMIT"}, {"Location", "https://git-codecommit." + ireland + ".amazonaws.com/v1/repos/" + b.name}}},
			{"Artifacts", object{{"Type", "NO_ARTIFACTS"}}},
			{"Environment", object{
				{"Type", "LINUX_CONTAINER"},
				{"ComputeType", "BUILD_GENERAL1_SMALL"},
				{"Image", "aws/codebuild/standard:7.0"},
				{"PrivilegedMode", true},
				{"EnvironmentVariables", b.variables},
			}},
			{"Tags", ownerTags(b.name, teamName(b.account))},
		})
	}
	for _, t := range []struct {
		account awsAccount
		name    string
		tokens  bool
	}{{awsShop, "eks-shop-nodes", true}, {awsShop, "shop-search", false}, {awsAnalytics, "etl-workers", false}} {
		id := hexID("lt", t.name)
		e.inAWS(t.account, ireland, "AWS::EC2::LaunchTemplate", ec2ARN(t.account, "launch-template/"+id), object{
			{"LaunchTemplateId", id},
			{"LaunchTemplateName", t.name},
			{"DefaultVersionNumber", "1"},
			{"LatestVersionNumber", "1"},
			{"LaunchTemplateData", object{
				{"ImageId", hexID("ami", "amazon-linux-2023")},
				{"InstanceType", "t3.medium"},
				{"MetadataOptions", when(t.tokens, object{{"HttpTokens", "required"}, {"HttpPutResponseHopLimit", 1}, {"HttpEndpoint", "enabled"}})},
			}},
		})
	}
	for _, n := range []struct {
		name, subnet string
		inside       bool
	}{{"demand-forecast", "analytics-private-a", true}, {"churn-experiment", "analytics-public-a", false}} {
		id := arn("sagemaker", ireland, awsAnalytics.id, "notebook-instance/"+n.name)
		e.inAWS(awsAnalytics, ireland, "AWS::SageMaker::NotebookInstance", id, object{
			{"NotebookInstanceName", n.name},
			{"NotebookInstanceArn", id},
			{"InstanceType", "ml.t3.medium"},
			{"RoleArn", roleARN(awsAnalytics, "notebooks")},
			{"SubnetId", awsSubnetID(n.subnet)},
			{"SecurityGroupIds", words(groupID("analytics", "etl"))},
			{"DirectInternetAccess", choose(n.inside, "Disabled", "Enabled")},
			{"RootAccess", choose(n.inside, "Disabled", "Enabled")},
			{"KmsKeyId", when(n.inside, keyARN(awsAnalytics, "data-volumes"))},
			{"Tags", ownerTags(n.name, "data")},
		})
	}
}

// addContainersOfAWS adds the services that run on Fargate and the file
// systems that they share.
func (e *estate) addContainersOfAWS() {
	cluster := arn("ecs", ireland, awsShop.id, "cluster/shop")
	e.inAWS(awsShop, ireland, "AWS::ECS::Cluster", cluster, object{
		{"ClusterName", "shop"},
		{"Arn", cluster},
		{"ClusterSettings", list{object{{"Name", "containerInsights"}, {"Value", "enabled"}}}},
		{"CapacityProviders", words("FARGATE")},
		{"Tags", ownerTags("shop", "webshop")},
	})
	for _, s := range []struct {
		name, subnet string
		public       bool
	}{{"recommendations", "shop-private-a", false}, {"prize-draw", "shop-public-a", true}} {
		task := arn("ecs", ireland, awsShop.id, "task-definition/"+s.name+":7")
		e.inAWS(awsShop, ireland, "AWS::ECS::TaskDefinition", task, object{
			{"Family", s.name},
			{"TaskDefinitionArn", task},
			{"NetworkMode", "awsvpc"},
			{"RequiresCompatibilities", words("FARGATE")},
			{"Cpu", "512"},
			{"Memory", "1024"},
			{"ContainerDefinitions", list{object{
				{"Name", s.name},
				{"Image", awsShop.id + ".dkr.ecr." + ireland + ".amazonaws.com/shop/front:latest"},
				{"Essential", true},
				{"ReadonlyRootFilesystem", !s.public},
				{"Privileged", false},
			}}},
		})
		id := arn("ecs", ireland, awsShop.id, "service/shop/"+s.name)
		e.inAWS(awsShop, ireland, "AWS::ECS::Service", id, object{
			{"ServiceName", s.name},
			{"Name", s.name},
			{"ServiceArn", id},
			{"Cluster", cluster},
			{"TaskDefinition", task},
			{"LaunchType", "FARGATE"},
			{"DesiredCount", 2},
			{"NetworkConfiguration", object{{"AwsvpcConfiguration", object{
				{"Subnets", words(awsSubnetID(s.subnet))},
				{"SecurityGroups", words(groupID("shop", "shop-web"))},
				{"AssignPublicIp", choose(s.public, "ENABLED", "DISABLED")},
			}}}},
			{"Tags", ownerTags(s.name, "webshop")},
		})
	}
	for _, f := range []struct {
		account   awsAccount
		name, key string
		backup    bool
	}{{awsShop, "shop-catalogue-images", "webshop-data", true}, {awsAnalytics, "etl-home", "data-volumes", false}} {
		id := hexID("fs", f.name)
		e.inAWS(f.account, ireland, "AWS::EFS::FileSystem", arn("elasticfilesystem", ireland, f.account.id, "file-system/"+id), object{
			{"FileSystemId", id},
			{"Arn", arn("elasticfilesystem", ireland, f.account.id, "file-system/"+id)},
			{"Encrypted", true},
			{"KmsKeyId", keyARN(f.account, f.key)},
			{"BackupPolicy", object{{"Status", choose(f.backup, "ENABLED", "DISABLED")}}},
			{"PerformanceMode", "generalPurpose"},
			{"ThroughputMode", "elastic"},
			{"FileSystemTags", ownerTags(f.name, teamName(f.account))},
		})
	}
}

// addStreams adds streams, caches and what copies databases.
func (e *estate) addStreams() {
	for _, s := range []struct {
		account   awsAccount
		name, key string
	}{{awsShop, "order-stream", "webshop-messages"}, {awsAnalytics, "clicks", "data-data"}, {awsAnalytics, "clicks-dead-letters", ""}} {
		id := arn("kinesis", ireland, s.account.id, "stream/"+s.name)
		var encryption any = absent{}
		if s.key != "" {
			encryption = object{{"EncryptionType", "KMS"}, {"KeyId", keyARN(s.account, s.key)}}
		}
		e.inAWS(s.account, ireland, "AWS::Kinesis::Stream", id, object{
			{"Name", s.name},
			{"Arn", id},
			{"StreamModeDetails", object{{"StreamMode", "ON_DEMAND"}}},
			{"RetentionPeriodHours", 24},
			{"StreamEncryption", encryption},
			{"Tags", ownerTags(s.name, teamName(s.account))},
		})
	}
	for _, c := range []struct {
		account awsAccount
		name    string
		days    int
	}{{awsShop, "shop-sessions", 14}, {awsAnalytics, "report-cache", 0}} {
		kept := c.days > 0
		e.inAWS(c.account, ireland, "AWS::ElastiCache::ReplicationGroup", arn("elasticache", ireland, c.account.id, "replicationgroup:"+c.name), object{
			{"ReplicationGroupId", c.name},
			{"ReplicationGroupDescription", "Cache for " + c.name},
			{"Engine", "redis"},
			{"EngineVersion", choose(kept, "7.1", "6.2")},
			{"CacheNodeType", "cache.t4g.medium"},
			{"AutomaticFailoverEnabled", kept},
			{"MultiAZEnabled", kept},
			{"AtRestEncryptionEnabled", kept},
			{"TransitEncryptionEnabled", kept},
			{"KmsKeyId", when(kept, keyARN(c.account, "webshop-data"))},
			{"SnapshotRetentionLimit", c.days},
			{"SecurityGroupIds", words(choose(kept, groupID("shop", "shop-data"), groupID("analytics", "etl")))},
			{"Tags", ownerTags(c.name, teamName(c.account))},
		})
	}
	e.addDAX("shop-wishlists", true)
	e.addDAX("shop-trial", false)
	e.addKafka(awsShop, "order-events", "shop-private-a", "shop-private-b", true)
	e.addKafka(awsAnalytics, "clicks-trial", "analytics-private-a", "analytics-private-b", false)
	for _, d := range []struct {
		name, group string
		public      bool
	}{{"shop-to-lake", "etl", false}, {"old-crm-migration", "warehouse", true}} {
		id := arn("dms", ireland, awsAnalytics.id, "rep:"+d.name)
		e.inAWS(awsAnalytics, ireland, "AWS::DMS::ReplicationInstance", id, object{
			{"Id", id},
			{"ReplicationInstanceIdentifier", d.name},
			{"ReplicationInstanceClass", "dms.t3.medium"},
			{"AllocatedStorage", 100},
			{"EngineVersion", choose(d.public, "3.4.7", "3.5.4")},
			{"PubliclyAccessible", d.public},
			{"MultiAZ", !d.public},
			{"AutoMinorVersionUpgrade", !d.public},
			{"VpcSecurityGroupIds", words(groupID("analytics", d.group))},
			{"Tags", ownerTags(d.name, "data")},
		})
	}
}

// addDAX adds a cache in front of DynamoDB.
func (e *estate) addDAX(name string, good bool) {
	id := arn("dax", ireland, awsShop.id, "cache/"+name)
	e.inAWS(awsShop, ireland, "AWS::DAX::Cluster", id, object{
		{"ClusterName", name},
		{"Arn", id},
		{"NodeType", "dax.t3.small"},
		{"ReplicationFactor", choiceOf(good, 3, 1)},
		{"IAMRoleARN", roleARN(awsShop, "shop-dax")},
		{"SSESpecification", object{{"SSEEnabled", good}}},
		{"ClusterEndpointEncryptionType", choose(good, "TLS", "NONE")},
		{"SecurityGroupIds", words(groupID("shop", "shop-data"))},
	})
}

// addKafka adds a cluster of MSK.
func (e *estate) addKafka(a awsAccount, name, first, second string, good bool) {
	id := arn("kafka", ireland, a.id, "cluster/"+name+"/"+guid("kafka/"+name)+"-2")
	e.inAWS(a, ireland, "AWS::MSK::Cluster", id, object{
		{"ClusterName", name},
		{"Arn", id},
		{"KafkaVersion", choose(good, "3.8.x", "2.8.1")},
		{"NumberOfBrokerNodes", 2},
		{"BrokerNodeGroupInfo", object{
			{"InstanceType", "kafka.m7g.large"},
			{"ClientSubnets", words(awsSubnetID(first), awsSubnetID(second))},
			{"SecurityGroups", words(choose(good, groupID("shop", "shop-data"), groupID("analytics", "etl")))},
			{"ConnectivityInfo", object{{"PublicAccess", object{{"Type", "DISABLED"}}}}},
		}},
		{"EncryptionInfo", object{
			{"EncryptionAtRest", when(good, object{{"DataVolumeKMSKeyId", keyARN(a, "webshop-messages")}})},
			{"EncryptionInTransit", object{{"ClientBroker", choose(good, "TLS", "TLS_PLAINTEXT")}, {"InCluster", good}}},
		}},
		{"ClientAuthentication", object{{"Unauthenticated", object{{"Enabled", !good}}}, {"Sasl", object{{"Iam", object{{"Enabled", good}}}}}}},
		{"EnhancedMonitoring", choose(good, "PER_BROKER", "DEFAULT")},
	})
}

// addNeptune adds a graph of who buys what.
func (e *estate) addNeptune(a awsAccount, name, key string) {
	e.inAWS(a, ireland, "AWS::Neptune::DBCluster", arn("rds", ireland, a.id, "cluster:"+name), object{
		{"DBClusterIdentifier", name},
		{"StorageEncrypted", key != ""},
		{"KmsKeyId", when(key != "", keyARN(a, key))},
		{"BackupRetentionPeriod", choiceOf(key != "", 14, 1)},
		{"DeletionProtection", key != ""},
		{"IamAuthEnabled", key != ""},
		{"CopyTagsToSnapshot", key != ""},
		{"EnableCloudwatchLogsExports", when(key != "", words("audit"))},
		{"Tags", ownerTags(name, teamName(a))},
	})
}

// addWarehouses adds what people search in: Redshift, Neptune and OpenSearch.
func (e *estate) addWarehouses() {
	for _, w := range []struct {
		name, group string
		good        bool
	}{{"sales-warehouse", "redshift-tls", true}, {"reports-old", "redshift-as-it-was", false}} {
		e.inAWS(awsAnalytics, ireland, "AWS::Redshift::ClusterParameterGroup", arn("redshift", ireland, awsAnalytics.id, "parametergroup:"+w.group), object{
			{"ParameterGroupName", w.group},
			{"ParameterGroupFamily", "redshift-1.0"},
			{"Description", "Settings of " + w.name},
			{"Parameters", list{
				object{{"ParameterName", "require_ssl"}, {"ParameterValue", choose(w.good, "true", "false")}},
				object{{"ParameterName", "enable_user_activity_logging"}, {"ParameterValue", choose(w.good, "true", "false")}},
			}},
		})
		e.inAWS(awsAnalytics, ireland, "AWS::Redshift::Cluster", arn("redshift", ireland, awsAnalytics.id, "cluster:"+w.name), object{
			{"ClusterIdentifier", w.name},
			{"ClusterType", choose(w.good, "multi-node", "single-node")},
			{"NodeType", "ra3.large"},
			{"NumberOfNodes", choiceOf(w.good, 2, 1)},
			{"DBName", "warehouse"},
			{"MasterUsername", choose(w.good, "warehouse_owner", "awsuser")},
			{"ClusterParameterGroupName", w.group},
			{"Encrypted", w.good},
			{"KmsKeyId", when(w.good, keyARN(awsAnalytics, "data-volumes"))},
			{"PubliclyAccessible", !w.good},
			{"EnhancedVpcRouting", w.good},
			{"AllowVersionUpgrade", w.good},
			{"AutomatedSnapshotRetentionPeriod", choiceOf(w.good, 14, 1)},
			{"LoggingProperties", when(w.good, object{{"LogDestinationType", "cloudwatch"}, {"LogExports", words("connectionlog", "useractivitylog", "userlog")}})},
			{"VpcSecurityGroupIds", words(groupID("analytics", "warehouse"))},
			{"Tags", ownerTags(w.name, "data")},
		})
	}
	e.addNeptune(awsShop, "recommendations", "webshop-data")
	e.addNeptune(awsAnalytics, "fraud-trial", "")
	e.addSearch(awsShop, "shop-logs", true)
	e.addSearch(awsAnalytics, "reviews-search", false) // any browser may read and delete it
}

func (e *estate) addSearch(a awsAccount, name string, good bool) {
	id := arn("es", ireland, a.id, "domain/"+name)
	var principal any = object{{"AWS", arn("iam", "", a.id, "root")}}
	var network, logs, key any = absent{}, absent{}, absent{}
	if good {
		group := arn("logs", ireland, a.id, "log-group:/aws/opensearch/"+name+":*")
		e.addLogGroup(a, "/aws/opensearch/"+name, 365, true)
		network = object{{"SubnetIds", words(awsSubnetID("shop-private-a"))}, {"SecurityGroupIds", words(groupID("shop", "shop-search"))}}
		logs = object{{"AUDIT_LOGS", object{{"CloudWatchLogsLogGroupArn", group}, {"Enabled", true}}}}
		key = keyARN(a, "webshop-data")
	} else {
		principal = object{{"AWS", "*"}}
	}
	e.inAWS(a, ireland, "AWS::OpenSearchService::Domain", id, object{
		{"DomainName", name},
		{"DomainArn", id},
		{"Arn", id},
		{"EngineVersion", choose(good, "OpenSearch_2.19", "Elasticsearch_7.10")},
		{"ClusterConfig", object{{"InstanceType", "r6g.large.search"}, {"InstanceCount", choiceOf(good, 3, 1)}, {"ZoneAwarenessEnabled", good}}},
		{"VPCOptions", network},
		{"AccessPolicies", document(object{{"Effect", "Allow"}, {"Principal", principal}, {"Action", "es:*"}, {"Resource", id + "/*"}})},
		{"EncryptionAtRestOptions", object{{"Enabled", good}, {"KmsKeyId", key}}},
		{"NodeToNodeEncryptionOptions", object{{"Enabled", good}}},
		{"DomainEndpointOptions", object{{"EnforceHTTPS", good}, {"TLSSecurityPolicy", choose(good, "Policy-Min-TLS-1-2-PFS-2023-10", "Policy-Min-TLS-1-0-2019-07")}}},
		{"AdvancedSecurityOptions", object{{"Enabled", good}, {"InternalUserDatabaseEnabled", false}}},
		{"LogPublishingOptions", logs},
		{"Tags", ownerTags(name, teamName(a))},
	})
}

// addSecrets adds secrets: their descriptions, of course, and no values.
func (e *estate) addSecrets() {
	for _, s := range []struct {
		account             awsAccount
		name, key           string
		rotated, read, gone string
	}{
		{awsShop, "shop/orders-database", "webshop-data", "2026-11-02T03:00:00Z", "2026-11-21T00:00:00Z", ""},
		{awsShop, "shop/npm", "webshop-data", "", "2026-11-20T00:00:00Z", ""},
		{awsShop, "shop/former-acquirer", "", "", "2025-12-30T00:00:00Z", "2026-11-12T10:00:00Z"},
		{awsAnalytics, "warehouse/reports", "", "", "2026-11-19T00:00:00Z", ""},
	} {
		id := arn("secretsmanager", ireland, s.account.id, "secret:"+s.name+"-"+digest("secret/"+s.name, 6))
		var rules any = absent{}
		if s.rotated != "" {
			rules = object{{"AutomaticallyAfterDays", 30}}
		}
		e.inAWS(s.account, ireland, "AWS::SecretsManager::Secret", id, object{
			{"Id", id},
			{"Name", s.name},
			{"KmsKeyId", when(s.key != "", keyARN(s.account, s.key))},
			{"LastChangedDate", choose(s.rotated != "", s.rotated, "2024-02-20T14:00:00Z")},
			{"LastAccessedDate", s.read},
			{"LastRotatedDate", text(s.rotated)},
			{"RotationEnabled", when(s.rotated != "", true)},
			{"RotationRules", rules},
			{"DeletedDate", text(s.gone)},
			{"Tags", ownerTags(s.name, teamName(s.account))},
		})
	}
}
