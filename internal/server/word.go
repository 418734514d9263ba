package server

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// words say of parameters and fields what their names mean everywhere. What a place
// says itself goes before.
var words = map[string]string{
	"rows": "of this page, in the order of the list", "total": "rows, over all pages", "unit": "what a row is and the total counts", "cursor": "of the next page; none for the last",
	"hidden": "scopes left out that you may not see", "asOf": "which moment the answer is of", "coverage": "which share of the checks got an answer",
	"limit": "rows of a page", "at": "as of then: a day (its end, UTC) or an instant; now without it",
	"id": "of the thing, as its list tells it", "title": "for people", "name": "for people", "severity": "of the recommendation: critical, high, medium, low, notRated",
	"state": "how it stands", "judged": "the state beneath an exemption", "recommendation": "id of the recommendation", "resource": "the resource",
	"type": "the resource type", "cloud": "azure, aws, gcp, machine", "kind": "what sort of thing it is", "region": "of AWS", "location": "where the cloud has it",
	"tags": "key and value", "sku": "as the cloud names it", "scope": "id of a scope", "parent": "id of the scope above", "principal": "id of a user, service principal or group",
	"role": "owner, contributor, security-admin, security-reader, reader", "created": "when it was made", "changed": "when it was last changed", "ended": "when it ended",
	"expires": "when it ends", "expiresOn": "the instant from which it holds no longer; never without it", "reason": "why", "message": "for people", "words": "for people",
	"commit": "number of the commit", "time": "when it was", "percent": "0 to 100; null where nothing is judged", "weight": "healthy and unhealthy scored checks",
	"before": "what it was", "after": "what it is", "count": "how often it is met", "value": "the value", "causes": "what moved it", "displayName": "for people",
	"object": "what it was done to", "actor": "id of a principal", "detail": "more of it", "password": "at least 12 characters, without the name in it", "secret": "told this once",
	"token": "the secret, told this once", "link": "the secret of a link that was printed", "attested": "as an attestation says", "disabled": "it may not sign in",
	"method": "of HTTP", "path": "of the request", "body": "of the request", "file": "name of the file", "line": "from 1", "category": "waiver or mitigated",
	"controls": "of the score or of a standard", "score": "the secure score", "group": "id of the resource group", "standard": "id of the standard", "number": "of the entry",
	"scoreAfter": "after the change", "scoreBefore": "before the change", "User-Agent": "what people see of where they are signed in", "shared": "with who sees the scope",
	"notices": "what was left out or had no effect", "points": "of the secure score", "checks": "of it", "resources": "how many there are", "complete": "everything was read",
	"access_token": "to be sent as Authorization: Bearer", "expires_in": "seconds", "token_type": "Bearer", "error": "a word of RFC 6749", "error_description": "for people",
	"dryRun": "only say what it would do", "provider": "name of the way to sign in", "return": "the page that was wanted", "code": "of the answer, or what is asked for in KQL",
	"issuer": "address of who signs people in", "clientId": "under which the server is known there", "hasSecret": "a client secret is kept", "nameClaim": "that people are named by",
	"groupsClaim": "that lists their groups", "roles": "that they give", "query": "in KQL", "columns": "of the rows, in their order", "statistics": "what it took",
	"milliseconds": "it took", "warnings": "what may surprise", "problems": "what is wrong, all at once", "truncated": "there are more rows", "tables": "that can be asked",
	"table": "that is asked", "parameters": "by name", "visualization": "as what it is to be drawn", "items": "in their order", "label": "for people", "doc": "what it is, in words",
	"about": "what it is", "end": "where it ends", "properties": "that became others", "control": "id of the secure-score control", "preview": "it does not count in the score yet",
	"Accept": "the form of the answer", "key": "of a tag", "scopes": "ids", "format": "of the file", "fixFirst": "what is worth most", "$schema": "of the answer",
}

// tellCounts adds to the description that HEAD of a list tells its total.
func tellCounts(api *huma.OpenAPI) {
	for _, item := range api.Paths {
		if item.Get == nil || item.Get.Responses["200"] == nil || item.Get.Responses["200"].Headers["X-Total-Count"] == nil {
			continue
		}
		o := *item.Get
		o.OperationID, o.Summary = "count-"+strings.TrimPrefix(o.OperationID, "list-"), "How many rows there are: "+o.Summary
		o.Responses = map[string]*huma.Response{
			"200":     {Description: "The number of rows.", Headers: item.Get.Responses["200"].Headers},
			"default": {Description: "Error, without a body"},
		}
		item.Head = &o
	}
}

// say gives words to what has none in the description of the API.
func say(api *huma.OpenAPI) {
	for _, item := range api.Paths {
		for _, operation := range operationsOf(item) {
			for _, p := range operation.Parameters {
				if p.Description == "" {
					p.Description = words[p.Name]
				}
			}
		}
	}
	for _, schema := range api.Components.Schemas.Map() {
		for name, property := range schema.Properties {
			if property.Description == "" && property.Ref == "" {
				property.Description = words[name]
			}
		}
	}
}

// operationsOf lists those of a path.
func operationsOf(item *huma.PathItem) (all []*huma.Operation) {
	for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch} {
		if o != nil {
			all = append(all, o)
		}
	}
	return all
}
