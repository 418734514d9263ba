// Package catalog is the content of the product that is read as it stands:
// the questions in KQL. The rest of this folder is packed by internal/catalog.
package catalog

import "embed"

// Queries holds queries/<name>.kql.
//
//go:embed queries/*.kql
var Queries embed.FS
