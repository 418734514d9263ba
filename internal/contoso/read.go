package contoso

import "slices"

// gap is something that a read wanted and did not get.
type gap struct{ kind, id, path, action string }

func gaps(gs ...gap) list {
	out := list{}
	for _, g := range gs {
		out = append(out, object{{"type", text(g.kind)}, {"id", text(g.id)}, {"path", text(g.path)}, {"action", g.action}})
	}
	return out
}

// read makes one read record. Lists that are nil are not written.
func read(scope, kind string, complete bool, denied, throttled, failed list) object {
	return object{
		{"bartizan", "read"},
		{"scope", scope},
		{"type", kind},
		{"complete", complete},
		{"startedAt", readAt},
		{"denied", when(denied != nil, denied)},
		{"throttled", when(throttled != nil, throttled)},
		{"error", when(failed != nil, failed)},
	}
}

// addReads says how far each scope was read. Five reads are incomplete on
// purpose, so that the demo has honest unknowns: see docs/demo.md.
func (e *estate) addReads() {
	e.reads = slices.Concat(azureReads(), awsReads(), gcpReads(), machineReads())
}

func azureReads() []object {
	out := []object{read(tenant, "*", true, nil, nil, nil)}
	for _, s := range subscriptions {
		var denied, throttled list
		switch s.id {
		case development.id:
			denied = gaps(
				gap{kind: kindVault, path: "properties", action: "Microsoft.KeyVault/vaults/read"},
				gap{kind: kindVault + "/keys", action: "Microsoft.KeyVault/vaults/keys/read"},
				gap{kind: kindVault + "/secrets", action: "Microsoft.KeyVault/vaults/secrets/readMetadata/action"},
				gap{kind: kindVault + "/certificates", action: "Microsoft.KeyVault/vaults/certificates/read"},
			)
		case corporate.id:
			throttled = gaps(gap{kind: kindDiagnostic, action: "Microsoft.Insights/diagnosticSettings/read"})
		}
		out = append(out, read(s.scope(), "*", true, denied, throttled, nil))
	}
	return out
}

func awsReads() []object {
	out := []object{read(organisation, "*", true, nil, nil, nil)}
	for _, a := range awsAccounts {
		var denied list
		if a.id == awsAnalytics.id {
			denied = gaps(
				gap{kind: "AWS::S3::BucketPolicy", action: "s3:GetBucketPolicy"},
				gap{kind: "AWS::IAM::AccountPasswordPolicy", action: "iam:GetAccountPasswordPolicy"},
			)
		}
		out = append(out, read(a.id, "*", true, denied, nil, nil))
	}
	return out
}

// gcpReads tells that the build project was read in part: its networks,
// instances and service accounts are there, the rest ended in an error.
func gcpReads() []object {
	out := []object{read(googleOrganisation, "*", true, nil, nil, nil)}
	for _, p := range projects {
		scope := "projects/" + p.id
		if p.id != gcpBuild.id {
			out = append(out, read(scope, "*", true, nil, nil, nil))
			continue
		}
		out = append(out, read(scope, "*", false, nil, nil, gaps(
			gap{kind: "storage.googleapis.com/Bucket", path: "iamPolicy", action: "storage.buckets.getIamPolicy"},
			gap{kind: "container.googleapis.com/Cluster", action: "container.clusters.list"},
		)))
		for _, kind := range []string{"Network", "Subnetwork", "Firewall", "Instance", "Disk"} {
			out = append(out, read(scope, "compute.googleapis.com/"+kind, true, nil, nil, nil))
		}
		for _, kind := range []string{"ServiceAccount", "ServiceAccountKey"} {
			out = append(out, read(scope, "iam.googleapis.com/"+kind, true, nil, nil, nil))
		}
	}
	return out
}

func machineReads() []object {
	var out []object
	for _, group := range []string{headOffice, plant, stores} {
		var denied list
		if group == stores {
			denied = gaps(gap{kind: "machine", id: "machines/" + group + "/" + disksUnread, path: "properties.diskEncryption", action: "manage-bde -status"})
		}
		out = append(out, read("machines/"+group, "machine", true, denied, nil, nil))
	}
	return out
}
