package tenant

import "strconv"

// extension is one way to fill the members of a machine extension.
type extension struct {
	name, members string
	percent       int
}

func agent(name, publisher, version, settings string, percent int) extension {
	return extension{
		name: name, percent: percent,
		members: `"publisher":"` + publisher + `","type":"` + name + `","typeHandlerVersion":"` + version + `","settings":` + settings,
	}
}

var agents = map[string][]extension{
	"linux": {
		agent("AzureMonitorLinuxAgent", "Microsoft.Azure.Monitor", "1.33", `{"authentication":{"managedIdentity":{"identifier-name":"mi_res_id","identifier-value":"system"}}}`, 55),
		agent("AADSSHLoginForLinux", "Microsoft.Azure.ActiveDirectory", "1.0", `{}`, 16),
		agent("MDE.Linux", "Microsoft.Azure.AzureDefenderForServers", "1.0", `{"azureResourceId":"","forceReOnboarding":false,"vNextEnabled":true,"autoUpdate":true}`, 34),
		agent("ConfigurationforLinux", "Microsoft.GuestConfiguration", "1.26", `{}`, 16),
		agent("OmsAgentForLinux", "Microsoft.EnterpriseCloud.Monitoring", "1.19", `{"workspaceId":"","stopOnMultipleConnections":true}`, 8),
	},
	"windows": {
		agent("AzureMonitorWindowsAgent", "Microsoft.Azure.Monitor", "1.35", `{"authentication":{"managedIdentity":{"identifier-name":"mi_res_id","identifier-value":"system"}}}`, 55),
		agent("AADLoginForWindows", "Microsoft.Azure.ActiveDirectory", "2.2", `{"mdmId":""}`, 16),
		agent("MDE.Windows", "Microsoft.Azure.AzureDefenderForServers", "1.0", `{"azureResourceId":"","forceReOnboarding":false,"vNextEnabled":true,"autoUpdate":true}`, 34),
		agent("IaaSAntimalware", "Microsoft.Azure.Security", "1.7", `{"AntimalwareEnabled":true,"RealtimeProtectionEnabled":"true","ScheduledScanSettings":{"isEnabled":"true","scanType":"Quick","day":"7","time":"120"},"Exclusions":{"Extensions":"","Paths":"","Processes":""}}`, 9),
		agent("AzurePolicyforWindows", "Microsoft.GuestConfiguration", "1.29", `{}`, 16),
		agent("CustomScriptExtension", "Microsoft.Compute", "1.10", `{"fileUris":["https://scripts.contoso.example/bootstrap.ps1"],"commandToExecute":"powershell -File bootstrap.ps1"}`, 10),
	},
}

// fleet is a group of virtual machines with their disks and interfaces.
func (b *builder) fleet() {
	b.begin("vm")
	b.set("availabilitySet", b.put("Microsoft.Compute/availabilitySets", b.unique("avail-"+b.app)))
	nsg := b.guard()
	if b.chance(50) {
		nsg = b.guard()
	}
	if b.chance(30) {
		b.account()
	}
	if b.chance(20) {
		b.vault()
	}
	if b.chance(25) {
		b.set("nsg", nsg, "publicIP", "")
		b.set("loadBalancer", b.put("Microsoft.Network/loadBalancers", b.unique("lb-"+b.app)))
	}
	if b.chance(20) {
		b.put("Microsoft.Compute/sshPublicKeys", b.unique("key-"+b.app))
	}
	b.set("nsg", nsg)
	for range b.between(3, 13) {
		b.machine()
	}
	if b.chance(20) { // what deleted machines leave behind
		b.set("vm", "", "publicIP", "", "diskState", "Unattached")
		b.put("Microsoft.Network/networkInterfaces", b.unique("nic-"+b.app))
		b.put("Microsoft.Compute/disks", b.unique("disk-"+b.app))
	}
	for range b.between(1, 4) {
		b.grant(b.prefix + "/resourceGroups/" + b.group)
	}
}

// guard adds a network security group.
func (b *builder) guard() string {
	nsg := b.put("Microsoft.Network/networkSecurityGroups", b.unique("nsg-"+b.app))
	b.diagnostics(nsg, 60)
	return nsg
}

// machine is one virtual machine with what belongs to it.
func (b *builder) machine() {
	system := "linux"
	if b.chance(48) {
		system = "windows"
	}
	name := b.unique("vm-" + b.app)
	base := b.prefix + "/resourceGroups/" + b.group + "/providers/"
	vm := base + "Microsoft.Compute/virtualMachines/" + name
	nic := base + "Microsoft.Network/networkInterfaces/nic-" + name
	b.set("vm", vm, "vmName", name, "computer", "vm"+strconv.Itoa(b.index)+"x"+strconv.Itoa(b.number), "diskState", "Attached",
		"osDiskName", name+"_OsDisk_1", "dataDisk", "", "publicIP", "", "ipConfiguration", nic+"/ipConfigurations/ipconfig1")
	b.set("nic", nic)
	osDisk := b.put("Microsoft.Compute/disks", name+"_OsDisk_1")
	b.set("osDisk", osDisk)
	if b.chance(32) {
		b.set("dataDisk", b.put("Microsoft.Compute/disks", name+"_data_0"), "dataDiskName", name+"_data_0")
	}
	if b.chance(14) {
		b.set("publicIP", b.put("Microsoft.Network/publicIPAddresses", "pip-"+name))
	}
	b.put("Microsoft.Network/networkInterfaces", "nic-"+name)
	b.put("Microsoft.Compute/virtualMachines#"+system, name)
	b.extensions(vm, "Microsoft.Compute/virtualMachines/extensions", system)
	b.protect(vm, name, osDisk)
}

// extensions adds some of the system's usual agents below a machine.
func (b *builder) extensions(machine, kind, system string) {
	for _, e := range agents[system] {
		if b.chance(e.percent) {
			b.set("extension", e.members)
			b.child(machine, kind, e.name)
		}
	}
}

var baselines = []choice{{"AzureWindowsBaseline", 45}, {"AzureLinuxBaseline", 45}, {"PasswordPolicy_msid121", 10}}

// protect adds collection rule, backup, snapshot and alert to some machines.
func (b *builder) protect(vm, name, disk string) {
	h := &b.shared
	if h.collectionRule != "" && b.chance(32) {
		b.extend(vm, "Microsoft.Insights/dataCollectionRuleAssociations", "central")
	}
	if h.backupVault != "" && b.chance(25) {
		b.set("backupPolicy", h.backupPolicy)
		container := "iaasvmcontainer;iaasvmcontainerv2;" + b.group + ";" + name
		b.add("Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems", "vm;"+container,
			h.backupVault+"/backupFabrics/Azure/protectionContainers/"+container+"/protectedItems/vm;"+container)
	}
	if b.chance(30) {
		b.extend(vm, "Microsoft.GuestConfiguration/guestConfigurationAssignments", b.oneOf(baselines))
	}
	if b.chance(12) {
		b.set("disk", disk)
		b.put("Microsoft.Compute/snapshots", b.unique("snap-"+b.app))
	}
	if b.chance(10) {
		b.alert(vm, "Microsoft.Compute/virtualMachines")
	}
}

// servers are machines outside the cloud that report to it.
func (b *builder) servers() {
	b.begin("arc")
	for range b.between(2, 10) {
		system := "windows"
		if b.chance(40) {
			system = "linux"
		}
		id := b.put("Microsoft.HybridCompute/machines", b.unique("srv"))
		b.extensions(id, "Microsoft.HybridCompute/machines/extensions", system)
	}
}

// desktops is a host pool with its application group and machines.
func (b *builder) desktops() {
	b.begin("avd")
	name := b.unique("vdpool")
	b.set("hostpool", b.prefix+"/resourceGroups/"+b.group+"/providers/Microsoft.DesktopVirtualization/hostpools/"+name)
	b.set("applicationGroup", b.put("Microsoft.DesktopVirtualization/applicationgroups", b.unique("vdag")))
	id := b.put("Microsoft.DesktopVirtualization/hostpools", name)
	b.diagnostics(id, 50)
	b.set("availabilitySet", b.put("Microsoft.Compute/availabilitySets", b.unique("avail")))
	for range b.between(2, 6) {
		b.machine()
	}
}
