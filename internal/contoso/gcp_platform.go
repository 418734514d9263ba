package contoso

func (e *estate) addGCPClusters() {
	e.addGKE(gcpShop, "shop", "shop", "shop-cluster", "shop-nodes", true)
	e.addGKE(gcpBuild, "runners", "build", "build-agents", "", false)
	e.addDataproc("nightly-sales", true)
	e.addDataproc("ad-hoc", false)
	for _, k := range []struct {
		in         project
		name, made string
		limited    bool
	}{{gcpShop, "maps-for-the-shop", "2026-10-15T08:00:00Z", true}, {gcpAnalytics, "geocoding-trial", "2024-03-03T08:00:00Z", false}} {
		var limits any = absent{}
		if k.limited {
			limits = object{{"apiTargets", list{object{{"service", "maps-backend.googleapis.com"}}}}}
		}
		e.inGCP(asset{
			name: "//apikeys.googleapis.com/projects/" + k.in.number + "/locations/global/keys/" + guid("apikey/"+k.name), kind: "apikeys.googleapis.com/Key", in: k.in, place: "global",
			data: object{
				{"name", "projects/" + k.in.number + "/locations/global/keys/" + guid("apikey/"+k.name)},
				{"displayName", k.name},
				{"createTime", k.made},
				{"restrictions", limits},
			},
		})
	}
	for _, b := range []struct {
		name string
		log  bool
	}{{"shop-web", true}, {"shop-old-api", false}} {
		e.inGCP(asset{
			name: compute(gcpShop, "global/backendServices/"+b.name), kind: "compute.googleapis.com/BackendService", in: gcpShop, place: "global",
			data: object{
				{"name", b.name},
				{"selfLink", computeLink + gcpShop.id + "/global/backendServices/" + b.name},
				{"protocol", choose(b.log, "HTTPS", "HTTP")},
				{"loadBalancingScheme", "EXTERNAL_MANAGED"},
				{"logConfig", object{{"enable", b.log}, {"sampleRate", when(b.log, 1)}}},
			},
		})
	}
}

// addDataproc adds a cluster for jobs on the lake.
func (e *estate) addDataproc(name string, keyed bool) {
	p := gcpAnalytics
	e.inGCP(asset{
		name: "//dataproc.googleapis.com/projects/" + p.id + "/regions/" + belgium + "/clusters/" + name, kind: "dataproc.googleapis.com/Cluster", in: p, place: belgium,
		data: object{
			{"projectId", p.id},
			{"clusterName", name},
			{"clusterUuid", guid("dataproc/" + name)},
			{"labels", gcpLabels(p)},
			{"status", object{{"state", "STOPPED"}}},
			{"config", object{
				{"configBucket", "contoso-lake-landing"},
				{"encryptionConfig", when(keyed, object{{"gcePdKmsKeyName", keyPath(p, "lake", "models")}})},
				{"gceClusterConfig", object{
					{"zoneUri", computeLink + p.id + "/zones/" + gceZone},
					{"subnetworkUri", subnetworkLink(p, "lake-jobs")},
					{"serviceAccount", accountEmail(p, "lake-loader")},
					{"internalIpOnly", keyed},
				}},
				{"softwareConfig", object{{"imageVersion", choose(keyed, "2.2.60-debian12", "1.5.90-debian10")}}},
			}},
		},
	})
}

func (e *estate) addGKE(p project, name, network, subnet, account string, good bool) {
	email := "default"
	if account != "" {
		email = accountEmail(p, account)
	}
	node := object{
		{"machineType", "e2-standard-4"},
		{"imageType", choose(good, "COS_CONTAINERD", "UBUNTU_CONTAINERD")},
		{"serviceAccount", email},
		{"shieldedInstanceConfig", object{{"enableSecureBoot", good}, {"enableIntegrityMonitoring", good}}},
		{"workloadMetadataConfig", object{{"mode", choose(good, "GKE_METADATA", "GCE_METADATA")}}},
		{"oauthScopes", words("https://www.googleapis.com/auth/cloud-platform")},
	}
	var allowed any = object{{"enabled", false}}
	if good {
		allowed = object{{"enabled", true}, {"cidrBlocks", list{object{{"displayName", "office"}, {"cidrBlock", "203.0.113.0/28"}}}}}
	}
	e.inGCP(asset{
		name: "//container.googleapis.com/projects/" + p.id + "/locations/" + belgium + "/clusters/" + name, kind: "container.googleapis.com/Cluster", in: p, place: belgium,
		data: object{
			{"name", name},
			{"location", belgium},
			{"status", "RUNNING"},
			{"currentMasterVersion", choose(good, "1.33.5-gke.1080000", "1.27.16-gke.1287000")},
			{"network", network},
			{"subnetwork", subnet},
			{"networkConfig", object{
				{"network", "projects/" + p.id + "/global/networks/" + network},
				{"subnetwork", "projects/" + p.id + "/regions/" + belgium + "/subnetworks/" + subnet},
				{"enableIntraNodeVisibility", good},
			}},
			{"resourceLabels", gcpLabels(p)},
			{"legacyAbac", object{{"enabled", !good}}},
			{"masterAuthorizedNetworksConfig", allowed},
			{"privateClusterConfig", object{{"enablePrivateNodes", good}, {"enablePrivateEndpoint", false}}},
			{"workloadIdentityConfig", when(good, object{{"workloadPool", p.id + ".svc.id.goog"}})},
			{"shieldedNodes", object{{"enabled", good}}},
			{"binaryAuthorization", when(good, object{{"evaluationMode", "PROJECT_SINGLETON_POLICY_ENFORCE"}})},
			{"databaseEncryption", object{{"state", choose(good, "ENCRYPTED", "DECRYPTED")}, {"keyName", when(good, keyPath(p, "shop", "documents"))}}},
			{"networkPolicy", object{{"enabled", good}}},
			{"releaseChannel", object{{"channel", choose(good, "REGULAR", "UNSPECIFIED")}}},
			{"loggingService", choose(good, "logging.googleapis.com/kubernetes", "none")},
			{"monitoringService", choose(good, "monitoring.googleapis.com/kubernetes", "none")},
			{"nodePools", list{object{
				{"name", "default-pool"},
				{"initialNodeCount", 3},
				{"config", node},
				{"management", object{{"autoUpgrade", good}, {"autoRepair", true}}},
			}}},
		},
	})
}

// metricRows are the log metrics that the shop's project has.
var metricRows = [][2]string{
	{"audit-config-changes", `protoPayload.methodName="SetIamPolicy" AND protoPayload.serviceData.policyDelta.auditConfigDeltas:*`},
	{"firewall-changes", `resource.type="gce_firewall_rule" AND protoPayload.methodName:"compute.firewalls"`},
	{"ownership-changes", `protoPayload.serviceData.policyDelta.bindingDeltas.role="roles/owner"`},
	{"bucket-permission-changes", `resource.type="gcs_bucket" AND protoPayload.methodName="storage.setIamPermissions"`},
}

// sinkWriter is the account with which Cloud Logging writes a project's sinks.
func sinkWriter(p project) string {
	return "serviceAccount:service-" + p.number + "@gcp-sa-logging.iam.gserviceaccount.com"
}

func (e *estate) addGCPLogging() {
	for _, s := range []struct {
		in                        project
		name, filter, destination string
		disabled                  bool
	}{
		{gcpShop, "everything", "", "storage.googleapis.com/contoso-audit-logs", false},
		{gcpAnalytics, "errors-only", "severity>=ERROR", "storage.googleapis.com/contoso-lake-logs", false},
		{gcpBuild, "everything", "", "storage.googleapis.com/contoso-build-logs", true}, // its bucket is gone
	} {
		e.inGCP(asset{
			name: "//logging.googleapis.com/projects/" + s.in.number + "/sinks/" + s.name, kind: "logging.googleapis.com/LogSink", in: s.in, place: "global",
			data: object{
				{"name", s.name},
				{"destination", s.destination},
				{"filter", text(s.filter)},
				{"disabled", when(s.disabled, true)},
				{"writerIdentity", sinkWriter(s.in)},
			},
		})
	}
	for _, m := range metricRows {
		e.inGCP(asset{
			name: "//logging.googleapis.com/projects/" + gcpShop.number + "/metrics/" + m[0], kind: "logging.googleapis.com/LogMetric", in: gcpShop, place: "global",
			data: object{
				{"name", m[0]},
				{"filter", m[1]},
				{"metricDescriptor", object{{"metricKind", "DELTA"}, {"valueType", "INT64"}, {"type", "logging.googleapis.com/user/" + m[0]}}},
			},
		})
	}
	for _, m := range metricRows[:2] {
		e.inGCP(asset{
			name: "//monitoring.googleapis.com/projects/" + gcpShop.id + "/alertPolicies/" + number("alert/"+m[0], 16), kind: "monitoring.googleapis.com/AlertPolicy", in: gcpShop, place: "global",
			data: object{
				{"displayName", m[0]},
				{"enabled", true},
				{"conditions", list{object{
					{"displayName", m[0]},
					{"conditionThreshold", object{
						{"filter", `metric.type="logging.googleapis.com/user/` + m[0] + `"`},
						{"comparison", "COMPARISON_GT"},
						{"duration", "0s"},
					}},
				}}},
			},
		})
	}
}
