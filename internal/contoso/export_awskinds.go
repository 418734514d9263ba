package contoso

import "strings"

// configKind says how resources of one CloudFormation type look in AWS
// Config: the inverse of the mapping with which the inventory reads them.
type configKind struct {
	as       string // AWS Config's name of the type where it has another
	id       string // property that holds its resourceId
	inverses []inverse
}

// inverse says where one property goes: a path in configuration, with "+" in
// front in supplementaryConfiguration, "" for nowhere. Properties without an
// inverse go into configuration, their keys beginning with lower case.
type inverse struct {
	property, to string
	how          func(awsResource, any) any // nil: the value, its keys beginning with lower case
}

// Buckets, users and keys are not here: of these a collector asks more than
// AWS Config records, and what it asked comes as lines.
var configKinds = map[string]configKind{
	"AWS::EC2::Instance": {id: "InstanceId", inverses: []inverse{
		{"PrivateIp", "", nil},
		{"PublicIp", "publicIpAddress", nil},
		{"AvailabilityZone", "placement.availabilityZone", nil},
		{"SecurityGroupIds", "securityGroups", each("groupId")},
		{"IamInstanceProfile", "iamInstanceProfile.arn", profileOf},
		{"Monitoring", "monitoring.state", enabled},
		{"Volumes", "", nil},
		{"BlockDeviceMappings", "blockDeviceMappings", devices},
		{"NetworkInterfaces", "networkInterfaces", interfaces},
	}},
	"AWS::EC2::SecurityGroup": {id: "GroupId", inverses: []inverse{
		{"GroupDescription", "description", nil},
		{"SecurityGroupIngress", "ipPermissions", permissions},
		{"SecurityGroupEgress", "ipPermissionsEgress", permissions},
	}},
	"AWS::EC2::Volume": {id: "VolumeId"},
	"AWS::EC2::VPC": {id: "VpcId", inverses: []inverse{
		{"CidrBlockAssociations", "cidrBlockAssociationSet", each("associationId")},
		{"DefaultSecurityGroup", "", nil},
	}},
	"AWS::IAM::Role": {id: "RoleId", inverses: []inverse{
		{"AssumeRolePolicyDocument", "assumeRolePolicyDocument", inURL},
		{"ManagedPolicyArns", "attachedManagedPolicies", each("policyArn")},
		{"Policies", "rolePolicyList", inline},
	}},
	"AWS::IAM::ManagedPolicy": {as: "AWS::IAM::Policy", inverses: []inverse{
		{"PolicyArn", "arn", nil},
		{"ManagedPolicyName", "policyName", nil},
		{"PolicyDocument", "policyVersionList", versions},
	}},
	"AWS::RDS::DBInstance": {id: "DbiResourceId", inverses: []inverse{
		{"VPCSecurityGroups", "vpcSecurityGroups", each("vpcSecurityGroupId")},
		{"DBSubnetGroupName", "dBSubnetGroup.dBSubnetGroupName", nil},
		{"EnableIAMDatabaseAuthentication", "iAMDatabaseAuthenticationEnabled", nil},
		{"EnableCloudwatchLogsExports", "enabledCloudwatchLogsExports", nil},
		{"Tags", "tagList", nil},
	}},
	"AWS::CloudTrail::Trail": {inverses: []inverse{
		{"TrailName", "name", nil},
		{"Arn", "trailARN", nil},
		{"EnableLogFileValidation", "logFileValidationEnabled", nil},
		{"KMSKeyId", "kmsKeyId", nil},
		{"IsLogging", "+TrailStatus.isLogging", nil},
		{"EventSelectors", "+EventSelectors", nil},
	}},
	"AWS::Lambda::Function": {inverses: []inverse{
		{"Arn", "functionArn", nil},
		{"KmsKeyArn", "kMSKeyArn", nil},
		{"Environment", "environment", variables},
		{"Tags", "", nil},
	}},
}

// invert splits a resource's properties.
func (k configKind) invert(r awsResource) (configuration, supplementary object) {
	configuration, supplementary = object{}, object{}
	for _, m := range r.properties {
		if _, left := m.value.(absent); left {
			continue
		}
		to, how := k.inverseOf(m.key)
		value := how(r, m.value)
		switch name, beside := strings.CutPrefix(to, "+"); {
		case to == "":
		case beside:
			supplementary = append(supplementary, nest(name, value))
		default:
			configuration = append(configuration, nest(name, value))
		}
	}
	return configuration, supplementary
}

func (k configKind) inverseOf(property string) (to string, how func(awsResource, any) any) {
	plain := func(_ awsResource, v any) any { return camel(v) }
	for _, i := range k.inverses {
		if i.property == property {
			if i.how != nil {
				plain = i.how
			}
			return i.to, plain
		}
	}
	return camelKey(property), plain
}

// nest makes a member, inside another where the path has a dot.
func nest(path string, value any) member {
	head, rest, nested := strings.Cut(path, ".")
	if nested {
		return member{head, object{nest(rest, value)}}
	}
	return member{head, value}
}

// each makes an object with one member of every item.
func each(key string) func(awsResource, any) any {
	return func(_ awsResource, v any) any {
		items, _ := v.(list)
		out := list{}
		for _, item := range items {
			out = append(out, object{{key, item}})
		}
		return out
	}
}

func inURL(_ awsResource, v any) any   { return encoded(v) }
func enabled(_ awsResource, v any) any { return choose(v == true, "enabled", "disabled") }

func profileOf(r awsResource, v any) any {
	name, _ := v.(string)
	return arn("iam", "", r.account, "instance-profile/"+name)
}

func variables(_ awsResource, v any) any {
	environment, _ := v.(object)
	return object{{"variables", environment.at("Variables")}}
}

// inline gives the policies that stand in a user or a role.
func inline(_ awsResource, v any) any {
	policies, _ := v.(list)
	out := list{}
	for _, item := range policies {
		if p, ok := item.(object); ok {
			out = append(out, object{{"policyName", p.at("PolicyName")}, {"policyDocument", encoded(p.at("PolicyDocument"))}})
		}
	}
	return out
}

// versions gives a managed policy's only version.
func versions(r awsResource, v any) any {
	return list{object{{"versionId", r.properties.at("DefaultVersionId")}, {"isDefaultVersion", true}, {"document", encoded(v)}}}
}

// devices gives an instance's devices with the volumes that they are.
func devices(r awsResource, v any) any {
	items, _ := v.(list)
	volumes, _ := r.properties.at("Volumes").(list)
	out := list{}
	for n, item := range items {
		device, _ := item.(object)
		ebs, _ := device.at("Ebs").(object)
		volume, _ := volumes[n].(object)
		out = append(out, object{
			{"deviceName", device.at("DeviceName")},
			{"ebs", object{
				{"volumeId", volume.at("VolumeId")}, {"deleteOnTermination", ebs.at("DeleteOnTermination")}, {"status", "attached"},
			}},
		})
	}
	return out
}

func interfaces(r awsResource, v any) any {
	items, _ := v.(list)
	out := list{}
	for _, item := range items {
		i, _ := item.(object)
		var association any = absent{}
		if i.at("AssociatePublicIpAddress") == true {
			association = object{{"publicIp", r.properties.at("PublicIp")}}
		}
		out = append(out, object{
			{"networkInterfaceId", i.at("NetworkInterfaceId")},
			{"attachment", object{{"deviceIndex", i.at("DeviceIndex")}, {"status", "attached"}}},
			{"subnetId", i.at("SubnetId")},
			{"privateIpAddress", i.at("PrivateIpAddress")},
			{"groups", each("groupId")(r, i.at("GroupSet"))},
			{"association", association},
		})
	}
	return out
}

// permissions gives rules as EC2 describes them, one permission a rule.
func permissions(_ awsResource, v any) any {
	rules, _ := v.(list)
	out := list{}
	for _, item := range rules {
		rule, _ := item.(object)
		note := orAbsent(rule.at("Description"))
		ranges, ranges6, pairs := list{}, list{}, list{}
		if cidr := rule.at("CidrIp"); cidr != nil {
			ranges = append(ranges, object{{"cidrIp", cidr}, {"description", note}})
		}
		if cidr := rule.at("CidrIpv6"); cidr != nil {
			ranges6 = append(ranges6, object{{"cidrIpv6", cidr}, {"description", note}})
		}
		if group := rule.at("SourceSecurityGroupId"); group != nil {
			pairs = append(pairs, object{
				{"groupId", group},
				{"userId", orAbsent(rule.at("SourceSecurityGroupOwnerId"))},
				{"description", note},
			})
		}
		out = append(out, object{
			{"ipProtocol", rule.at("IpProtocol")},
			{"fromPort", orAbsent(rule.at("FromPort"))},
			{"toPort", orAbsent(rule.at("ToPort"))},
			{"ipv4Ranges", ranges},
			{"ipv6Ranges", ranges6},
			{"prefixListIds", list{}},
			{"userIdGroupPairs", pairs},
		})
	}
	return out
}

// orAbsent gives v, or absent where there is none.
func orAbsent(v any) any { return when(v != nil, v) }
