package contoso

import "strconv"

// instanceRow is one EC2 instance.
type instanceRow struct {
	account      awsAccount
	name, app    string
	subnet       string
	groups       []string
	profile      string
	address      string
	public       int  // last part of its public address, 0 for none
	tokens       bool // wants session tokens for metadata
	encrypted    bool
	volumes      int
	windows, key bool
}

var instanceRows = []instanceRow{
	{account: awsRoot, name: "log-collector-1", app: "security", subnet: "security-a", groups: []string{"log-collector"}, address: "10.60.1.10", tokens: true, encrypted: true, volumes: 2},
	{account: awsShop, name: "shop-web-1", app: "webshop", subnet: "shop-private-a", groups: []string{"shop-web"}, profile: "shop-web", address: "10.70.10.11", tokens: true, encrypted: true, volumes: 1},
	{account: awsShop, name: "shop-web-2", app: "webshop", subnet: "shop-private-b", groups: []string{"shop-web"}, profile: "shop-web", address: "10.70.11.11", tokens: true, encrypted: true, volumes: 1},
	{account: awsShop, name: "shop-search-1", app: "webshop", subnet: "shop-public-a", groups: []string{"shop-search"}, profile: "shop-search", address: "10.70.0.21", public: 71, encrypted: true, volumes: 2, key: true},
	{account: awsShop, name: "shop-node-1", app: "webshop", subnet: "shop-private-a", groups: []string{"shop-nodes"}, profile: "eks-shop-nodes", address: "10.70.10.31", tokens: true, encrypted: true, volumes: 1},
	{account: awsShop, name: "shop-node-2", app: "webshop", subnet: "shop-private-b", groups: []string{"shop-nodes"}, profile: "eks-shop-nodes", address: "10.70.11.31", tokens: true, encrypted: true, volumes: 1},
	{account: awsShop, name: "trial-server", app: "", subnet: "default-a", groups: []string{"default"}, address: "172.31.0.50", public: 72, volumes: 1, key: true},
	{account: awsAnalytics, name: "etl-1", app: "data", subnet: "analytics-public-a", groups: []string{"etl"}, profile: "etl-runner", address: "10.80.0.11", public: 81, volumes: 2, windows: true, key: true},
	{account: awsAnalytics, name: "etl-2", app: "data", subnet: "analytics-private-a", groups: []string{"etl"}, profile: "etl-runner", address: "10.80.10.12", tokens: true, encrypted: true, volumes: 1, windows: true},
	{account: awsAnalytics, name: "notebook-1", app: "experiments", subnet: "analytics-private-a", groups: []string{"default"}, address: "10.80.10.20", volumes: 1},
}

func (i instanceRow) id() string          { return hexID("i", i.name) }
func (i instanceRow) volume(n int) string { return hexID("vol", i.name+"/"+strconv.Itoa(n)) }
func (i instanceRow) device(n int) string { return "/dev/sd" + string(rune('a'+n)) }
func (i instanceRow) vpc() string         { return subnetOf(i.subnet).vpc }
func (i instanceRow) zone() string        { return ireland + subnetOf(i.subnet).zone }

func (e *estate) addInstances() {
	for _, i := range instanceRows {
		e.addInstance(i)
		for n := range i.volumes {
			e.addVolume(i, n)
		}
	}
	// A volume that outlived its server.
	lost := hexID("vol", "lost")
	e.inAWS(awsAnalytics, ireland, "AWS::EC2::Volume", ec2ARN(awsAnalytics, "volume/"+lost), object{
		{"VolumeId", lost},
		{"AvailabilityZone", ireland + "a"},
		{"Size", 200},
		{"VolumeType", "gp2"},
		{"Encrypted", false},
		{"Tags", labels("Name", "old-crm-data")},
	})
	e.addSnapshot(awsShop, "shop-search-weekly", hexID("vol", "shop-search-1/0"), true, false)
	e.addSnapshot(awsAnalytics, "old-crm-data", lost, false, true)
}

func (e *estate) addInstance(i instanceRow) {
	groups, disks, mappings := list{}, list{}, list{}
	for _, g := range i.groups {
		groups = append(groups, groupID(i.vpc(), g))
	}
	for n := range i.volumes {
		disks = append(disks, object{{"Device", i.device(n)}, {"VolumeId", i.volume(n)}})
		mappings = append(mappings, object{
			{"DeviceName", i.device(n)},
			{"Ebs", object{{"DeleteOnTermination", n == 0}}},
		})
	}
	var ip any = absent{}
	if i.public != 0 {
		ip = "198.51.100." + strconv.Itoa(i.public)
	}
	e.inAWS(i.account, ireland, "AWS::EC2::Instance", ec2ARN(i.account, "instance/"+i.id()), object{
		{"InstanceId", i.id()},
		{"ImageId", hexID("ami", choose(i.windows, "windows-2022", "amazon-linux-2023"))},
		{"InstanceType", choose(i.volumes > 1, "m6i.xlarge", "t3.medium")},
		{"AvailabilityZone", i.zone()},
		{"SubnetId", awsSubnetID(i.subnet)},
		{"VpcId", vpcID(i.vpc())},
		{"PrivateIp", i.address},
		{"PrivateIpAddress", i.address},
		{"PublicIp", ip},
		{"SecurityGroupIds", groups},
		{"IamInstanceProfile", text(i.profile)},
		{"KeyName", when(i.key, "contoso-operations")},
		{"Monitoring", i.tokens},
		{"EbsOptimized", i.tokens},
		{"MetadataOptions", object{
			{"HttpTokens", choose(i.tokens, "required", "optional")},
			{"HttpEndpoint", "enabled"},
			{"HttpPutResponseHopLimit", choiceOf(i.tokens, 1, 2)},
		}},
		{"State", object{{"Code", 16}, {"Name", "running"}}},
		{"Volumes", disks},
		{"BlockDeviceMappings", mappings},
		{"NetworkInterfaces", list{object{
			{"NetworkInterfaceId", hexID("eni", i.name)},
			{"DeviceIndex", 0},
			{"SubnetId", awsSubnetID(i.subnet)},
			{"PrivateIpAddress", i.address},
			{"GroupSet", groups},
			{"AssociatePublicIpAddress", when(i.public != 0, true)},
			{"Association", when(i.public != 0, object{{"PublicIp", ip}})},
		}}},
		{"Tags", ownerTags(i.name, i.app)},
	})
}

func (e *estate) addVolume(i instanceRow, n int) {
	key := keyARN(i.account, i.app+"-volumes")
	e.inAWS(i.account, ireland, "AWS::EC2::Volume", ec2ARN(i.account, "volume/"+i.volume(n)), object{
		{"VolumeId", i.volume(n)},
		{"AvailabilityZone", i.zone()},
		{"Size", 50 + 150*n},
		{"VolumeType", "gp3"},
		{"Iops", 3000},
		{"Encrypted", i.encrypted},
		{"KmsKeyId", when(i.encrypted, key)},
		{"Tags", ownerTags(i.name, i.app)},
	})
}

func (e *estate) addSnapshot(a awsAccount, name, volume string, encrypted, public bool) {
	id := hexID("snap", name)
	permissions := list{}
	if public {
		permissions = append(permissions, object{{"Group", "all"}})
	}
	e.inAWS(a, ireland, "AWS::EC2::Snapshot", ec2ARN(a, "snapshot/"+id), object{
		{"SnapshotId", id},
		{"VolumeId", volume},
		{"Encrypted", encrypted},
		{"State", "completed"},
		{"StartTime", "2026-09-06T01:00:00Z"},
		{"CreateVolumePermissions", permissions},
	})
}
