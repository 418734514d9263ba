package contoso

import (
	"strconv"
	"strings"
)

// vpcRow is one VPC; an open one has an internet gateway.
type vpcRow struct {
	account    awsAccount
	name, cidr string
	isDefault  bool
	flowLog    bool
}

var vpcRows = []vpcRow{
	{awsRoot, "security", "10.60.0.0/16", false, true},
	{awsShop, "shop", "10.70.0.0/16", false, true},
	{awsShop, "default-shop", "172.31.0.0/16", true, false},
	{awsAnalytics, "analytics", "10.80.0.0/16", false, false},
}

// awsSubnetRow is one subnet; a public one routes to the internet gateway.
type awsSubnetRow struct {
	vpc, name, cidr, zone string
	public, maps          bool
}

var awsSubnetRows = []awsSubnetRow{
	{"security", "security-a", "10.60.1.0/24", "a", false, false},
	{"shop", "shop-public-a", "10.70.0.0/24", "a", true, true},
	{"shop", "shop-public-b", "10.70.1.0/24", "b", true, false},
	{"shop", "shop-private-a", "10.70.10.0/24", "a", false, false},
	{"shop", "shop-private-b", "10.70.11.0/24", "b", false, false},
	{"shop", "shop-data-a", "10.70.20.0/24", "a", false, false},
	{"shop", "shop-data-b", "10.70.21.0/24", "b", false, false},
	{"default-shop", "default-a", "172.31.0.0/20", "a", true, true},
	{"analytics", "analytics-public-a", "10.80.0.0/24", "a", true, true},
	{"analytics", "analytics-private-a", "10.80.10.0/24", "a", false, false},
	{"analytics", "analytics-private-b", "10.80.11.0/24", "b", false, false},
}

// ingressRow is one rule of a security group: source is an address range or
// the name of another group.
type ingressRow struct {
	vpc, group     string
	protocol       string
	from, to       int
	source, reason string
}

var ingressRows = []ingressRow{
	{"security", "default", "", 0, 0, "", ""},
	{"security", "log-collector", "tcp", 6514, 6514, "10.0.0.0/8", "syslog over TLS"},
	{"shop", "default", "", 0, 0, "", ""},
	{"shop", "shop-balancer", "tcp", 443, 443, "0.0.0.0/0", "the shop"},
	{"shop", "shop-web", "tcp", 8443, 8443, "shop-balancer", "from the load balancer"},
	{"shop", "shop-search", "tcp", 9200, 9200, "shop-web", "from the web servers"},
	{"shop", "shop-search", "tcp", 22, 22, "0.0.0.0/0", "for debugging, remove soon"},
	{"shop", "shop-data", "tcp", 5432, 5432, "shop-web", "from the web servers"},
	{"shop", "shop-nodes", "tcp", 1025, 65535, "10.70.0.0/16", "cluster traffic"},
	{"default-shop", "default", "-1", -1, -1, "default", "members among each other"},
	{"analytics", "default", "-1", -1, -1, "0.0.0.0/0", "it did not work otherwise"},
	{"analytics", "etl", "tcp", 3389, 3389, "0.0.0.0/0", "remote desktop"},
	{"analytics", "etl", "tcp", 3389, 3389, "::/0", "remote desktop"},
	{"analytics", "etl", "tcp", 22, 22, "203.0.113.0/28", "office"},
	{"analytics", "warehouse", "tcp", 5439, 5439, "0.0.0.0/0", "reports from home"},
	{"analytics", "warehouse", "tcp", 5432, 5432, "etl", "loads"},
}

func vpcOf(name string) vpcRow {
	for _, v := range vpcRows {
		if v.name == name {
			return v
		}
	}
	return vpcRow{name: name}
}

func subnetOf(name string) awsSubnetRow {
	for _, s := range awsSubnetRows {
		if s.name == name {
			return s
		}
	}
	return awsSubnetRow{name: name}
}

func vpcID(name string) string                { return hexID("vpc", name) }
func awsSubnetID(name string) string          { return hexID("subnet", name) }
func groupID(vpc, group string) string        { return hexID("sg", vpc+"/"+group) }
func ec2ARN(a awsAccount, rest string) string { return arn("ec2", ireland, a.id, rest) }

func (e *estate) addVPCs() {
	for _, v := range vpcRows {
		e.addVPC(v)
	}
	for _, s := range awsSubnetRows {
		v := vpcOf(s.vpc)
		e.inAWS(v.account, ireland, "AWS::EC2::Subnet", ec2ARN(v.account, "subnet/"+awsSubnetID(s.name)), object{
			{"SubnetId", awsSubnetID(s.name)},
			{"VpcId", vpcID(s.vpc)},
			{"CidrBlock", s.cidr},
			{"AvailabilityZone", ireland + s.zone},
			{"MapPublicIpOnLaunch", s.maps},
			{"Tags", ownerTags(s.name, teamName(v.account))},
		})
	}
	for i := 0; i < len(ingressRows); {
		start := i
		for i < len(ingressRows) && ingressRows[i].vpc == ingressRows[start].vpc && ingressRows[i].group == ingressRows[start].group {
			i++
		}
		e.addSecurityGroup(ingressRows[start:i])
	}
}

func teamName(a awsAccount) string {
	switch a.id {
	case awsShop.id:
		return "webshop"
	case awsRoot.id:
		return "security"
	}
	return "data"
}

func (e *estate) addVPC(v vpcRow) {
	id := vpcID(v.name)
	e.inAWS(v.account, ireland, "AWS::EC2::VPC", ec2ARN(v.account, "vpc/"+id), object{
		{"VpcId", id},
		{"CidrBlock", v.cidr},
		{"CidrBlockAssociations", words(hexID("vpc-cidr-assoc", v.name))},
		{"DefaultSecurityGroup", groupID(v.name, "default")},
		{"InstanceTenancy", "default"},
		{"Tags", ownerTags(v.name, teamName(v.account))},
	})
	if v.flowLog {
		e.inAWS(v.account, ireland, "AWS::EC2::FlowLog", ec2ARN(v.account, "vpc-flow-log/"+hexID("fl", v.name)), object{
			{"Id", hexID("fl", v.name)},
			{"ResourceId", id},
			{"ResourceType", "VPC"},
			{"TrafficType", "ALL"},
			{"LogDestinationType", "s3"},
			{"LogDestination", "arn:aws:s3:::contoso-central-logs"},
		})
	}
	gateway := hexID("igw", v.name)
	open := v.account.id != awsRoot.id
	if open {
		e.inAWS(v.account, ireland, "AWS::EC2::InternetGateway", ec2ARN(v.account, "internet-gateway/"+gateway), object{
			{"InternetGatewayId", gateway},
			{"Tags", ownerTags(v.name, teamName(v.account))},
		})
		e.inAWS(v.account, ireland, "AWS::EC2::VPCGatewayAttachment", "IGW|"+id, object{
			{"AttachmentType", "IGW"},
			{"InternetGatewayId", gateway},
			{"VpcId", id},
		})
	}
	e.addRouteTable(v, "public", open, gateway)
	if !v.isDefault && open {
		e.addRouteTable(v, "private", false, "")
	}
}

// addRouteTable adds a table with its default route and its subnets.
func (e *estate) addRouteTable(v vpcRow, kind string, open bool, gateway string) {
	id := hexID("rtb", v.name+"/"+kind)
	e.inAWS(v.account, ireland, "AWS::EC2::RouteTable", ec2ARN(v.account, "route-table/"+id), object{
		{"RouteTableId", id},
		{"VpcId", vpcID(v.name)},
		{"Tags", ownerTags(v.name+"-"+kind, teamName(v.account))},
	})
	if open {
		e.inAWS(v.account, ireland, "AWS::EC2::Route", id+"|0.0.0.0/0", object{
			{"RouteTableId", id},
			{"DestinationCidrBlock", "0.0.0.0/0"},
			{"CidrBlock", "0.0.0.0/0"},
			{"GatewayId", gateway},
		})
	}
	for _, s := range awsSubnetRows {
		if s.vpc == v.name && (s.public == open) {
			e.inAWS(v.account, ireland, "AWS::EC2::SubnetRouteTableAssociation", hexID("rtbassoc", s.name), object{
				{"Id", hexID("rtbassoc", s.name)},
				{"RouteTableId", id},
				{"SubnetId", awsSubnetID(s.name)},
			})
		}
	}
}

func (e *estate) addSecurityGroup(rules []ingressRow) {
	first := rules[0]
	v := vpcOf(first.vpc)
	ingress := list{}
	for _, r := range rules {
		if r.protocol != "" {
			ingress = append(ingress, r.rule())
		}
	}
	egress := list{object{{"IpProtocol", "-1"}, {"CidrIp", "0.0.0.0/0"}}}
	if first.protocol == "" {
		egress = list{}
	}
	id := groupID(first.vpc, first.group)
	e.inAWS(v.account, ireland, "AWS::EC2::SecurityGroup", ec2ARN(v.account, "security-group/"+id), object{
		{"GroupId", id},
		{"GroupName", first.group},
		{"GroupDescription", first.group + " in " + first.vpc},
		{"VpcId", vpcID(first.vpc)},
		{"SecurityGroupIngress", ingress},
		{"SecurityGroupEgress", egress},
		{"Tags", ownerTags(first.group, teamName(v.account))},
	})
}

// rule gives the ingress rule. Ports are left out where every protocol is allowed.
func (r ingressRow) rule() object {
	ranged := r.protocol != "-1"
	out := object{
		{"IpProtocol", r.protocol},
		{"FromPort", when(ranged, r.from)},
		{"ToPort", when(ranged, r.to)},
		{"Description", text(r.reason)},
	}
	if strings.Contains(r.source, ":") {
		return out.with(member{"CidrIpv6", r.source})
	}
	if _, err := strconv.Atoi(r.source[:1]); err == nil {
		return out.with(member{"CidrIp", r.source})
	}
	return out.with(
		member{"SourceSecurityGroupId", groupID(r.vpc, r.source)},
		member{"SourceSecurityGroupOwnerId", vpcOf(r.vpc).account.id},
	)
}
