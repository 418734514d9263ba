// Package contoso makes the demo estate: the cloud resources and machines of
// Contoso, an invented retailer with a web shop, payments, a data lake, an HR
// portal and a build system on Azure, AWS, Google Cloud and its own sites.
// Much of it is in order and some of it is plausibly wrong; docs/demo.md tells
// what and where.
//
// [Estate] writes it as JSON lines, [Files] as the files that the providers'
// own export tools write. The bytes are the same every time: ids come from
// names by a hash, and there is neither clock nor chance.
package contoso

import "io"

// Estate writes the whole estate as JSON lines: the scopes {id, parent, kind,
// name}, the read records that say how far each scope was read, then one
// resource a line in the shape of its cloud (Azure Resource Manager,
// CloudFormation, Cloud Asset, machine). The error is the writer's.
func Estate(w io.Writer) error {
	return writeLines(w, build().lines())
}

// File is one file of the estate.
type File struct {
	Path  string                // relative, with slashes
	Write func(io.Writer) error // writes the content; the error is the writer's
}
