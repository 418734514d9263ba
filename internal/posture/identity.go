package posture

import "strings"

// Identity is what tells a resource from all others: resources of one identity
// are one. An id of Azure, an ARN and a full name of Google are enough, and then
// the rest is empty. An ARN that says nothing of the account and any other identifier of AWS is unique within its type,
// account and region only, and a machine's within its group unless it names that.
// Where these make the ARN of a type that is read under both, that is the
// identity, whichever of them a record has.
type Identity struct {
	ID     string // folded; an ARN without a path that does not tell it from others
	Unit   string
	Region string
	Type   string // in lower case
}

// IdentityOf gives the identity of a resource with an id, a type, a unit and a
// location as the inventory has them.
func IdentityOf(id, typeName, unit, location string) Identity {
	if isWholeARN(id) && !attachedTypes[strings.ToLower(typeName)] {
		return Identity{ID: plainARN(id, strings.ToLower(typeName))}
	}
	i := within(id, typeName, unit, location)
	if strings.HasPrefix(id, "arn:") {
		return i
	}
	if arn := arnOf(id, i.Type, unit, location); arn != "" {
		return Identity{ID: arn}
	}
	return i
}

// within is the identity of a resource by its id as it is read, and what that is
// unique in.
func within(id, typeName, unit, location string) Identity {
	i := Identity{ID: Fold(id)}
	isAWS, isMachine := strings.Contains(typeName, "::"), strings.EqualFold(typeName, "machine")
	switch {
	case !isAWS && !isMachine, isMachine && strings.HasPrefix(id, unit+"/"), isMachine && SaysAll(id), isAWS && !IsShared(id, typeName):
		return i
	}
	i.Unit, i.Type = unit, strings.ToLower(typeName)
	if isAWS && !isGlobal(i.Type) {
		i.Region = location
	}
	return i
}

// MayBeSeveral reports whether several resources of AWS may have the identity of one,
// because its record lacks the account that would tell them apart. Names of buckets are
// unique without.
func MayBeSeveral(id, typeName, unit, location string) bool {
	if unit != "" || !strings.Contains(typeName, "::") {
		return false
	}
	i := IdentityOf(id, typeName, unit, location)
	return i.Type != "" && !strings.HasPrefix(i.Type, "aws::s3::bucket")
}

// SaysAll reports whether an id is unique whatever it is the id of. Log groups and
// parameters of AWS begin with a slash, too, and say nothing of their account.
func SaysAll(id string) bool { return IsPath(id) || isWholeARN(id) }

// IsPath reports whether an id is one of Azure or a full name of Google by its form.
func IsPath(id string) bool { return IsARM(id) || strings.HasPrefix(id, "//") }

func isWholeARN(id string) bool { return strings.HasPrefix(id, "arn:") && !isInEach(id) }

// IsBare reports whether a resource of a type has no name but its id: those of Azure
// and Google.
func IsBare(id, typeName string) bool {
	return strings.HasPrefix(id, "/") && !strings.Contains(typeName, "::") && (IsPath(id) || !strings.EqualFold(typeName, "machine"))
}

// globalTypes begin the types, in lower case, whose resources belong to an
// account and not to a region of it. Records name some region or none. Of a
// bucket, a policy's name is the bucket's.
var globalTypes = [...]string{
	"aws::iam::", "aws::organizations::", "aws::cloudfront::", "aws::route53::", "aws::s3::bucket", "aws::globalaccelerator::",
	"aws::shield::", "aws::waf::", "aws::budgets::", "aws::ce::",
}

func isGlobal(typeName string) bool {
	for _, begin := range globalTypes {
		if strings.HasPrefix(typeName, begin) {
			return true
		}
	}
	return false
}

// Qualified gives the text by which people tell a resource from all others: its
// id, or UNIT/REGION/TYPE/ID, without what is empty, where that says too little.
func Qualified(id, typeName, unit, location string) string {
	i := within(id, typeName, unit, location)
	if i.Type == "" {
		return id
	}
	var b strings.Builder
	for _, part := range [...]string{i.Unit, i.Region, typeName} {
		if part != "" {
			b.WriteString(part)
			b.WriteByte('/')
		}
	}
	b.WriteString(id)
	return b.String()
}
