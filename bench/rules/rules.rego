# The thirty rules of definitions/, written for OPA: equal names, equal verdicts.
# Rule names are members of one set, so that one query answers all of them, and
# every rule begins with the type, which OPA's rule index dispatches on.
package bench

import rego.v1

p := input.properties

# Virtual machines

unhealthy contains "vm-encryption-at-host" if {
	input.type == "Microsoft.Compute/virtualMachines"
	not p.securityProfile.encryptionAtHost == true
}

unhealthy contains "vm-linux-passwords" if {
	input.type == "Microsoft.Compute/virtualMachines"
	p.storageProfile.osDisk.osType == "Linux"
	not p.osProfile.linuxConfiguration.disablePasswordAuthentication == true
}

trusted if {
	p.securityProfile.securityType == "TrustedLaunch"
	p.securityProfile.uefiSettings.secureBootEnabled == true
	p.securityProfile.uefiSettings.vTpmEnabled == true
}

unhealthy contains "vm-trusted-launch" if {
	input.type == "Microsoft.Compute/virtualMachines"
	not trusted
}

unhealthy contains "vm-windows-patching" if {
	input.type == "Microsoft.Compute/virtualMachines"
	p.storageProfile.osDisk.osType == "Windows"
	p.osProfile.windowsConfiguration.enableAutomaticUpdates == true
	not p.osProfile.windowsConfiguration.patchSettings.patchMode == "AutomaticByPlatform"
	p.osProfile.allowExtensionOperations == true
}

unhealthy contains "vm-old-image" if {
	input.type == "Microsoft.Compute/virtualMachines"
	p.storageProfile.imageReference.publisher == "Canonical"
	p.storageProfile.imageReference.offer == "UbuntuServer"
	p.storageProfile.imageReference.sku in {"14.04-LTS", "16.04-LTS", "18.04-LTS"}
}

# Storage accounts

unhealthy contains "storage-https-only" if {
	input.type == "Microsoft.Storage/storageAccounts"
	not p.supportsHttpsTrafficOnly == true
}

unhealthy contains "storage-tls" if {
	input.type == "Microsoft.Storage/storageAccounts"
	not p.minimumTlsVersion == "TLS1_2"
}

unhealthy contains "storage-open-network" if {
	input.type == "Microsoft.Storage/storageAccounts"
	not p.publicNetworkAccess == "Disabled"
	not p.networkAcls.defaultAction == "Deny"
}

unhealthy contains "storage-anonymous" if {
	input.type == "Microsoft.Storage/storageAccounts"
	input.kind in {"StorageV2", "BlobStorage"}
	not p.allowBlobPublicAccess == false
	not p.publicNetworkAccess == "Disabled"
}

unhealthy contains "storage-replicated-keys" if {
	input.type == "Microsoft.Storage/storageAccounts"
	not p.allowSharedKeyAccess == false
	not p.allowCrossTenantReplication == false
	p.encryption.keySource == "Microsoft.Storage"
	endswith(input.sku.name, "GRS")
}

# Disks

unhealthy contains "disk-network-access" if {
	input.type == "Microsoft.Compute/disks"
	not p.networkAccessPolicy == "DenyAll"
}

unhealthy contains "disk-platform-key" if {
	input.type == "Microsoft.Compute/disks"
	p.encryption.type == "EncryptionAtRestWithPlatformKey"
}

unhealthy contains "disk-unattached" if {
	input.type == "Microsoft.Compute/disks"
	p.diskState == "Unattached"
	not input.managedBy
}

unhealthy contains "disk-public" if {
	input.type == "Microsoft.Compute/disks"
	not p.publicNetworkAccess == "Disabled"
	p.networkAccessPolicy == "AllowAll"
	not p.dataAccessAuthMode == "AzureActiveDirectory"
}

unhealthy contains "disk-slow-in-production" if {
	input.type == "Microsoft.Compute/disks"
	input.tags.environment == "prod"
	input.sku.name in {"Standard_LRS", "StandardSSD_LRS"}
	p.diskSizeGB >= 256
	not p.osType
}

# Network interfaces

unhealthy contains "nic-forwarding" if {
	input.type == "Microsoft.Network/networkInterfaces"
	p.enableIPForwarding == true
}

unhealthy contains "nic-public-address" if {
	input.type == "Microsoft.Network/networkInterfaces"
	some c in p.ipConfigurations
	c.properties.publicIPAddress.id
}

unhealthy contains "nic-unguarded" if {
	input.type == "Microsoft.Network/networkInterfaces"
	p.virtualMachine.id
	not p.networkSecurityGroup.id
}

unhealthy contains "nic-static-slow" if {
	input.type == "Microsoft.Network/networkInterfaces"
	some c in p.ipConfigurations
	c.properties.privateIPAllocationMethod == "Static"
	c.properties.primary == true
	not p.enableAcceleratedNetworking == true
}

unhealthy contains "nic-orphan" if {
	input.type == "Microsoft.Network/networkInterfaces"
	input.kind == "Regular"
	not p.virtualMachine.id
	not p.privateEndpoint.id
	p.provisioningState == "Succeeded"
}

# SQL servers

unhealthy contains "sql-tls" if {
	input.type == "Microsoft.Sql/servers"
	not p.minimalTlsVersion == "1.2"
}

unhealthy contains "sql-public" if {
	input.type == "Microsoft.Sql/servers"
	not p.publicNetworkAccess == "Disabled"
}

unhealthy contains "sql-passwords" if {
	input.type == "Microsoft.Sql/servers"
	p.administrators.login
	not p.administrators.azureADOnlyAuthentication == true
}

unhealthy contains "sql-weak-door" if {
	input.type == "Microsoft.Sql/servers"
	p.publicNetworkAccess == "Enabled"
	p.minimalTlsVersion in {"1.0", "1.1", "None"}
	p.administratorLogin == "sqladmin"
}

approved if {
	some c in p.privateEndpointConnections
	c.properties.privateLinkServiceConnectionState.status == "Approved"
}

unhealthy contains "sql-exposed" if {
	input.type == "Microsoft.Sql/servers"
	p.publicNetworkAccess == "Enabled"
	not p.restrictOutboundNetworkAccess == "Enabled"
	not input.identity.type
	not approved
}

# Key vaults

unhealthy contains "vault-purge" if {
	input.type == "Microsoft.KeyVault/vaults"
	not p.enablePurgeProtection == true
}

unhealthy contains "vault-roles" if {
	input.type == "Microsoft.KeyVault/vaults"
	not p.enableRbacAuthorization == true
}

keeps if {
	p.enableSoftDelete == true
	p.softDeleteRetentionInDays >= 30
}

unhealthy contains "vault-soft-delete" if {
	input.type == "Microsoft.KeyVault/vaults"
	not keeps
}

unhealthy contains "vault-open-network" if {
	input.type == "Microsoft.KeyVault/vaults"
	not p.publicNetworkAccess == "Disabled"
	not p.networkAcls.defaultAction == "Deny"
	count(p.privateEndpointConnections) == 0
}

unhealthy contains "vault-trusts-all" if {
	input.type == "Microsoft.KeyVault/vaults"
	p.enabledForDeployment == true
	p.enabledForDiskEncryption == true
	p.enabledForTemplateDeployment == true
	p.sku.name == "standard"
}
