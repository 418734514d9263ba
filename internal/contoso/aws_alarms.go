package contoso

import "strings"

const trailLogs = "/contoso/cloudtrail"

// watchRow is one metric filter, the topic that its alarm sends to and how
// many have confirmed that they want to hear of it; no topic, no alarm. Muted
// alarms change their state and tell nobody.
type watchRow struct {
	account             awsAccount
	logs, name, pattern string
	topic               string
	confirmed           int
	muted               bool
}

// The management account watches its trail, the network's ACLs excepted; the
// shop watches its orders only.
var watchRows = []watchRow{
	ofTrail("root-use", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`),
	ofTrail("unauthorised-calls", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`),
	ofTrail("sign-in-without-mfa", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`),
	ofTrail("sign-in-failures", `{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }`),
	ofTrail("trail-changes", calls("", "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging", "PutEventSelectors")),
	ofTrail("recorder-changes", calls("config", "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder")),
	ofTrail("key-deletions", calls("kms", "DisableKey", "ScheduleKeyDeletion")),
	ofTrail("organisation-changes", calls("organizations")),
	ofTrail("iam-policy-changes", calls("", "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy",
		"CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion",
		"AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy")),
	ofTrail("bucket-policy-changes", calls("s3", "PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication",
		"DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication")),
	ofTrail("gateway-changes", calls("", "CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway")),
	ofTrail("route-changes", calls("", "CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable")),
	// It rang all night during the migration.
	{awsRoot, trailLogs, "security-group-changes", calls("", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress",
		"RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup"), "security-alarms", 2, true},
	// The mail that asks to confirm lies in a mailbox that nobody opens.
	{awsRoot, trailLogs, "vpc-changes", calls("", "CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection",
		"CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection"), "network-on-call", 0, false},
	{awsShop, "/aws/lambda/order-events", "order-failures", `{ $.level = "error" }`, "shop-on-call", 3, false},
	{awsShop, "/aws/lambda/order-events", "orders-placed", `{ $.event = "order-placed" }`, "", 0, false},
}

// ofTrail gives a filter whose alarm reaches the security team.
func ofTrail(name, pattern string) watchRow {
	return watchRow{awsRoot, trailLogs, name, pattern, "security-alarms", 2, false}
}

// calls gives a pattern that takes calls of a service by their names, all of
// its calls where none is named; the service may be left out.
func calls(service string, names ...string) string {
	var named []string
	for _, name := range names {
		named = append(named, "($.eventName = "+name+")")
	}
	some := strings.Join(named, " || ")
	switch {
	case service == "":
		return "{ " + some + " }"
	case some == "":
		return "{ $.eventSource = " + service + ".amazonaws.com }"
	}
	return "{ ($.eventSource = " + service + ".amazonaws.com) && (" + some + ") }"
}

// addAlarms adds the filters and alarms; the trails are there by then.
func (e *estate) addAlarms() {
	for _, w := range watchRows {
		namespace := choose(w.logs == trailLogs, "Contoso/Trail", "Contoso/Shop")
		alarms := list{}
		if w.topic != "" {
			alarms = append(alarms, e.addAlarm(w, namespace))
		}
		e.inAWS(w.account, ireland, "AWS::Logs::MetricFilter", w.logs+"|"+w.name, object{
			{"FilterName", w.name},
			{"LogGroupName", w.logs},
			{"FilterPattern", w.pattern},
			{"FilterPatterns", list{w.pattern}},
			{"MetricTransformations", list{object{
				{"MetricName", w.name},
				{"MetricNamespace", namespace},
				{"MetricValue", "1"},
			}}},
			{"Alarms", alarms},
			{"Trails", e.trailsTo(logGroupARN(w.account, w.logs))},
		})
	}
}

// addAlarm adds the alarm on a filter's metric and gives what the filter says
// of it.
func (e *estate) addAlarm(w watchRow, namespace string) object {
	id := arn("cloudwatch", ireland, w.account.id, "alarm:"+w.name)
	topic := queueRow{account: w.account, topic: true, name: w.topic}.arn()
	e.inAWS(w.account, ireland, "AWS::CloudWatch::Alarm", id, object{
		{"AlarmName", w.name},
		{"Arn", id},
		{"MetricName", w.name},
		{"Namespace", namespace},
		{"Statistic", "Sum"},
		{"Period", 300},
		{"EvaluationPeriods", 1},
		{"Threshold", 1},
		{"ComparisonOperator", "GreaterThanOrEqualToThreshold"},
		{"ActionsEnabled", !w.muted},
		{"AlarmActions", words(topic)},
	})
	return object{
		{"AlarmName", w.name},
		{"AlarmArn", id},
		{"Statistic", "Sum"},
		{"Period", 300},
		{"EvaluationPeriods", 1},
		{"Threshold", 1},
		{"ComparisonOperator", "GreaterThanOrEqualToThreshold"},
		{"ActionsEnabled", !w.muted},
		{"AlarmActions", list{object{{"Arn", topic}, {"SubscriptionsConfirmed", w.confirmed}}}},
	}
}

// trailsTo gives what a filter says of the trails that deliver to its group.
func (e *estate) trailsTo(group string) list {
	out := list{}
	for _, r := range e.aws {
		if r.kind != "AWS::CloudTrail::Trail" || r.properties.at("CloudWatchLogsLogGroupArn") != group {
			continue
		}
		out = append(out, object{
			{"TrailARN", r.id},
			{"IsMultiRegionTrail", r.properties.at("IsMultiRegionTrail")},
			{"IsOrganizationTrail", r.properties.at("IsOrganizationTrail")},
			{"IsLogging", r.properties.at("IsLogging")},
			{"EventSelectors", r.properties.at("EventSelectors")},
		})
	}
	return out
}
