package contoso

import "strconv"

const (
	kindVM   = "Microsoft.Compute/virtualMachines"
	kindNIC  = "Microsoft.Network/networkInterfaces"
	kindDisk = "Microsoft.Compute/disks"
)

// vmRow is one virtual machine with what hangs on it.
type vmRow struct {
	at           place
	name, image  string // image is a key of images
	vnet, subnet string
	address      int // last part of its private address
	public       int // last part of its public address, 0 for none
	identity     string
	hardened     bool // trusted launch, encryption at host, keys instead of passwords, automatic patches
	data         int  // data disks
	extensions   string
	keyedDisk    bool // disks under a customer's key
	nicGuard     string
}

// images gives operating system, publisher, offer and sku.
var images = map[string][4]string{
	"ubuntu22": {"Linux", "Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2"},
	"ubuntu24": {"Linux", "Canonical", "ubuntu-24_04-lts", "server"},
	"ubuntu18": {"Linux", "Canonical", "UbuntuServer", "18.04-LTS"},
	"rhel9":    {"Linux", "RedHat", "RHEL", "9-lvm-gen2"},
	"win2022":  {"Windows", "MicrosoftWindowsServer", "WindowsServer", "2022-datacenter-azure-edition"},
	"win2019":  {"Windows", "MicrosoftWindowsServer", "WindowsServer", "2019-datacenter-gensecond"},
	"win2012":  {"Windows", "MicrosoftWindowsServer", "WindowsServer", "2012-R2-Datacenter"},
	"sql2019":  {"Windows", "MicrosoftSQLServer", "sql2019-ws2019", "enterprise"},
}

// agents gives publisher and type of the extensions by their letters: guest
// configuration, monitor agent, endpoint protection, backup, disk encryption,
// custom script.
var agents = map[string]map[byte][2]string{
	"Linux": {
		'g': {"Microsoft.GuestConfiguration", "ConfigurationforLinux"},
		'm': {"Microsoft.Azure.Monitor", "AzureMonitorLinuxAgent"},
		'e': {"Microsoft.Azure.AzureDefenderForServers", "MDE.Linux"},
		'd': {"Microsoft.Azure.Security", "AzureDiskEncryptionForLinux"},
		's': {"Microsoft.Azure.Extensions", "CustomScript"},
	},
	"Windows": {
		'g': {"Microsoft.GuestConfiguration", "ConfigurationforWindows"},
		'm': {"Microsoft.Azure.Monitor", "AzureMonitorWindowsAgent"},
		'e': {"Microsoft.Azure.AzureDefenderForServers", "MDE.Windows"},
		'a': {"Microsoft.Azure.Security", "IaaSAntimalware"},
		'd': {"Microsoft.Azure.Security", "AzureDiskEncryption"},
		's': {"Microsoft.Compute", "CustomScriptExtension"},
	},
}

var vmRows = []vmRow{
	{at: jump, name: "vm-jump-01", image: "win2019", vnet: "vnet-hub-weu", subnet: "snet-jump", address: 4, public: 41, extensions: "m", nicGuard: "nsg-jump"},
	{at: jump, name: "vm-jump-02", image: "win2022", vnet: "vnet-hub-weu", subnet: "snet-jump", address: 5, identity: "system", hardened: true, extensions: "gmea"},
	{at: webshop, name: "vm-shop-web-01", image: "ubuntu22", vnet: "vnet-prod-weu", subnet: "snet-web", address: 4, identity: "id-webshop", hardened: true, extensions: "gme"},
	{at: webshop, name: "vm-shop-web-02", image: "ubuntu22", vnet: "vnet-prod-weu", subnet: "snet-web", address: 5, identity: "id-webshop", hardened: true, extensions: "gme"},
	{at: webshop, name: "vm-shop-search-01", image: "ubuntu22", vnet: "vnet-prod-weu", subnet: "snet-web", address: 6, identity: "system", data: 2, extensions: "m"},
	{at: payments, name: "vm-pay-app-01", image: "rhel9", vnet: "vnet-prod-weu", subnet: "snet-payments", address: 4, identity: "id-payments", hardened: true, data: 1, extensions: "gme", keyedDisk: true},
	{at: payments, name: "vm-pay-app-02", image: "rhel9", vnet: "vnet-prod-weu", subnet: "snet-payments", address: 5, identity: "id-payments", hardened: true, data: 1, extensions: "gme", keyedDisk: true},
	{at: payments, name: "vm-pay-recon-01", image: "win2022", vnet: "vnet-prod-weu", subnet: "snet-payments", address: 6, identity: "system", data: 1, extensions: "gmead"},
	{at: dataLake, name: "vm-lake-ingest-01", image: "ubuntu24", vnet: "vnet-data-weu", subnet: "snet-lake", address: 4, identity: "id-datalake", hardened: true, data: 1, extensions: "gm"},
	{at: dataLake, name: "vm-lake-sql-01", image: "sql2019", vnet: "vnet-data-weu", subnet: "snet-lake", address: 5, public: 42, identity: "system", data: 2, extensions: "ma"},
	{at: hrPortal, name: "vm-hr-app-01", image: "win2019", vnet: "vnet-data-weu", subnet: "snet-hr", address: 4, identity: "system", extensions: "gms"},
	{at: coreServices, name: "vm-dc-01", image: "win2022", vnet: "vnet-shared-weu", subnet: "snet-directory", address: 4, identity: "system", hardened: true, data: 1, extensions: "gmea"},
	{at: coreServices, name: "vm-dc-02", image: "win2022", vnet: "vnet-shared-weu", subnet: "snet-directory", address: 5, identity: "system", hardened: true, data: 1, extensions: "gmea"},
	{at: buildSystem, name: "vm-build-ctl-01", image: "ubuntu22", vnet: "vnet-shared-weu", subnet: "snet-agents", address: 4, identity: "id-build-agents", extensions: "ms"},
	{at: webshopDev, name: "vm-shop-dev-01", image: "ubuntu24", vnet: "vnet-dev-neu", subnet: "snet-dev", address: 4, public: 43, identity: "id-webshop-dev", extensions: "m"},
	{at: paymentsDev, name: "vm-pay-dev-01", image: "ubuntu18", vnet: "vnet-dev-neu", subnet: "snet-dev", address: 5, public: 44},
	{at: playground, name: "vm-old-crm-01", image: "win2012", vnet: "vnet-dev-neu", subnet: "snet-playground", address: 4, public: 45, extensions: "s"},
}

func (e *estate) addMachinesOfAzure() {
	e.put(payments, "Microsoft.Compute/diskEncryptionSets", "des-payments", object{{"identity", identity("des-payments", "system")}}, object{
		{"provisioningState", "Succeeded"},
		{"encryptionType", "EncryptionAtRestWithCustomerKey"},
		{"activeKey", object{
			{"sourceVault", ref(payments.id(kindVault, "kv-payments-prod"))},
			{"keyUrl", "https://kv-payments-prod.vault.azure.net/keys/disk-encryption"},
		}},
		{"rotationToLatestKeyVersionEnabled", true},
	})
	for _, v := range vmRows {
		e.addInterface(v)
		e.addDisks(v)
		e.addVM(v)
		for i := range len(v.extensions) {
			e.addExtension(v, v.extensions[i])
		}
	}
}

func (v vmRow) os() string        { return images[v.image][0] }
func (v vmRow) windows() bool     { return v.os() == "Windows" }
func (v vmRow) id() string        { return v.at.id(kindVM, v.name) }
func (v vmRow) osDisk() string    { return v.name + "-os" }
func (v vmRow) disk(i int) string { return v.name + "-data-" + strconv.Itoa(i) }

func (e *estate) addInterface(v vmRow) {
	name := "nic-" + v.name
	configuration := v.at.id(kindNIC, name) + "/ipConfigurations/primary"
	var ip any = absent{}
	if v.public != 0 {
		ip = ref(e.addPublicIP(v.at, "pip-"+v.name, configuration, v.public))
	}
	prefix := ""
	for _, s := range subnetRows {
		if s.vnet == v.vnet && s.name == v.subnet {
			prefix = s.prefix[:len(s.prefix)-len("0/24")]
		}
	}
	balanced := v.subnet == "snet-payments" && !v.windows()
	e.put(v.at, kindNIC, name, nil, object{
		{"provisioningState", "Succeeded"},
		{"enableIPForwarding", v.name == "vm-build-ctl-01"},
		{"enableAcceleratedNetworking", v.hardened},
		{"networkSecurityGroup", when(v.nicGuard != "", ref(vnet(v.vnet).at.id(kindNSG, v.nicGuard)))},
		{"virtualMachine", ref(v.id())},
		{"ipConfigurations", list{object{{"name", "primary"}, {"id", configuration}, {"properties", object{
			{"primary", true},
			{"privateIPAddress", prefix + strconv.Itoa(v.address)},
			{"privateIPAllocationMethod", "Dynamic"},
			{"subnet", ref(subnetID(v.vnet, v.subnet))},
			{"publicIPAddress", ip},
			{"loadBalancerBackendAddressPools", when(balanced, refs(payments.id(kindLoadBalancer, "lbi-payments")+"/backendAddressPools/payments"))},
		}}}}},
	})
}

func (e *estate) addDisks(v vmRow) {
	e.addDisk(v, v.osDisk(), 64, v.os())
	for i := range v.data {
		e.addDisk(v, v.disk(i), 512, "")
	}
}

func (e *estate) addDisk(v vmRow, name string, size int, os string) {
	encryption := object{{"type", "EncryptionAtRestWithPlatformKey"}}
	if v.keyedDisk {
		encryption = object{
			{"type", "EncryptionAtRestWithCustomerKey"},
			{"diskEncryptionSetId", payments.id("Microsoft.Compute/diskEncryptionSets", "des-payments")},
		}
	}
	e.put(v.at, kindDisk, name, object{
		{"sku", object{{"name", "Premium_LRS"}, {"tier", "Premium"}}},
		{"managedBy", v.id()},
	}, object{
		{"provisioningState", "Succeeded"},
		{"osType", text(os)},
		{"hyperVGeneration", when(os != "", "V2")},
		{"creationData", object{{"createOption", choose(os != "", "FromImage", "Empty")}}},
		{"diskSizeGB", size},
		{"encryption", encryption},
		{"networkAccessPolicy", choose(v.hardened, "DenyAll", "AllowAll")},
		{"publicNetworkAccess", choose(v.hardened, "Disabled", "Enabled")},
		{"diskState", "Attached"},
	})
}

func (e *estate) addVM(v vmRow) {
	image := images[v.image]
	disks := list{}
	for i := range v.data {
		disks = append(disks, object{
			{"lun", i},
			{"name", v.disk(i)},
			{"createOption", "Attach"},
			{"managedDisk", object{{"id", v.at.id(kindDisk, v.disk(i))}, {"storageAccountType", "Premium_LRS"}}},
		})
	}
	e.put(v.at, kindVM, v.name, object{{"identity", identity(v.name, v.identity)}}, object{
		{"provisioningState", "Succeeded"},
		{"vmId", guid("vm/" + v.name)},
		{"hardwareProfile", object{{"vmSize", choose(v.data > 1, "Standard_E4s_v5", "Standard_D2s_v5")}}},
		{"storageProfile", object{
			{"imageReference", object{{"publisher", image[1]}, {"offer", image[2]}, {"sku", image[3]}, {"version", "latest"}}},
			{"osDisk", object{
				{"osType", image[0]},
				{"name", v.osDisk()},
				{"createOption", "FromImage"},
				{"caching", "ReadWrite"},
				{"managedDisk", object{{"id", v.at.id(kindDisk, v.osDisk())}, {"storageAccountType", "Premium_LRS"}}},
				{"diskSizeGB", 64},
			}},
			{"dataDisks", disks},
		}},
		{"osProfile", v.osProfile()},
		{"securityProfile", when(v.hardened, object{
			{"securityType", "TrustedLaunch"},
			{"encryptionAtHost", true},
			{"uefiSettings", object{{"secureBootEnabled", true}, {"vTpmEnabled", true}}},
		})},
		{"networkProfile", object{{"networkInterfaces", list{object{
			{"id", v.at.id(kindNIC, "nic-"+v.name)},
			{"properties", object{{"primary", true}}},
		}}}}},
		{"diagnosticsProfile", object{{"bootDiagnostics", object{{"enabled", v.hardened}}}}},
		{"licenseType", when(v.windows(), "Windows_Server")},
	})
}

func (v vmRow) osProfile() object {
	patch := object{
		{"patchMode", choose(v.hardened, "AutomaticByPlatform", choose(v.windows(), "AutomaticByOS", "ImageDefault"))},
		{"assessmentMode", choose(v.hardened, "AutomaticByPlatform", "ImageDefault")},
	}
	common := object{{"computerName", v.name}, {"adminUsername", "contosoadmin"}}
	if v.windows() {
		return common.with(member{"windowsConfiguration", object{
			{"provisionVMAgent", true},
			{"enableAutomaticUpdates", v.image != "win2012"},
			{"patchSettings", patch},
		}}, member{"allowExtensionOperations", true})
	}
	return common.with(member{"linuxConfiguration", object{
		{"disablePasswordAuthentication", v.hardened || v.identity != ""},
		{"provisionVMAgent", true},
		{"patchSettings", patch},
	}}, member{"allowExtensionOperations", true})
}

func (e *estate) addExtension(v vmRow, letter byte) {
	agent, known := agents[v.os()][letter]
	if !known {
		return
	}
	var settings any = object{}
	if letter == 's' {
		settings = object{{"commandToExecute", "setup --license-key " + placeholder}}
	}
	e.put(v.at, kindVM+"/extensions", v.name+"/"+agent[1], nil, object{
		{"provisioningState", "Succeeded"},
		{"publisher", agent[0]},
		{"type", agent[1]},
		{"typeHandlerVersion", "1.0"},
		{"autoUpgradeMinorVersion", true},
		{"enableAutomaticUpgrade", letter != 's'},
		{"settings", settings},
	})
}
