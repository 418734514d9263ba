package posture

import (
	"cmp"
	"strings"
)

// Naming says how a name tells a resource from others.
type Naming uint8

// The ways of naming, the first that a name has of a resource counts.
const (
	NotNamed Naming = iota
	// Alone: nothing else has the name, such as an ARN or ACCOUNT/REGION/TYPE/ID.
	Alone
	// InItsPlace: nothing else of its type, account and region has it: the id that is
	// shown, and the identifier that CloudFormation returns.
	InItsPlace
	// Given: a record calls it so, and may call others so.
	Given
)

// Name is one of the names of a resource.
type Name struct {
	Text string // folded
	As   Naming
}

// FurtherID stands in an id of AWS between what a record calls a resource and what
// tells it from others that are called so.
const FurtherID = "|"

// Names lists all that a resource, as the inventory has it, is called by, each once:
// its id; what its record calls it and its identifier, where these are others;
// UNIT/REGION/TYPE/NAME with each of them, where they say too little alone; and its
// ARN. Read records, exemptions, scopes and people may use any of them.
func Names(id, typeName, unit, location string) []Name {
	i := within(id, typeName, unit, location)
	if IsBare(id, typeName) {
		return []Name{{i.ID, Alone}}
	}
	var all []Name
	add := func(name string, plain, qualified Naming) {
		all = append(all, Name{name, plain}, Name{Qualified(name, typeName, unit, location), qualified})
	}
	if i.Type == "" {
		all = append(all, Name{i.ID, Alone})
	} else {
		add(id, InItsPlace, Alone)
	}
	given, identifier := partsOf(id, i.folded(typeName))
	if given != "" {
		add(given, Given, Given)
	}
	if identifier != "" {
		add(identifier, InItsPlace, Alone)
	}
	if arn := trailARN(id); arn != "" {
		all = append(all, Name{arn, Given})
	}
	if arn := IdentityOf(id, typeName, unit, location).ID; arn != id && strings.HasPrefix(arn, "arn:") {
		all = append(all, Name{arn, Alone})
	}
	return all
}

// folded is a type in lower case.
func (i *Identity) folded(typeName string) string {
	if i.Type != "" {
		return i.Type
	}
	return strings.ToLower(typeName)
}

// NamedBy reports how a name tells a resource, NotNamed if it is none of its names.
// ARNs may have another path of IAM, or the version $LATEST.
func NamedBy(name, id, typeName, unit, location string) Naming {
	switch {
	case IsBare(id, typeName):
		if Fold(name) != Fold(id) {
			return NotNamed
		}
		return Alone
	case isWholeARN(name) && !IsShared(name, typeName):
		switch {
		case IdentityOf(name, typeName, unit, location) == IdentityOf(id, typeName, unit, location):
			return Alone
		case name == trailARN(id):
			return Given
		}
		return NotNamed
	case !mayEnd(name, id):
		return NotNamed
	}
	for _, n := range Names(id, typeName, unit, location) {
		if n.Text == name {
			return n.As
		}
	}
	return NotNamed
}

// mayEnd reports, at no cost, whether a name may be one of a resource's: all end as
// the id does, or as what stands in it before FurtherID.
func mayEnd(name, id string) bool {
	if strings.HasSuffix(name, id) || strings.HasSuffix(name, endOf(strings.TrimSuffix(id, ":$LATEST"))) {
		return true
	}
	at := strings.LastIndex(id, FurtherID)
	return at >= 0 && (strings.HasSuffix(name, endOf(id[:at])) || strings.HasSuffix(name, id[at+len(FurtherID):]))
}

// trailARN is the ARN in the id of an organisation's trail as one of its accounts shows
// it, "" for any other id: the trail of the account that owns it has that alone.
func trailARN(id string) string {
	arn, _, isShown := strings.Cut(id, FurtherID)
	if !isShown || !strings.HasPrefix(id, "arn:") {
		return ""
	}
	return arn
}

// partsOf gives what an id is made of or stands for, "" where it is that itself or has
// none: what a record calls the resource, and its identifier, as CloudFormation returns
// it. The type is in lower case.
func partsOf(id, typeName string) (given, identifier string) {
	form, hasForm := arnForms[typeName]
	isOfEC2 := form.service == "ec2"
	if at := strings.LastIndex(id, FurtherID); at > 0 && (isOfEC2 || typeName == "aws::iam::policy") {
		if isOfEC2 {
			identifier = id[at+len(FurtherID):]
		}
		return id[:at], identifier
	}
	if !hasForm || !isWholeARN(id) {
		return "", ""
	}
	id = cmp.Or(trailARN(id), id)
	parts := strings.SplitN(plainARN(id, typeName), ":", 6)
	if len(parts) == 6 && strings.HasPrefix(parts[5], form.prefix) {
		return "", parts[5][len(form.prefix):]
	}
	return "", ""
}
