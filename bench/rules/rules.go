// Package rules holds the thirty rules that OPA, our engine and the checks
// written by hand are compared on: five for each of six resource types, one
// to four comparisons each. definitions/ has them as Azure Policy definitions,
// rules.rego for OPA; the names are the same, and so must the verdicts be.
package rules

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed definitions/*.json aliases.json
var files embed.FS

// Definition is one rule as an Azure Policy definition.
type Definition struct {
	Name string // file name without .json
	File string // path below bench/rules
	JSON []byte
}

// Definitions lists the rules by name. Rule number i of a verdict, bit i of
// its mask, is element i.
func Definitions() ([]Definition, error) {
	entries, err := files.ReadDir("definitions")
	if err != nil {
		return nil, fmt.Errorf("list rules: %w", err)
	}
	all := make([]Definition, 0, len(entries))
	for _, e := range entries {
		file := path.Join("definitions", e.Name())
		text, err := files.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read rule: %w", err)
		}
		all = append(all, Definition{Name: strings.TrimSuffix(e.Name(), ".json"), File: file, JSON: text})
	}
	return all, nil
}

// Aliases gives the alias table that the definitions need, in the form of a
// dump: {"Namespace/type": {"alias": "path"}}.
func Aliases() ([]byte, error) { return files.ReadFile("aliases.json") }

// Types lists the six resource types that the rules are about.
var Types = []string{
	"Microsoft.Compute/virtualMachines",
	"Microsoft.Compute/disks",
	"Microsoft.Network/networkInterfaces",
	"Microsoft.Storage/storageAccounts",
	"Microsoft.Sql/servers",
	"Microsoft.KeyVault/vaults",
}
