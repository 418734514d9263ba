package contoso

// networkRow is one VPC network.
type networkRow struct {
	in       project
	name     string
	auto     bool
	subnets  [][2]string // name, range
	flowLogs bool
	dnsLogs  bool
}

var networkRows = []networkRow{
	{gcpShop, "shop", false, [][2]string{{"shop-web", "10.110.0.0/20"}, {"shop-cluster", "10.110.16.0/20"}}, true, true},
	{gcpAnalytics, "lake", false, [][2]string{{"lake-jobs", "10.120.0.0/20"}}, false, false},
	{gcpAnalytics, "default", true, [][2]string{{"default", "10.132.0.0/20"}}, false, false},
	{gcpBuild, "build", false, [][2]string{{"build-agents", "10.130.0.0/20"}}, true, false},
}

// firewallRow is one firewall rule.
type firewallRow struct {
	in            project
	network, name string
	sources       []string
	protocol      string
	ports         []string
	tags          []string
	priority      int
	disabled, log bool
	deny          bool
}

var firewallRows = []firewallRow{
	{in: gcpShop, network: "shop", name: "shop-allow-balancer", sources: []string{"130.211.0.0/22", "35.191.0.0/16"}, protocol: "tcp", ports: []string{"8443"}, tags: []string{"web"}, priority: 1000, log: true},
	{in: gcpShop, network: "shop", name: "shop-allow-iap-ssh", sources: []string{"35.235.240.0/20"}, protocol: "tcp", ports: []string{"22"}, priority: 1000, log: true},
	{in: gcpShop, network: "shop", name: "shop-deny-rest", sources: []string{"0.0.0.0/0"}, protocol: "all", priority: 65000, deny: true, log: true},
	{in: gcpShop, network: "shop", name: "shop-ssh-migration", sources: []string{"0.0.0.0/0"}, protocol: "tcp", ports: []string{"22"}, priority: 900, disabled: true},
	{in: gcpAnalytics, network: "lake", name: "lake-allow-internal", sources: []string{"10.120.0.0/20"}, protocol: "all", priority: 1000},
	{in: gcpAnalytics, network: "lake", name: "lake-notebooks", sources: []string{"0.0.0.0/0"}, protocol: "tcp", ports: []string{"8080", "8888"}, tags: []string{"notebook"}, priority: 1000},
	{in: gcpAnalytics, network: "default", name: "default-allow-ssh", sources: []string{"0.0.0.0/0"}, protocol: "tcp", ports: []string{"22"}, priority: 65534},
	{in: gcpAnalytics, network: "default", name: "default-allow-rdp", sources: []string{"0.0.0.0/0"}, protocol: "tcp", ports: []string{"3389"}, priority: 65534},
	{in: gcpAnalytics, network: "default", name: "default-allow-internal", sources: []string{"10.128.0.0/9"}, protocol: "tcp", ports: []string{"0-65535"}, priority: 65534},
	{in: gcpBuild, network: "build", name: "build-open-for-tests", sources: []string{"0.0.0.0/0"}, protocol: "all", priority: 1000},
}

const computeLink = "https://www.googleapis.com/compute/v1/projects/"

func networkLink(p project, name string) string {
	return computeLink + p.id + "/global/networks/" + name
}

func subnetworkLink(p project, name string) string {
	return computeLink + p.id + "/regions/" + belgium + "/subnetworks/" + name
}

func compute(p project, rest string) string {
	return "//compute.googleapis.com/projects/" + p.id + "/" + rest
}

func (e *estate) addGCPNetworks() {
	for _, n := range networkRows {
		e.addGCPNetwork(n)
	}
	for _, f := range firewallRows {
		e.addGCPFirewall(f)
	}
	for _, z := range []struct {
		name, visibility, state, algorithm string
	}{{"contoso-shop", "public", "on", "ecdsap256sha256"}, {"contoso-campaigns", "public", "off", "rsasha1"}, {"inside", "private", "off", ""}} {
		e.inGCP(asset{
			name: "//dns.googleapis.com/projects/" + gcpShop.id + "/managedZones/" + z.name, kind: "dns.googleapis.com/ManagedZone", in: gcpShop, place: "global",
			data: object{
				{"name", z.name},
				{"dnsName", z.name + ".example."},
				{"visibility", z.visibility},
				{"dnssecConfig", when(z.visibility == "public", object{
					{"state", z.state},
					{"defaultKeySpecs", list{
						object{{"keyType", "keySigning"}, {"algorithm", z.algorithm}},
						object{{"keyType", "zoneSigning"}, {"algorithm", z.algorithm}},
					}},
				})},
			},
		})
	}
}

func (e *estate) addGCPNetwork(n networkRow) {
	links := list{}
	for _, s := range n.subnets {
		links = append(links, subnetworkLink(n.in, s[0]))
	}
	e.inGCP(asset{
		name: compute(n.in, "global/networks/"+n.name), kind: "compute.googleapis.com/Network", in: n.in, place: "global",
		data: object{
			{"name", n.name},
			{"id", number("network/"+n.in.id+n.name, 18)},
			{"selfLink", networkLink(n.in, n.name)},
			{"autoCreateSubnetworks", n.auto},
			{"routingConfig", object{{"routingMode", "REGIONAL"}}},
			{"subnetworks", links},
		},
	})
	for _, s := range n.subnets {
		e.inGCP(asset{
			name: compute(n.in, "regions/"+belgium+"/subnetworks/"+s[0]), kind: "compute.googleapis.com/Subnetwork", in: n.in, place: belgium,
			data: object{
				{"name", s[0]},
				{"selfLink", subnetworkLink(n.in, s[0])},
				{"network", networkLink(n.in, n.name)},
				{"region", computeLink + n.in.id + "/regions/" + belgium},
				{"ipCidrRange", s[1]},
				{"purpose", "PRIVATE"},
				{"privateIpGoogleAccess", n.flowLogs},
				{"enableFlowLogs", n.flowLogs},
				{"logConfig", object{{"enable", n.flowLogs}, {"flowSampling", when(n.flowLogs, 1)}}},
			},
		})
	}
	if n.dnsLogs {
		e.inGCP(asset{
			name: "//dns.googleapis.com/projects/" + n.in.id + "/policies/log-queries", kind: "dns.googleapis.com/Policy", in: n.in, place: "global",
			data: object{
				{"name", "log-queries"},
				{"enableLogging", true},
				{"networks", list{object{{"networkUrl", networkLink(n.in, n.name)}}}},
			},
		})
	}
}

func (e *estate) addGCPFirewall(f firewallRow) {
	ports := words(f.ports...)
	rule := list{object{{"IPProtocol", f.protocol}, {"ports", when(len(ports) > 0, ports)}}}
	e.inGCP(asset{
		name: compute(f.in, "global/firewalls/"+f.name), kind: "compute.googleapis.com/Firewall", in: f.in, place: "global",
		data: object{
			{"name", f.name},
			{"selfLink", computeLink + f.in.id + "/global/firewalls/" + f.name},
			{"network", networkLink(f.in, f.network)},
			{"direction", "INGRESS"},
			{"priority", f.priority},
			{"disabled", f.disabled},
			{"sourceRanges", words(f.sources...)},
			{"targetTags", when(len(f.tags) > 0, words(f.tags...))},
			{"allowed", when(!f.deny, rule)},
			{"denied", when(f.deny, rule)},
			{"logConfig", object{{"enable", f.log}}},
		},
	})
}
