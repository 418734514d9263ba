package contoso

// keyRow is one KMS key. Letters in good: r rotated, p its policy is closed.
type keyRow struct {
	account    awsAccount
	name, good string
	pending    bool
}

var keyRows = []keyRow{
	{awsRoot, "trail", "rp", false},
	{awsRoot, "security-data", "rp", false},
	{awsRoot, "security-volumes", "rp", false},
	{awsShop, "webshop-data", "rp", false},
	{awsShop, "webshop-volumes", "p", false},
	{awsShop, "webshop-messages", "rp", false},
	{awsAnalytics, "data-data", "", false}, // every account of the world may use it
	{awsAnalytics, "data-volumes", "p", false},
	{awsAnalytics, "old-warehouse", "p", true},
}

func keyARN(a awsAccount, name string) string {
	return arn("kms", ireland, a.id, "key/"+guid("kms/"+a.id+"/"+name))
}

func (e *estate) addKeys() {
	for _, k := range keyRows {
		principal := object{{"AWS", arn("iam", "", k.account.id, "root")}}
		if !hasLetter(k.good, 'p') {
			principal = object{{"AWS", "*"}}
		}
		id := keyARN(k.account, k.name)
		e.inAWS(k.account, ireland, "AWS::KMS::Key", id, object{
			{"KeyId", lastName(id)},
			{"Arn", id},
			{"Description", "Key for " + k.name},
			{"Enabled", !k.pending},
			{"KeySpec", "SYMMETRIC_DEFAULT"},
			{"KeyUsage", "ENCRYPT_DECRYPT"},
			{"MultiRegion", false},
			{"Origin", "AWS_KMS"},
			{"EnableKeyRotation", hasLetter(k.good, 'r')},
			{"KeyManager", "CUSTOMER"},
			{"KeyState", choose(k.pending, "PendingDeletion", "Enabled")},
			{"DeletionDate", when(k.pending, "2026-12-11T08:30:00Z")},
			{"KeyPolicy", document(object{{"Sid", "Use"}, {"Effect", "Allow"}, {"Principal", principal}, {"Action", "kms:*"}, {"Resource", "*"}})},
			{"Tags", ownerTags(k.name, teamName(k.account))},
		})
	}
}

func (e *estate) addTrails() {
	e.addLogGroup(awsRoot, trailLogs, 365, true)
	e.addLogGroup(awsShop, "/aws/lambda/order-events", 30, true)
	e.addLogGroup(awsAnalytics, "/aws/lambda/report-builder", 0, false)
	// A trail of the whole organisation is planned; the other accounts wait for it.
	e.addTrail(awsRoot, "contoso-management", "contoso-central-logs", true)
	e.addTrail(awsShop, "shop-legacy", "contoso-shop-access-logs", false)
}

func logGroupARN(a awsAccount, name string) string {
	return arn("logs", ireland, a.id, "log-group:"+name+":*")
}

func (e *estate) addLogGroup(a awsAccount, name string, days int, keyed bool) {
	id := logGroupARN(a, name)
	key := keyARN(a, choose(a.id == awsRoot.id, "trail", "webshop-data"))
	e.inAWS(a, ireland, "AWS::Logs::LogGroup", id, object{
		{"LogGroupName", name},
		{"Arn", id},
		{"RetentionInDays", when(days > 0, days)},
		{"KmsKeyId", when(keyed, key)},
	})
}

func (e *estate) addTrail(a awsAccount, name, bucket string, good bool) {
	id := arn("cloudtrail", ireland, a.id, "trail/"+name)
	e.inAWS(a, ireland, "AWS::CloudTrail::Trail", id, object{
		{"TrailName", name},
		{"Arn", id},
		{"S3BucketName", bucket},
		{"IsLogging", true},
		{"IsMultiRegionTrail", good},
		{"IsOrganizationTrail", false},
		{"IncludeGlobalServiceEvents", good},
		{"EnableLogFileValidation", true},
		{"KMSKeyId", when(good, keyARN(awsRoot, "trail"))},
		{"CloudWatchLogsLogGroupArn", when(good, logGroupARN(a, trailLogs))},
		{"EventSelectors", list{object{{"ReadWriteType", choose(good, "All", "WriteOnly")}, {"IncludeManagementEvents", true}}}},
	})
}

// functionRow is one Lambda function.
type functionRow struct {
	account         awsAccount
	name, app, role string
	runtime         string
	inside          bool // in the VPC
	variables       object
	open            bool   // anyone may call it
	source          string // bucket whose events call it
}

var functionRows = []functionRow{
	{awsShop, "order-events", "webshop", "order-events", "nodejs22.x", true, object{{"LOG_LEVEL", "info"}}, false, "contoso-shop-orders"},
	{awsShop, "image-resize", "webshop", "image-resize", "python3.8", false, object{{"PARTNER_API_KEY", placeholder}}, true, ""},
	{awsAnalytics, "report-builder", "data", "report-builder", "python3.13", false, nil, false, "contoso-clickstream"},
}

func (e *estate) addFunctions() {
	for _, f := range functionRows {
		id := arn("lambda", ireland, f.account.id, "function:"+f.name)
		var network, environment any = absent{}, absent{}
		if f.inside {
			network = object{
				{"SubnetIds", words(awsSubnetID("shop-private-a"), awsSubnetID("shop-private-b"))},
				{"SecurityGroupIds", words(groupID("shop", "shop-web"))},
			}
		}
		if f.variables != nil {
			environment = object{{"Variables", f.variables}}
		}
		e.inAWS(f.account, ireland, "AWS::Lambda::Function", id, object{
			{"FunctionName", f.name},
			{"Arn", id},
			{"Runtime", f.runtime},
			{"Handler", "main.handler"},
			{"Role", roleARN(f.account, f.role)},
			{"MemorySize", 256},
			{"Timeout", 30},
			{"PackageType", "Zip"},
			{"Architectures", words("arm64")},
			{"VpcConfig", network},
			{"Environment", environment},
			{"KmsKeyArn", when(f.inside, keyARN(f.account, "webshop-data"))},
			{"TracingConfig", object{{"Mode", choose(f.inside, "Active", "PassThrough")}}},
			{"Tags", ownerTags(f.name, f.app)},
		})
		if f.open {
			e.inAWS(f.account, ireland, "AWS::Lambda::Permission", id+"|public-call", object{
				{"FunctionName", id},
				{"Id", "public-call"},
				{"Action", "lambda:InvokeFunction"},
				{"Principal", "*"},
			})
		} else {
			e.inAWS(f.account, ireland, "AWS::Lambda::Permission", id+"|uploads", object{
				{"FunctionName", id},
				{"Id", "uploads"},
				{"Action", "lambda:InvokeFunction"},
				{"Principal", "s3.amazonaws.com"},
				{"SourceArn", bucketARN(f.source)},
				{"SourceAccount", f.account.id},
			})
		}
	}
}

// addAWSPlatforms adds clusters, registries, tables and the load balancer.
func (e *estate) addAWSPlatforms() {
	e.addEKS("shop", true)
	e.addEKS("trial", false)
	for _, r := range []struct {
		account awsAccount
		name    string
		good    bool
	}{{awsShop, "shop/front", true}, {awsShop, "shop/search", true}, {awsAnalytics, "etl", false}} {
		id := arn("ecr", ireland, r.account.id, "repository/"+r.name)
		e.inAWS(r.account, ireland, "AWS::ECR::Repository", id, object{
			{"RepositoryName", r.name},
			{"Arn", id},
			{"ImageScanningConfiguration", object{{"ScanOnPush", r.good}}},
			{"ImageTagMutability", choose(r.good, "IMMUTABLE", "MUTABLE")},
			{"EncryptionConfiguration", object{{"EncryptionType", choose(r.good, "KMS", "AES256")}}},
			{"Tags", ownerTags(r.name, teamName(r.account))},
		})
	}
	for _, t := range []struct {
		account awsAccount
		name    string
		good    bool
	}{{awsShop, "shop-sessions", true}, {awsShop, "shop-wishlists", false}, {awsAnalytics, "etl-state", false}} {
		id := arn("dynamodb", ireland, t.account.id, "table/"+t.name)
		e.inAWS(t.account, ireland, "AWS::DynamoDB::Table", id, object{
			{"TableName", t.name},
			{"Arn", id},
			{"BillingMode", "PAY_PER_REQUEST"},
			{"SSESpecification", object{
				{"SSEEnabled", t.good},
				{"SSEType", when(t.good, "KMS")},
				{"KMSMasterKeyId", when(t.good, keyARN(t.account, "webshop-data"))},
			}},
			{"PointInTimeRecoverySpecification", object{{"PointInTimeRecoveryEnabled", t.good}}},
			{"DeletionProtectionEnabled", t.good},
			{"Tags", ownerTags(t.name, teamName(t.account))},
		})
	}
	e.addBalancer()
}

func (e *estate) addEKS(name string, good bool) {
	id := arn("eks", ireland, awsShop.id, "cluster/"+name)
	logging := list{}
	if good {
		for _, kind := range []string{"api", "audit", "authenticator", "controllerManager", "scheduler"} {
			logging = append(logging, object{{"Type", kind}})
		}
	}
	e.inAWS(awsShop, ireland, "AWS::EKS::Cluster", id, object{
		{"Name", name},
		{"Arn", id},
		{"Version", choose(good, "1.33", "1.26")},
		{"RoleArn", roleARN(awsShop, "eks-shop")},
		{"ResourcesVpcConfig", object{
			{"SubnetIds", words(awsSubnetID("shop-private-a"), awsSubnetID("shop-private-b"))},
			{"SecurityGroupIds", words(groupID("shop", "shop-nodes"))},
			{"EndpointPublicAccess", !good},
			{"EndpointPrivateAccess", good},
			{"PublicAccessCidrs", when(!good, words("0.0.0.0/0"))},
		}},
		{"Logging", object{{"ClusterLogging", object{{"EnabledTypes", logging}}}}},
		{"EncryptionConfig", when(good, list{object{
			{"Resources", words("secrets")},
			{"Provider", object{{"KeyArn", keyARN(awsShop, "webshop-data")}}},
		}})},
		{"Tags", ownerTags(name, "webshop")},
	})
}

func (e *estate) addBalancer() {
	for _, b := range []struct {
		name string
		good bool
	}{{"shop-public", true}, {"shop-old", false}} {
		id := arn("elasticloadbalancing", ireland, awsShop.id, "loadbalancer/app/"+b.name+"/"+digest("lb/"+b.name, 16))
		attribute := func(key, value string) object { return object{{"Key", key}, {"Value", value}} }
		e.inAWS(awsShop, ireland, "AWS::ElasticLoadBalancingV2::LoadBalancer", id, object{
			{"LoadBalancerArn", id},
			{"Name", b.name},
			{"Type", "application"},
			{"Scheme", "internet-facing"},
			{"Subnets", words(awsSubnetID("shop-public-a"), awsSubnetID("shop-public-b"))},
			{"SecurityGroups", words(groupID("shop", "shop-balancer"))},
			{"LoadBalancerAttributes", list{
				attribute("access_logs.s3.enabled", choose(b.good, "true", "false")),
				attribute("deletion_protection.enabled", choose(b.good, "true", "false")),
				attribute("routing.http.drop_invalid_header_fields.enabled", choose(b.good, "true", "false")),
			}},
			{"Tags", ownerTags(b.name, "webshop")},
		})
		e.inAWS(awsShop, ireland, "AWS::ElasticLoadBalancingV2::Listener", id+"/listener/"+digest("listener/"+b.name, 16), object{
			{"LoadBalancerArn", id},
			{"Port", choiceOf(b.good, 443, 80)},
			{"Protocol", choose(b.good, "HTTPS", "HTTP")},
			{"SslPolicy", when(b.good, "ELBSecurityPolicy-TLS13-1-2-2021-06")},
		})
	}
}
