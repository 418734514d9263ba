// Package check is the thirty rules of bench/rules written by hand.
package check

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/bench/measure"
	"github.com/bartizan-dev/bartizan/bench/rules"
)

// New gives a judge that parses each line and checks it.
func New() (measure.Judge, error) {
	numbers, err := number()
	if err != nil {
		return nil, err
	}
	var parser fastjson.Parser
	return func(line []byte) (measure.Mask, error) {
		root, err := parser.ParseBytes(line)
		if err != nil {
			return 0, fmt.Errorf("parse: %w", err)
		}
		return numbers.judge(root), nil
	}, nil
}

// bits holds the bit of each rule.
type bits struct {
	vmEncryption, vmPasswords, vmTrusted, vmPatching, vmImage               measure.Mask
	storageHTTPS, storageTLS, storageNetwork, storageAnonymous, storageKeys measure.Mask
	diskNetwork, diskKey, diskUnattached, diskPublic, diskSlow              measure.Mask
	nicForwarding, nicAddress, nicUnguarded, nicStatic, nicOrphan           measure.Mask
	sqlTLS, sqlPublic, sqlPasswords, sqlDoor, sqlExposed                    measure.Mask
	vaultPurge, vaultRoles, vaultSoftDelete, vaultNetwork, vaultTrusts      measure.Mask
}

func number() (*bits, error) {
	all, err := rules.Definitions()
	if err != nil {
		return nil, err
	}
	at := map[string]measure.Mask{}
	for i, d := range all {
		at[d.Name] = 1 << i
	}
	return &bits{
		vmEncryption: at["vm-encryption-at-host"], vmPasswords: at["vm-linux-passwords"], vmTrusted: at["vm-trusted-launch"],
		vmPatching: at["vm-windows-patching"], vmImage: at["vm-old-image"],
		storageHTTPS: at["storage-https-only"], storageTLS: at["storage-tls"], storageNetwork: at["storage-open-network"],
		storageAnonymous: at["storage-anonymous"], storageKeys: at["storage-replicated-keys"],
		diskNetwork: at["disk-network-access"], diskKey: at["disk-platform-key"], diskUnattached: at["disk-unattached"],
		diskPublic: at["disk-public"], diskSlow: at["disk-slow-in-production"],
		nicForwarding: at["nic-forwarding"], nicAddress: at["nic-public-address"], nicUnguarded: at["nic-unguarded"],
		nicStatic: at["nic-static-slow"], nicOrphan: at["nic-orphan"],
		sqlTLS: at["sql-tls"], sqlPublic: at["sql-public"], sqlPasswords: at["sql-passwords"], sqlDoor: at["sql-weak-door"],
		sqlExposed: at["sql-exposed"],
		vaultPurge: at["vault-purge"], vaultRoles: at["vault-roles"], vaultSoftDelete: at["vault-soft-delete"],
		vaultNetwork: at["vault-open-network"], vaultTrusts: at["vault-trusts-all"],
	}, nil
}

func (b *bits) judge(r *fastjson.Value) measure.Mask {
	p := r.Get("properties")
	switch text(r, "type") {
	case "Microsoft.Compute/virtualMachines":
		return b.machine(p)
	case "Microsoft.Storage/storageAccounts":
		return b.storage(r, p)
	case "Microsoft.Compute/disks":
		return b.disk(r, p)
	case "Microsoft.Network/networkInterfaces":
		return b.nic(r, p)
	case "Microsoft.Sql/servers":
		return b.sql(r, p)
	case "Microsoft.KeyVault/vaults":
		return b.vault(p)
	}
	return 0
}

func (b *bits) machine(p *fastjson.Value) measure.Mask {
	profile := p.Get("securityProfile")
	m := when(b.vmEncryption, !yes(profile, "encryptionAtHost"))
	uefi := profile.Get("uefiSettings")
	m |= when(b.vmTrusted, text(profile, "securityType") != "TrustedLaunch" || !yes(uefi, "secureBootEnabled") || !yes(uefi, "vTpmEnabled"))
	store, system := p.Get("storageProfile"), p.Get("osProfile")
	switch text(store.Get("osDisk"), "osType") {
	case "Linux":
		m |= when(b.vmPasswords, !yes(system.Get("linuxConfiguration"), "disablePasswordAuthentication"))
	case "Windows":
		windows := system.Get("windowsConfiguration")
		m |= when(b.vmPatching, yes(windows, "enableAutomaticUpdates") &&
			text(windows.Get("patchSettings"), "patchMode") != "AutomaticByPlatform" && yes(system, "allowExtensionOperations"))
	}
	image := store.Get("imageReference")
	if text(image, "publisher") == "Canonical" && text(image, "offer") == "UbuntuServer" {
		sku := text(image, "sku")
		m |= when(b.vmImage, sku == "14.04-LTS" || sku == "16.04-LTS" || sku == "18.04-LTS")
	}
	return m
}

func (b *bits) storage(r, p *fastjson.Value) measure.Mask {
	public := text(p, "publicNetworkAccess") != "Disabled"
	m := when(b.storageHTTPS, !yes(p, "supportsHttpsTrafficOnly"))
	m |= when(b.storageTLS, text(p, "minimumTlsVersion") != "TLS1_2")
	m |= when(b.storageNetwork, public && text(p.Get("networkAcls"), "defaultAction") != "Deny")
	kind := text(r, "kind")
	m |= when(b.storageAnonymous, public && (kind == "StorageV2" || kind == "BlobStorage") && !no(p, "allowBlobPublicAccess"))
	m |= when(b.storageKeys, !no(p, "allowSharedKeyAccess") && !no(p, "allowCrossTenantReplication") &&
		text(p.Get("encryption"), "keySource") == "Microsoft.Storage" && strings.HasSuffix(text(r.Get("sku"), "name"), "GRS"))
	return m
}

func (b *bits) disk(r, p *fastjson.Value) measure.Mask {
	access := text(p, "networkAccessPolicy")
	m := when(b.diskNetwork, access != "DenyAll")
	m |= when(b.diskKey, text(p.Get("encryption"), "type") == "EncryptionAtRestWithPlatformKey")
	m |= when(b.diskUnattached, text(p, "diskState") == "Unattached" && !has(r, "managedBy"))
	m |= when(b.diskPublic, access == "AllowAll" && text(p, "publicNetworkAccess") != "Disabled" &&
		text(p, "dataAccessAuthMode") != "AzureActiveDirectory")
	if text(r.Get("tags"), "environment") == "prod" {
		sku := text(r.Get("sku"), "name")
		m |= when(b.diskSlow, (sku == "Standard_LRS" || sku == "StandardSSD_LRS") && p.GetInt("diskSizeGB") >= 256 && !has(p, "osType"))
	}
	return m
}

func (b *bits) nic(r, p *fastjson.Value) measure.Mask {
	m := when(b.nicForwarding, yes(p, "enableIPForwarding"))
	address, fixed := false, false
	for _, c := range p.GetArray("ipConfigurations") {
		c = c.Get("properties")
		address = address || has(c.Get("publicIPAddress"), "id")
		fixed = fixed || text(c, "privateIPAllocationMethod") == "Static" && yes(c, "primary")
	}
	m |= when(b.nicAddress, address)
	m |= when(b.nicStatic, fixed && !yes(p, "enableAcceleratedNetworking"))
	if has(p.Get("virtualMachine"), "id") {
		return m | when(b.nicUnguarded, !has(p.Get("networkSecurityGroup"), "id"))
	}
	return m | when(b.nicOrphan, text(r, "kind") == "Regular" && !has(p.Get("privateEndpoint"), "id") &&
		text(p, "provisioningState") == "Succeeded")
}

func (b *bits) sql(r, p *fastjson.Value) measure.Mask {
	version, access := text(p, "minimalTlsVersion"), text(p, "publicNetworkAccess")
	m := when(b.sqlTLS, version != "1.2") | when(b.sqlPublic, access != "Disabled")
	admins := p.Get("administrators")
	m |= when(b.sqlPasswords, has(admins, "login") && !yes(admins, "azureADOnlyAuthentication"))
	if access != "Enabled" {
		return m
	}
	m |= when(b.sqlDoor, (version == "1.0" || version == "1.1" || version == "None") && text(p, "administratorLogin") == "sqladmin")
	if text(p, "restrictOutboundNetworkAccess") == "Enabled" || has(r.Get("identity"), "type") {
		return m
	}
	for _, c := range p.GetArray("privateEndpointConnections") {
		if text(c.Get("properties").Get("privateLinkServiceConnectionState"), "status") == "Approved" {
			return m
		}
	}
	return m | b.sqlExposed
}

func (b *bits) vault(p *fastjson.Value) measure.Mask {
	m := when(b.vaultPurge, !yes(p, "enablePurgeProtection")) | when(b.vaultRoles, !yes(p, "enableRbacAuthorization"))
	days := p.Get("softDeleteRetentionInDays")
	m |= when(b.vaultSoftDelete, !yes(p, "enableSoftDelete") || days != nil && days.GetInt() < 30)
	m |= when(b.vaultNetwork, text(p, "publicNetworkAccess") != "Disabled" &&
		text(p.Get("networkAcls"), "defaultAction") != "Deny" && len(p.GetArray("privateEndpointConnections")) == 0)
	m |= when(b.vaultTrusts, yes(p, "enabledForDeployment") && yes(p, "enabledForDiskEncryption") &&
		yes(p, "enabledForTemplateDeployment") && text(p.Get("sku"), "name") == "standard")
	return m
}

func when(bit measure.Mask, unhealthy bool) measure.Mask {
	if unhealthy {
		return bit
	}
	return 0
}

// text gives a string without copying it; it lives as long as the parser's
// next line is not read.
func text(v *fastjson.Value, key string) string {
	b := v.GetStringBytes(key)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func yes(v *fastjson.Value, key string) bool { return v.GetBool(key) }

func no(v *fastjson.Value, key string) bool {
	x := v.Get(key)
	return x != nil && x.Type() == fastjson.TypeFalse
}

func has(v *fastjson.Value, key string) bool {
	x := v.Get(key)
	return x != nil && x.Type() != fastjson.TypeNull
}
