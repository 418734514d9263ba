package contoso

// scaleSetRow is one virtual machine scale set.
type scaleSetRow struct {
	at           place
	name, image  string
	vnet, subnet string
	identity     string
	hardened     bool
	instances    int
}

var scaleSetRows = []scaleSetRow{
	{webshop, "vmss-shop-render", "ubuntu22", "vnet-prod-weu", "snet-web", "id-webshop", true, 3},
	{buildSystem, "vmss-build-agents", "ubuntu22", "vnet-shared-weu", "snet-agents", "id-build-agents", false, 5},
	{playground, "vmss-load-test", "ubuntu18", "vnet-dev-neu", "snet-playground", "", false, 2},
}

func (e *estate) addScaleSets() {
	for _, s := range scaleSetRows {
		e.addScaleSet(s)
	}
}

func (e *estate) addScaleSet(s scaleSetRow) {
	image := images[s.image]
	open := s.at.group == playground.group
	e.put(s.at, "Microsoft.Compute/virtualMachineScaleSets", s.name, object{
		{"sku", object{{"name", "Standard_D2s_v5"}, {"tier", "Standard"}, {"capacity", s.instances}}},
		{"identity", identity(s.name, s.identity)},
	}, object{
		{"provisioningState", "Succeeded"},
		{"orchestrationMode", "Uniform"},
		{"upgradePolicy", object{
			{"mode", choose(s.hardened, "Rolling", "Manual")},
			{"automaticOSUpgradePolicy", object{{"enableAutomaticOSUpgrade", s.hardened}}},
		}},
		{"virtualMachineProfile", object{
			{"osProfile", object{
				{"computerNamePrefix", s.name},
				{"adminUsername", "contosoadmin"},
				{"linuxConfiguration", object{{"disablePasswordAuthentication", !open}}},
			}},
			{"storageProfile", object{
				{"imageReference", object{{"publisher", image[1]}, {"offer", image[2]}, {"sku", image[3]}, {"version", "latest"}}},
				{"osDisk", object{{"osType", image[0]}, {"createOption", "FromImage"}, {"managedDisk", object{{"storageAccountType", "Premium_LRS"}}}}},
			}},
			{"securityProfile", when(s.hardened, object{
				{"encryptionAtHost", true},
				{"securityType", "TrustedLaunch"},
				{"uefiSettings", object{{"secureBootEnabled", true}, {"vTpmEnabled", true}}},
			})},
			{"networkProfile", object{{"networkInterfaceConfigurations", list{object{{"name", "primary"}, {"properties", object{
				{"primary", true},
				{"ipConfigurations", list{object{{"name", "primary"}, {"properties", object{
					{"subnet", ref(subnetID(s.vnet, s.subnet))},
					{"publicIPAddressConfiguration", when(open, object{{"name", "public"}})},
				}}}}},
			}}}}}}},
			{"extensionProfile", object{{"extensions", list{object{{"name", "AzureMonitorLinuxAgent"}, {"properties", object{
				{"publisher", "Microsoft.Azure.Monitor"},
				{"type", "AzureMonitorLinuxAgent"},
				{"autoUpgradeMinorVersion", true},
			}}}}}}},
		}},
	})
}
