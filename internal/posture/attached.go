package posture

import "strings"

// attachedTypes are the types, in lower case, whose identifier in CloudFormation is
// the ARN of what they are attached to: that names two resources. They are those of
// CloudFormation's schema (npm @aws-cdk/aws-service-spec 0.1.216) whose one primary
// identifier is a property that its author gives and an ARN, or of which the schema
// says that it is another resource's.
var attachedTypes = map[string]bool{
	"aws::acmpca::certificateauthorityactivation": true, "aws::aps::resourcepolicy": true, "aws::arczonalshift::zonalautoshiftconfiguration": true,
	"aws::bedrock::resourcepolicy": true, "aws::bedrockagentcore::resourcepolicy": true, "aws::cloudformation::hookdefaultversion": true,
	"aws::cloudformation::moduledefaultversion": true, "aws::cloudtrail::resourcepolicy": true, "aws::ecr::pulltimeupdateexclusion": true,
	"aws::eventsv2::resourcepolicy": true, "aws::fms::notificationchannel": true, "aws::kinesis::resourcepolicy": true,
	"aws::lambda::resourcepolicy": true, "aws::lambda::url": true, "aws::logs::transformer": true, "aws::msk::batchscramsecret": true,
	"aws::msk::clusterpolicy": true, "aws::networkfirewall::loggingconfiguration": true, "aws::s3outposts::bucketpolicy": true,
	"aws::s3tables::tablebucketpolicy": true, "aws::s3tables::tablepolicy": true, "aws::s3vectors::vectorbucketpolicy": true,
	"aws::secretsmanager::resourcepolicy": true, "aws::secretsmanager::rotationschedule": true,
	"aws::secretsmanager::secrettargetattachment": true, "aws::securitylake::subscribernotification": true,
	"aws::smsvoice::resourcepolicy": true, "aws::sns::topicinlinepolicy": true,
	"aws::sso::instanceaccesscontrolattributeconfiguration": true, "aws::vpclattice::authpolicy": true,
	"aws::vpclattice::resourcepolicy": true, "aws::wafv2::loggingconfiguration": true,
}

// IsShared reports whether an id of a resource of a type may be another one's, too.
func IsShared(id, typeName string) bool {
	if strings.Contains(typeName, "::") {
		return !isWholeARN(id) || attachedTypes[strings.ToLower(typeName)]
	}
	return !SaysAll(id)
}
