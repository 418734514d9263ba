package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// forty is a query of 40 lines such as workbooks have.
//
//go:embed forty.kql
var forty string

// preparing is parsing and binding alone.
func preparing() ([]work, error) {
	if n := len(strings.Split(strings.TrimSpace(forty), "\n")); n != 40 {
		return nil, fmt.Errorf("forty.kql has %d lines", n)
	}
	text := func(names ...string) (columns []kql.Column) {
		for _, name := range names {
			columns = append(columns, kql.Column{Name: name, Type: data.String})
		}
		return columns
	}
	columns := text("id", "name", "type", "tenantId", "kind", "location", "resourceGroup", "subscriptionId", "managedBy")
	for _, name := range []string{"sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation"} {
		columns = append(columns, kql.Column{Name: name, Type: data.Dynamic})
	}
	tables := kql.Named{"resources": kql.MemoryTable(columns), "resourcecontainers": kql.MemoryTable(columns), "securityresources": kql.MemoryTable(columns)}
	return []work{{"parse and bind 40 lines", 200, func() (int, error) {
		_, err := kql.Prepare(forty, kql.IgnoreCase(tables), kql.Options{})
		return 0, err
	}}}, nil
}
