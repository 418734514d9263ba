package contoso

import "strconv"

// gceRow is one Compute Engine instance. Letters in good: s shielded, k keys of
// the project blocked, l OS login, p serial port closed, f no forwarding, c
// confidential, e disk under our key.
type gceRow struct {
	in              project
	name            string
	network, subnet string
	address         string
	public          int    // last part of its public address, 0 for none
	account         string // "" for the default one, with every scope
	tags            []string
	good            string
}

var gceRows = []gceRow{
	{gcpShop, "web-1", "shop", "shop-web", "10.110.0.11", 0, "shop-web", []string{"web"}, "sklpfe"},
	{gcpShop, "web-2", "shop", "shop-web", "10.110.0.12", 0, "shop-web", []string{"web"}, "sklpfe"},
	{gcpShop, "payments-sync-1", "shop", "shop-web", "10.110.0.20", 0, "payments-sync", nil, "sklpfce"},
	{gcpAnalytics, "lake-loader-1", "lake", "lake-jobs", "10.120.0.11", 0, "lake-loader", nil, "slf"},
	{gcpAnalytics, "notebook-anna", "lake", "lake-jobs", "10.120.0.30", 91, "", []string{"notebook"}, "f"},
	{gcpAnalytics, "trial-vm", "default", "default", "10.132.0.5", 92, "", nil, ""},
	{gcpBuild, "agent-1", "build", "build-agents", "10.130.0.11", 93, "builder", nil, "sp"},
	{gcpBuild, "agent-2", "build", "build-agents", "10.130.0.12", 0, "builder", nil, "spf"},
}

const gceZone = belgium + "-b"

func (r gceRow) is(letter byte) bool { return hasLetter(r.good, letter) }

func (e *estate) addGCPInstances() {
	for _, p := range projects {
		e.addComputeProject(p)
	}
	for _, r := range gceRows {
		e.addGCE(r)
	}
}

// addComputeProject adds what Compute Engine knows of a project: the metadata
// of all its machines, of which each may say otherwise.
func (e *estate) addComputeProject(p project) {
	e.inGCP(asset{
		name: "//compute.googleapis.com/projects/" + p.id, kind: "compute.googleapis.com/Project", in: p, place: "global",
		data: object{
			{"name", p.id},
			{"id", number("compute/"+p.id, 18)},
			{"selfLink", computeLink + p.id},
			{"defaultServiceAccount", defaultAccount(p)},
			{"commonInstanceMetadata", object{{"items", list{
				object{{"key", "enable-oslogin"}, {"value", choose(p.id == gcpShop.id, "TRUE", "FALSE")}},
			}}}},
		},
	})
}

func (e *estate) addGCE(r gceRow) {
	disk := computeLink + r.in.id + "/zones/" + gceZone + "/disks/" + r.name
	var key any = absent{}
	if r.is('e') {
		key = object{{"kmsKeyName", keyPath(r.in, "shop", "disks")}}
	}
	e.inGCP(asset{
		name: compute(r.in, "zones/"+gceZone+"/disks/"+r.name), kind: "compute.googleapis.com/Disk", in: r.in, place: gceZone,
		data: object{
			{"name", r.name},
			{"selfLink", disk},
			{"sizeGb", "50"},
			{"status", "READY"},
			{"type", computeLink + r.in.id + "/zones/" + gceZone + "/diskTypes/pd-balanced"},
			{"users", words(computeLink + r.in.id + "/zones/" + gceZone + "/instances/" + r.name)},
			{"diskEncryptionKey", key},
		},
	})
	e.inGCP(asset{
		name: compute(r.in, "zones/"+gceZone+"/instances/"+r.name), kind: "compute.googleapis.com/Instance", in: r.in, place: gceZone,
		data: object{
			{"name", r.name},
			{"id", number("instance/"+r.in.id+r.name, 18)},
			{"selfLink", computeLink + r.in.id + "/zones/" + gceZone + "/instances/" + r.name},
			{"status", "RUNNING"},
			{"machineType", computeLink + r.in.id + "/zones/" + gceZone + "/machineTypes/" + choose(r.is('c'), "n2d-standard-2", "e2-standard-2")},
			{"zone", computeLink + r.in.id + "/zones/" + gceZone},
			{"labels", gcpLabels(r.in)},
			{"tags", object{{"items", words(r.tags...)}}},
			{"canIpForward", !r.is('f')},
			{"deletionProtection", r.is('c')},
			{"disks", list{object{{"boot", true}, {"source", disk}, {"diskEncryptionKey", key}}}},
			{"networkInterfaces", list{r.networkInterface()}},
			{"serviceAccounts", list{r.serviceAccount()}},
			{"shieldedInstanceConfig", object{{"enableSecureBoot", r.is('k')}, {"enableVtpm", r.is('s')}, {"enableIntegrityMonitoring", r.is('s')}}},
			{"confidentialInstanceConfig", object{{"enableConfidentialCompute", r.is('c')}}},
			{"metadata", object{{"items", r.metadata()}}},
			{"scheduling", object{{"onHostMaintenance", "MIGRATE"}, {"automaticRestart", true}}},
		},
	})
}

func (r gceRow) networkInterface() object {
	out := object{
		{"name", "nic0"},
		{"network", networkLink(r.in, r.network)},
		{"subnetwork", subnetworkLink(r.in, r.subnet)},
		{"networkIP", r.address},
	}
	if r.public == 0 {
		return out
	}
	return out.with(member{"accessConfigs", list{object{
		{"name", "External NAT"},
		{"type", "ONE_TO_ONE_NAT"},
		{"natIP", "198.51.100." + strconv.Itoa(r.public)},
	}}})
}

func (r gceRow) serviceAccount() object {
	email := defaultAccount(r.in)
	if r.account != "" {
		email = accountEmail(r.in, r.account)
	}
	scopes := words("https://www.googleapis.com/auth/logging.write", "https://www.googleapis.com/auth/monitoring.write")
	if !r.is('k') {
		scopes = words("https://www.googleapis.com/auth/cloud-platform")
	}
	return object{{"email", email}, {"scopes", scopes}}
}

func (r gceRow) metadata() list {
	item := func(key, value string) object { return object{{"key", key}, {"value", value}} }
	return list{
		item("block-project-ssh-keys", choose(r.is('k'), "true", "false")),
		item("enable-oslogin", choose(r.is('l'), "TRUE", "FALSE")),
		item("serial-port-enable", choose(r.is('p'), "false", "true")),
	}
}
