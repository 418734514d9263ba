package contoso

// bucketRow is one S3 bucket. Letters in good: e encryption with a key of
// ours, v versions, m MFA for deletion, l access logs, b public access
// blocked, o ACLs off, t a policy that wants TLS, c life cycle.
type bucketRow struct {
	account   awsAccount
	name, app string
	good      string
	everyone  string // action that its policy allows to everyone
	trail     bool   // trails write here
	acl       string // what its ACL grants to everyone
}

var bucketRows = []bucketRow{
	{account: awsRoot, name: "contoso-central-logs", app: "security", good: "evmbotc", trail: true},
	{account: awsRoot, name: "contoso-config-history", app: "security", good: "evlbot"},
	// Product pictures: public by purpose, but listing them was not meant.
	{account: awsShop, name: "contoso-shop-media", app: "webshop", good: "vl", everyone: "s3:GetObject"},
	{account: awsShop, name: "contoso-shop-orders", app: "webshop", good: "evlbot"},
	{account: awsShop, name: "contoso-shop-backups", app: "webshop", good: "vbo"},
	// The load balancer's logs: someone let the analytics vendor read them, and everyone else.
	{account: awsShop, name: "contoso-shop-access-logs", app: "webshop", good: "c", everyone: "s3:GetObject", trail: true},
	// Customers send pictures of their orders: straight into the bucket, without a name or a limit.
	{account: awsShop, name: "contoso-shop-uploads", app: "webshop", good: "o", everyone: "s3:PutObject"},
	{account: awsAnalytics, name: "contoso-clickstream", app: "data", good: "ebo"},
	{account: awsAnalytics, name: "contoso-etl-scratch", app: "experiments", good: "", acl: "READ"},
	{account: awsAnalytics, name: "contoso-partner-drop", app: "data", good: "v", everyone: "s3:PutObject", acl: "WRITE"},
}

func bucketARN(name string) string { return "arn:aws:s3:::" + name }

func (b bucketRow) is(letter byte) bool { return hasLetter(b.good, letter) }

// policyHidden says whether the reader may not see the bucket's policy.
func (b bucketRow) policyHidden() bool { return b.account.id == awsAnalytics.id }

func (e *estate) addBuckets() {
	for _, b := range bucketRows {
		e.inAWS(b.account, ireland, "AWS::S3::Bucket", bucketARN(b.name), b.properties())
		if says := b.policy(); says != nil && !b.policyHidden() {
			e.inAWS(b.account, ireland, "AWS::S3::BucketPolicy", b.name, object{{"Bucket", b.name}, {"PolicyDocument", says}})
		}
	}
	e.addAccessPoints()
}

func (b bucketRow) properties() object {
	ours := b.is('e')
	rule := object{
		{"BucketKeyEnabled", ours},
		{"ServerSideEncryptionByDefault", object{
			{"SSEAlgorithm", choose(ours, "aws:kms", "AES256")},
			{"KMSMasterKeyID", when(ours, keyARN(b.account, b.app+"-data"))},
		}},
	}
	logs := bucketRows[0].name
	if b.account.id == awsShop.id {
		logs = "contoso-shop-access-logs"
	}
	return object{
		{"BucketName", b.name},
		{"Arn", bucketARN(b.name)},
		{"BucketEncryption", object{{"ServerSideEncryptionConfiguration", list{rule}}}},
		{"VersioningConfiguration", when(b.is('v'), object{{"Status", "Enabled"}})},
		{"LoggingConfiguration", when(b.is('l'), object{{"DestinationBucketName", logs}, {"LogFilePrefix", b.name + "/"}})},
		{"PublicAccessBlockConfiguration", publicAccessBlock(b.is('b'))},
		{"AccountPublicAccessBlockConfiguration", b.account.publicAccessBlock()},
		{"Acl", b.accessList()},
		{"PolicyStatus", object{{"IsPublic", b.everyone != ""}}},
		{"OwnershipControls", object{{"Rules", list{object{{"ObjectOwnership", choose(b.is('o'), "BucketOwnerEnforced", "ObjectWriter")}}}}}},
		{"LifecycleConfiguration", when(b.is('c'), object{{"Rules", list{object{
			{"Id", "expire-after-two-years"},
			{"Status", "Enabled"},
			{"ExpirationInDays", 730},
		}}}})},
		{"Tags", ownerTags(b.name, b.app)},
	}
}

// accessList gives the bucket's ACL: its owner, and everyone where somebody
// wanted it so.
func (b bucketRow) accessList() object {
	owner := digest("canonical/"+b.account.id, 64)
	grants := list{object{
		{"Grantee", object{{"Type", "CanonicalUser"}, {"ID", owner}}},
		{"Permission", "FULL_CONTROL"},
	}}
	if b.acl != "" {
		grants = append(grants, object{
			{"Grantee", object{{"Type", "Group"}, {"URI", "http://acs.amazonaws.com/groups/global/AllUsers"}}},
			{"Permission", b.acl},
		})
	}
	return object{{"Owner", object{{"ID", owner}}}, {"Grants", grants}}
}

// addAccessPoints adds the second doors to two buckets, and one that only the
// shop's network sees.
func (e *estate) addAccessPoints() {
	for _, p := range []struct {
		account      awsAccount
		name, bucket string
		closed       bool
		vpc          string
	}{
		{awsShop, "orders-for-accounting", "contoso-shop-orders", true, ""},
		{awsShop, "media-inside", "contoso-shop-media", true, "shop"},
		{awsAnalytics, "clicks-for-the-agency", "contoso-clickstream", false, ""},
	} {
		id := arn("s3", ireland, p.account.id, "accesspoint/"+p.name)
		e.inAWS(p.account, ireland, "AWS::S3::AccessPoint", id, object{
			{"Name", p.name},
			{"Arn", id},
			{"Bucket", p.bucket},
			{"BucketAccountId", p.account.id},
			{"NetworkOrigin", choose(p.vpc != "", "VPC", "Internet")},
			{"VpcConfiguration", when(p.vpc != "", object{{"VpcId", vpcID(p.vpc)}})},
			{"PublicAccessBlockConfiguration", publicAccessBlock(p.closed)},
		})
	}
}

// policy gives the bucket's policy document, nil if there is none.
func (b bucketRow) policy() any {
	var says []object
	all := words(bucketARN(b.name), bucketARN(b.name)+"/*")
	if b.is('t') {
		says = append(says, object{
			{"Effect", "Deny"},
			{"Principal", "*"},
			{"Action", "s3:*"},
			{"Resource", all},
			{"Condition", object{{"Bool", object{{"aws:SecureTransport", "false"}}}}},
		})
	}
	if b.everyone != "" {
		says = append(says, object{{"Effect", "Allow"}, {"Principal", "*"}, {"Action", b.everyone}, {"Resource", bucketARN(b.name) + "/*"}})
	}
	if b.trail {
		says = append(says, object{
			{"Effect", "Allow"},
			{"Principal", service("cloudtrail")},
			{"Action", "s3:PutObject"},
			{"Resource", bucketARN(b.name) + "/AWSLogs/*"},
		})
	}
	if len(says) == 0 {
		return nil
	}
	return document(says...)
}

// databaseRow is one RDS instance. Letters in good: e encrypted, p not public,
// m in two zones, d deletion protection, b backups, u minor upgrades, l logs
// exported, i IAM sign-in.
type databaseRow struct {
	account     awsAccount
	name, app   string
	engine      string
	good, group string
}

var databaseRows = []databaseRow{
	{awsShop, "shop-orders", "webshop", "postgres", "epmdbuli", "shop-data"},
	{awsShop, "shop-catalogue", "webshop", "postgres", "epbu", "shop-data"},
	{awsShop, "shop-orders-restored", "webshop", "postgres", "p", "shop-data"}, // left from a restore test
	{awsAnalytics, "warehouse", "data", "sqlserver-se", "eb", "warehouse"},
	{awsAnalytics, "reports-trial", "experiments", "mysql", "", "warehouse"},
}

func (e *estate) addRDS() {
	for _, g := range []struct {
		account awsAccount
		name    string
		subnets []string
	}{
		{awsShop, "shop-data", []string{"shop-data-a", "shop-data-b"}},
		{awsAnalytics, "warehouse", []string{"analytics-public-a", "analytics-private-b"}},
	} {
		ids := words()
		for _, s := range g.subnets {
			ids = append(ids, awsSubnetID(s))
		}
		e.inAWS(g.account, ireland, "AWS::RDS::DBSubnetGroup", arn("rds", ireland, g.account.id, "subgrp:"+g.name), object{
			{"DBSubnetGroupName", g.name},
			{"DBSubnetGroupDescription", "Databases of " + g.name},
			{"SubnetIds", ids},
		})
	}
	for _, d := range databaseRows {
		e.addDatabaseInstance(d)
	}
	e.addDatabaseSnapshot(awsShop, "shop-orders-before-migration", "shop-orders", false, "")
	e.addDatabaseSnapshot(awsShop, "shop-orders-monthly", "shop-orders", true, "")
	e.addDatabaseSnapshot(awsAnalytics, "reports-for-partner", "reports-trial", false, "all")
}

func (e *estate) addDatabaseInstance(d databaseRow) {
	is := func(letter byte) bool { return hasLetter(d.good, letter) }
	exports := words()
	if is('l') {
		exports = words("postgresql", "upgrade")
	}
	id := arn("rds", ireland, d.account.id, "db:"+d.name)
	vpc := choose(d.account.id == awsShop.id, "shop", "analytics")
	e.inAWS(d.account, ireland, "AWS::RDS::DBInstance", id, object{
		{"DBInstanceIdentifier", d.name},
		{"DBInstanceArn", id},
		{"DBInstanceClass", "db.m6g.large"},
		{"Engine", d.engine},
		{"EngineVersion", choose(d.engine == "postgres", choose(is('u'), "16.4", "12.17"), choose(d.engine == "mysql", "5.7.44", "15.00.4415"))},
		{"DbiResourceId", "db-" + digest("db/"+d.name, 26)},
		{"MasterUsername", choose(is('i'), "shop_owner", "admin")},
		{"StorageEncrypted", is('e')},
		{"KmsKeyId", when(is('e'), keyARN(d.account, d.app+"-data"))},
		{"PubliclyAccessible", !is('p')},
		{"MultiAZ", is('m')},
		{"DeletionProtection", is('d')},
		{"BackupRetentionPeriod", choiceOf(is('b'), 14, 0)},
		{"AutoMinorVersionUpgrade", is('u')},
		{"CopyTagsToSnapshot", is('d')},
		{"EnableIAMDatabaseAuthentication", is('i')},
		{"EnableCloudwatchLogsExports", exports},
		{"DBSubnetGroupName", d.group},
		{"VPCSecurityGroups", words(groupID(vpc, d.group))},
		{"Tags", ownerTags(d.name, d.app)},
	})
}

func (e *estate) addDatabaseSnapshot(a awsAccount, name, of string, encrypted bool, share string) {
	shared := words()
	if share != "" {
		shared = words(share)
	}
	e.inAWS(a, ireland, "AWS::RDS::DBSnapshot", arn("rds", ireland, a.id, "snapshot:"+name), object{
		{"DBSnapshotIdentifier", name},
		{"DBInstanceIdentifier", of},
		{"Encrypted", encrypted},
		{"SnapshotCreateTime", "2026-08-02T03:00:00Z"},
		{"SnapshotType", "manual"},
		{"DBSnapshotAttributes", list{object{{"AttributeName", "restore"}, {"AttributeValues", shared}}}},
	})
}
