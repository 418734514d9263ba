package contoso

import "io"

// Files yields the estate as files in the shapes in which the providers' own
// tools export it, always in the same order: Azure as az graph query prints
// it, AWS as a snapshot of AWS Config for the types that it is common for and
// as CloudFormation-shaped lines for the others, Google Cloud as two Cloud
// Asset exports with resources and IAM policies apart, machines in our own
// shape. Read records and the tree of scopes are in files of their own.
func Files() []File {
	e := build()
	files := []File{
		linesFile("hierarchy.jsonl", e.scopes),
		{"azure/management-groups.json", func(w io.Writer) error { return writeValue(w, e.groupsOfAzure()) }},
		{"azure/resources.json", func(w io.Writer) error { return writeValue(w, e.graphAnswer()) }},
		linesFile("azure/reads.jsonl", azureReads()),
	}
	for _, a := range awsAccounts {
		snapshot, rest := e.snapshot(a)
		files = append(files,
			File{"aws/" + a.id + "/config-snapshot.json", func(w io.Writer) error { return writeValue(w, snapshot) }},
			linesFile("aws/"+a.id+"/resources.jsonl", rest),
		)
	}
	return append(files,
		linesFile("aws/reads.jsonl", awsReads()),
		linesFile("gcp/assets-resource.jsonl", e.resourceAssets()),
		linesFile("gcp/assets-iam-policy.jsonl", e.policyAssets()),
		linesFile("gcp/reads.jsonl", gcpReads()),
		linesFile("machines/machines.jsonl", e.machines),
		linesFile("machines/reads.jsonl", machineReads()),
	)
}

func linesFile(path string, lines []object) File {
	return File{path, func(w io.Writer) error { return writeLines(w, lines) }}
}

// resourceAssets is the export with content type RESOURCE.
func (e *estate) resourceAssets() []object {
	var out []object
	for _, a := range e.gcp {
		out = append(out, a.head().with(a.resource()).with(a.tail()...))
	}
	return out
}

// policyAssets is the export with content type IAM_POLICY.
func (e *estate) policyAssets() []object {
	var out []object
	for _, a := range e.gcp {
		if a.bindings != nil {
			out = append(out, a.head().with(a.policy()).with(a.tail()...))
		}
	}
	return out
}
