package posture

import "testing"

// Ids that say all are compared alone; the others with what they are unique in.
func TestIdentity(t *testing.T) {
	type resource struct{ id, typeName, unit, location string }
	same := func(r resource) Identity { return IdentityOf(r.id, r.typeName, r.unit, r.location) }
	tests := map[string]struct {
		a, b  resource
		equal bool
		named string // a
	}{
		"arm": {
			resource{"/subscriptions/1/resourceGroups/G/", "a/b", "/subscriptions/1", "x"},
			resource{"/subscriptions/1/resourcegroups/g", "A/B", "", ""},
			true,
			"/subscriptions/1/resourceGroups/G/",
		},
		"arn":                  {resource{"arn:aws:s3:::b", "AWS::S3::Bucket", "1", "x"}, resource{"arn:aws:s3:::b", "AWS::S3::Bucket", "", ""}, true, "arn:aws:s3:::b"},
		"google":               {resource{"//x/a", "x/A", "projects/1", ""}, resource{"//x/a", "x/A", "projects/p", "eu"}, true, "//x/a"},
		"unit":                 {resource{"111122223333", "unit", "111122223333", ""}, resource{"111122223333", "unit", "", ""}, true, "111122223333"},
		"other_account":        {resource{"Admin", "AWS::IAM::Role", "1", ""}, resource{"Admin", "AWS::IAM::Role", "2", ""}, false, "1/AWS::IAM::Role/Admin"},
		"other_type":           {resource{"Admin", "AWS::IAM::Role", "1", ""}, resource{"Admin", "AWS::IAM::InstanceProfile", "1", ""}, false, "1/AWS::IAM::Role/Admin"},
		"type_in_case":         {resource{"Admin", "AWS::IAM::Role", "1", ""}, resource{"Admin", "aws::iam::role", "1", ""}, true, "1/AWS::IAM::Role/Admin"},
		"id_in_case":           {resource{"q", "AWS::SQS::Queue", "1", "x"}, resource{"Q", "AWS::SQS::Queue", "1", "x"}, false, "1/x/AWS::SQS::Queue/q"},
		"other_region":         {resource{"q", "AWS::SQS::Queue", "1", "x"}, resource{"q", "AWS::SQS::Queue", "1", "y"}, false, "1/x/AWS::SQS::Queue/q"},
		"no_region":            {resource{"q", "AWS::SQS::Queue", "1", ""}, resource{"q", "AWS::SQS::Queue", "1", "y"}, false, "1/AWS::SQS::Queue/q"},
		"global_service":       {resource{"Admin", "AWS::IAM::Role", "1", "us-east-1"}, resource{"Admin", "AWS::IAM::Role", "1", ""}, true, "1/AWS::IAM::Role/Admin"},
		"bucket":               {resource{"b", "AWS::S3::Bucket", "1", "x"}, resource{"b", "AWS::S3::Bucket", "1", ""}, true, "1/AWS::S3::Bucket/b"},
		"bucket_policy":        {resource{"b", "AWS::S3::Bucket", "", ""}, resource{"b", "AWS::S3::BucketPolicy", "", ""}, false, "AWS::S3::Bucket/b"},
		"role_by_path":         {resource{"arn:aws:iam::111122223333:role/ops/Admin", "AWS::IAM::Role", "111122223333", "us-east-1"}, resource{"Admin", "AWS::IAM::Role", "111122223333", ""}, true, "arn:aws:iam::111122223333:role/ops/Admin"},
		"user_by_name":         {resource{"ann", "AWS::IAM::User", "111122223333", "us-east-1"}, resource{"arn:aws:iam::111122223333:user/ann", "AWS::IAM::User", "111122223333", ""}, true, "111122223333/AWS::IAM::User/ann"},
		"user_and_role":        {resource{"ann", "AWS::IAM::User", "111122223333", ""}, resource{"arn:aws:iam::111122223333:role/ann", "AWS::IAM::Role", "111122223333", ""}, false, "111122223333/AWS::IAM::User/ann"},
		"policy":               {resource{"P", "AWS::IAM::ManagedPolicy", "111122223333", ""}, resource{"arn:aws:iam::111122223333:policy/x/y/P", "AWS::IAM::ManagedPolicy", "", ""}, true, "111122223333/AWS::IAM::ManagedPolicy/P"},
		"access_keys":          {resource{"arn:aws:iam::111122223333:user/a/access-key/1", "AWS::IAM::AccessKey", "111122223333", ""}, resource{"arn:aws:iam::111122223333:user/b/access-key/1", "AWS::IAM::AccessKey", "111122223333", ""}, false, "arn:aws:iam::111122223333:user/a/access-key/1"},
		"policy_of_aws":        {resource{"P", "AWS::IAM::ManagedPolicy", "111122223333", ""}, resource{"arn:aws:iam::aws:policy/P", "AWS::IAM::ManagedPolicy", "111122223333", ""}, false, "111122223333/AWS::IAM::ManagedPolicy/P"},
		"aws_policy_of_each":   {resource{"arn:aws:iam::aws:policy/P", "AWS::IAM::ManagedPolicy", "111122223333", ""}, resource{"arn:aws:iam::aws:policy/P", "AWS::IAM::ManagedPolicy", "444455556666", ""}, false, "111122223333/AWS::IAM::ManagedPolicy/arn:aws:iam::aws:policy/P"},
		"aws_policy_of_one":    {resource{"arn:aws:iam::aws:policy/P", "AWS::IAM::ManagedPolicy", "111122223333", ""}, resource{"arn:aws:iam::aws:policy/P", "AWS::IAM::ManagedPolicy", "111122223333", "us-east-1"}, true, "111122223333/AWS::IAM::ManagedPolicy/arn:aws:iam::aws:policy/P"},
		"api_gateway_of_each":  {resource{"arn:aws:apigateway:eu-west-1::/account", "AWS::ApiGateway::Account", "111122223333", "eu-west-1"}, resource{"arn:aws:apigateway:eu-west-1::/account", "AWS::ApiGateway::Account", "444455556666", "eu-west-1"}, false, "111122223333/eu-west-1/AWS::ApiGateway::Account/arn:aws:apigateway:eu-west-1::/account"},
		"inline_policy":        {resource{"P", "AWS::IAM::Policy", "111122223333", ""}, resource{"arn:aws:iam::111122223333:policy/P", "AWS::IAM::ManagedPolicy", "111122223333", ""}, false, "111122223333/AWS::IAM::Policy/P"},
		"profile":              {resource{"Admin", "AWS::IAM::InstanceProfile", "111122223333", ""}, resource{"arn:aws:iam::111122223333:role/Admin", "AWS::IAM::Role", "111122223333", ""}, false, "111122223333/AWS::IAM::InstanceProfile/Admin"},
		"volume":               {resource{"vol-1", "AWS::EC2::Volume", "111122223333", "eu-west-1"}, resource{"arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", "AWS::EC2::Volume", "111122223333", "eu-west-1"}, true, "111122223333/eu-west-1/AWS::EC2::Volume/vol-1"},
		"volume_there":         {resource{"vol-1", "AWS::EC2::Volume", "111122223333", "eu-west-2"}, resource{"arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", "AWS::EC2::Volume", "111122223333", "eu-west-1"}, false, "111122223333/eu-west-2/AWS::EC2::Volume/vol-1"},
		"volume_nowhere":       {resource{"vol-1", "AWS::EC2::Volume", "111122223333", ""}, resource{"arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", "AWS::EC2::Volume", "111122223333", "eu-west-1"}, false, "111122223333/AWS::EC2::Volume/vol-1"},
		"volume_of_whom":       {resource{"vol-1", "AWS::EC2::Volume", "444455556666", "eu-west-1"}, resource{"arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", "AWS::EC2::Volume", "111122223333", "eu-west-1"}, false, "444455556666/eu-west-1/AWS::EC2::Volume/vol-1"},
		"instance":             {resource{"i-1", "AWS::EC2::Instance", "111122223333", "eu-west-1"}, resource{"arn:aws:ec2:eu-west-1:111122223333:instance/i-1", "AWS::EC2::Instance", "", ""}, true, "111122223333/eu-west-1/AWS::EC2::Instance/i-1"},
		"group":                {resource{"sg-1", "AWS::EC2::SecurityGroup", "111122223333", "us-gov-west-1"}, resource{"arn:aws-us-gov:ec2:us-gov-west-1:111122223333:security-group/sg-1", "AWS::EC2::SecurityGroup", "", ""}, true, "111122223333/us-gov-west-1/AWS::EC2::SecurityGroup/sg-1"},
		"vpc":                  {resource{"vpc-1", "AWS::EC2::VPC", "111122223333", "cn-north-1"}, resource{"arn:aws-cn:ec2:cn-north-1:111122223333:vpc/vpc-1", "AWS::EC2::VPC", "", ""}, true, "111122223333/cn-north-1/AWS::EC2::VPC/vpc-1"},
		"database":             {resource{"shop", "AWS::RDS::DBInstance", "111122223333", "eu-west-1"}, resource{"arn:aws:rds:eu-west-1:111122223333:db:shop", "AWS::RDS::DBInstance", "", ""}, true, "111122223333/eu-west-1/AWS::RDS::DBInstance/shop"},
		"db_cluster":           {resource{"shop", "AWS::RDS::DBCluster", "111122223333", "eu-west-1"}, resource{"arn:aws:rds:eu-west-1:111122223333:db:shop", "AWS::RDS::DBInstance", "", ""}, false, "111122223333/eu-west-1/AWS::RDS::DBCluster/shop"},
		"key":                  {resource{"mrk-1", "AWS::KMS::Key", "111122223333", "eu-west-1"}, resource{"arn:aws:kms:eu-west-1:111122223333:key/mrk-1", "AWS::KMS::Key", "", ""}, true, "111122223333/eu-west-1/AWS::KMS::Key/mrk-1"},
		"trail":                {resource{"t", "AWS::CloudTrail::Trail", "111122223333", "eu-west-1"}, resource{"arn:aws:cloudtrail:eu-west-1:111122223333:trail/t", "AWS::CloudTrail::Trail", "", ""}, true, "111122223333/eu-west-1/AWS::CloudTrail::Trail/t"},
		"function":             {resource{"f", "AWS::Lambda::Function", "111122223333", "eu-west-1"}, resource{"arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST", "AWS::Lambda::Function", "", ""}, true, "111122223333/eu-west-1/AWS::Lambda::Function/f"},
		"its_version":          {resource{"f", "AWS::Lambda::Function", "111122223333", "eu-west-1"}, resource{"arn:aws:lambda:eu-west-1:111122223333:function:f:3", "AWS::Lambda::Function", "", ""}, false, "111122223333/eu-west-1/AWS::Lambda::Function/f"},
		"bucket_by_arn":        {resource{"b", "AWS::S3::Bucket", "111122223333", "eu-west-1"}, resource{"arn:aws:s3:::b", "AWS::S3::Bucket", "", ""}, true, "111122223333/AWS::S3::Bucket/b"},
		"rotation_of_a_secret": {resource{"arn:aws:secretsmanager:eu-west-1:111122223333:secret:s", "AWS::SecretsManager::RotationSchedule", "111122223333", "eu-west-1"}, resource{"arn:aws:secretsmanager:eu-west-1:111122223333:secret:s", "AWS::SecretsManager::Secret", "111122223333", "eu-west-1"}, false, "111122223333/eu-west-1/AWS::SecretsManager::RotationSchedule/arn:aws:secretsmanager:eu-west-1:111122223333:secret:s"},
		"log_group":            {resource{"/aws/lambda/x", "AWS::Logs::LogGroup", "111122223333", "eu-west-1"}, resource{"/aws/lambda/x", "AWS::Logs::LogGroup", "444455556666", "eu-west-1"}, false, "111122223333/eu-west-1/AWS::Logs::LogGroup//aws/lambda/x"},
		"log_group_there":      {resource{"/aws/lambda/x", "AWS::Logs::LogGroup", "111122223333", "eu-west-1"}, resource{"/aws/lambda/x", "AWS::Logs::LogGroup", "111122223333", "us-east-1"}, false, "111122223333/eu-west-1/AWS::Logs::LogGroup//aws/lambda/x"},
		"parameter_in_case":    {resource{"/Prod/Db", "AWS::SSM::Parameter", "111122223333", "eu-west-1"}, resource{"/prod/db", "AWS::SSM::Parameter", "111122223333", "eu-west-1"}, false, "111122223333/eu-west-1/AWS::SSM::Parameter//Prod/Db"},
		"parameter_like_arm":   {resource{"/providers/db", "AWS::SSM::Parameter", "111122223333", "eu-west-1"}, resource{"/providers/db", "AWS::SSM::Parameter", "444455556666", "eu-west-1"}, false, "111122223333/eu-west-1/AWS::SSM::Parameter//providers/db"},
		"machine_of_arm":       {resource{"/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m", "machine", "machines/a", ""}, resource{"/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m", "machine", "machines/b", ""}, true, "/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m"},
		"machine":              {resource{"srv", "machine", "machines/a", ""}, resource{"srv", "machine", "machines/b", ""}, false, "machines/a/machine/srv"},
		"full_machine":         {resource{"machines/a/srv", "machine", "machines/a", ""}, resource{"machines/a/srv", "machine", "machines/b", ""}, false, "machines/a/srv"},
		"moved_machine":        {resource{"srv", "machine", "machines/a", "hall"}, resource{"srv", "Machine", "machines/a", "yard"}, true, "machines/a/machine/srv"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := same(test.a) == same(test.b); got != test.equal {
				t.Errorf("%+v and %+v: equal is %v, want %v", same(test.a), same(test.b), got, test.equal)
			}
			if got := Qualified(test.a.id, test.a.typeName, test.a.unit, test.a.location); got != test.named {
				t.Errorf("named %s, want %s", got, test.named)
			}
		})
	}
}
