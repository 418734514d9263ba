package posture

import "strings"

// attachedTypes are the types, in lower case, whose identifier in CloudFormation is
// the ARN of what they are attached to, by their property Id, FunctionArn, TopicArn,
// ResourceArn, ClusterArn, FirewallArn or the like: that names two resources.
var attachedTypes = map[string]bool{
	"aws::aps::resourcepolicy": true, "aws::arczonalshift::zonalautoshiftconfiguration": true, "aws::cloudtrail::resourcepolicy": true,
	"aws::kinesis::resourcepolicy": true,
	"aws::lambda::url":             true, "aws::msk::batchscramsecret": true, "aws::msk::clusterpolicy": true,
	"aws::networkfirewall::loggingconfiguration": true, "aws::s3outposts::bucketpolicy": true, "aws::s3tables::tablebucketpolicy": true,
	"aws::s3tables::tablepolicy": true, "aws::secretsmanager::resourcepolicy": true, "aws::secretsmanager::rotationschedule": true,
	"aws::secretsmanager::secrettargetattachment": true, "aws::sns::topicinlinepolicy": true, "aws::vpclattice::authpolicy": true,
	"aws::vpclattice::resourcepolicy": true, "aws::wafv2::loggingconfiguration": true,
}

// IsShared reports whether an id of a resource of a type may be another one's, too.
func IsShared(id, typeName string) bool {
	if strings.Contains(typeName, "::") {
		return !isWholeARN(id) || attachedTypes[strings.ToLower(typeName)]
	}
	return !SaysAll(id)
}
