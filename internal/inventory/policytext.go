package inventory

import "github.com/valyala/fastjson"

// policyTexts are the places, by type, where AWS takes a policy as an object or as the
// JSON of one in a string; of the first part, which may be a list, each item has one.
var policyTexts = map[string][][]string{
	"AWS::EC2::VPCEndpoint":               {{"PolicyDocument"}},
	"AWS::ECR::Repository":                {{"RepositoryPolicyText"}},
	"AWS::EFS::FileSystem":                {{"FileSystemPolicy"}},
	"AWS::IAM::Group":                     {{"Policies", "PolicyDocument"}},
	"AWS::IAM::ManagedPolicy":             {{"PolicyDocument"}},
	"AWS::IAM::Policy":                    {{"PolicyDocument"}},
	"AWS::IAM::Role":                      {{"AssumeRolePolicyDocument"}, {"Policies", "PolicyDocument"}},
	"AWS::IAM::User":                      {{"Policies", "PolicyDocument"}},
	"AWS::KMS::Key":                       {{"KeyPolicy"}},
	"AWS::OpenSearchService::Domain":      {{"AccessPolicies"}},
	"AWS::S3::AccessPoint":                {{"Policy"}},
	"AWS::S3::BucketPolicy":               {{"PolicyDocument"}},
	"AWS::SNS::TopicPolicy":               {{"PolicyDocument"}},
	"AWS::SQS::QueuePolicy":               {{"PolicyDocument"}},
	"AWS::SecretsManager::ResourcePolicy": {{"ResourcePolicy"}},
}

// openPolicies puts what it holds in place of a policy in a string, plain or as in a
// URL. One that cannot be read stays, and every rule finds a string.
func (d *Decoder) openPolicies(kind string, properties *fastjson.Value) {
	for _, path := range policyTexts[kind] {
		last := path[len(path)-1]
		if len(path) == 1 {
			d.openPolicy(properties, last)
			continue
		}
		for _, item := range properties.GetArray(path[0]) {
			d.openPolicy(item, last)
		}
	}
}

func (d *Decoder) openPolicy(of *fastjson.Value, name string) {
	if !isObject(of) {
		return
	}
	if s := text(of.Get(name)); s != "" {
		if policy, err := d.parseInner([]byte(unescapeURL(s))); err == nil && isObject(policy) {
			of.Set(name, policy)
		}
	}
}
