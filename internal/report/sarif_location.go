package report

import (
	"net/url"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// sarifLocationOf says where a result is: the resource, as a logical location.
// GitHub and others drop results without a file, so there is an address as
// well that is made from cloud and id and stays the same over runs. The input
// file would not: exports are read from wherever they were put.
func sarifLocationOf(r *row) sarifLocation {
	return sarifLocation{
		Physical: sarifPhysical{sarifArtifact{resourceURI(r.Cloud, r.Qualified()), estateBase}, sarifRegion{StartLine: 1}},
		Logical:  []sarifLogical{{Name: clean(r.Name), QualifiedName: r.Qualified(), Kind: "resource"}},
	}
}

// resourceURI makes a relative reference of an id:
// azure/subscriptions/…/storageAccounts/shop. No part of it leads upwards.
func resourceURI(cloud posture.Cloud, id string) string {
	var parts []string
	for part := range strings.SplitSeq(cloud.String()+"/"+id, "/") {
		switch part {
		case "":
			continue
		case ".", "..":
			part = "_" + part
		}
		parts = append(parts, url.PathEscape(strings.ToValidUTF8(part, "\uFFFD")))
	}
	// A colon in the first part would end a scheme.
	parts[0] = strings.ReplaceAll(parts[0], ":", "%3A")
	return strings.Join(parts, "/")
}

// sarifMessage says in a sentence what is wrong with which resource.
func sarifMessage(r *row) string {
	name := r.Name
	if name == "" {
		name = r.Resource
	}
	return clean(r.rule.Title + ": " + name + " is " + statusExtended(r))
}

// sarifPlain keeps text from outside from being a link: readers of SARIF take
// [words](address) for one.
func sarifPlain(text string) string {
	if !strings.Contains(text, "](") {
		return text
	}
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(text)
}
