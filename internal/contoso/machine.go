package contoso

// machineRow is one server outside the clouds. Letters in good: f firewall, d
// disks encrypted, u updates current, a antivirus, e endpoint detection, r no
// root sign-in over SSH, p no passwords over SSH, w password policy, b secure
// boot, t old TLS off, l logs forwarded. One that is bad: x empty passwords will
// do over SSH.
type machineRow struct {
	group, name, system string // system is a key of systems
	role, owner         string
	good                string
	ports               []port
	extra               []software
}

// port is one listening port: everywhere, or on the loopback address only.
type port struct {
	number  int
	process string
	local   bool
}

// software is one installed package.
type software struct{ name, version string }

// systemRow is one operating system.
type systemRow struct {
	family, name, version, kernel, supported string
}

var systems = map[string]systemRow{
	"ubuntu24": {"linux", "Ubuntu", "24.04", "6.8.0-87-generic", "2029-05-31"},
	"ubuntu22": {"linux", "Ubuntu", "22.04", "5.15.0-161-generic", "2027-04-30"},
	"ubuntu18": {"linux", "Ubuntu", "18.04", "4.15.0-213-generic", "2023-05-31"},
	"debian12": {"linux", "Debian", "12", "6.1.0-40-amd64", "2028-06-30"},
	"rhel9":    {"linux", "Red Hat Enterprise Linux", "9.6", "5.14.0-570.el9", "2032-05-31"},
	"rhel7":    {"linux", "Red Hat Enterprise Linux", "7.9", "3.10.0-1160.el7", "2024-06-30"},
	"win2022":  {"windows", "Windows Server 2022", "10.0.20348", "10.0.20348.4294", "2031-10-14"},
	"win2019":  {"windows", "Windows Server 2019", "10.0.17763", "10.0.17763.7919", "2029-01-09"},
	"win2012":  {"windows", "Windows Server 2012 R2", "6.3.9600", "6.3.9600.22822", "2023-10-10"},
}

// The groups of machines are Contoso's own sites.
const (
	headOffice = "stockholm-datacentre"
	plant      = "hamburg-warehouse"
	stores     = "stores"
)

var (
	sshPort   = port{22, "sshd", false}
	rdpPort   = port{3389, "TermService", false}
	smbPort   = port{445, "System", false}
	agentPort = port{9100, "node_exporter", true}
)

// disksUnread is the till whose agent may not ask BitLocker.
const disksUnread = "store-lisbon-01"

// tidy is what a well-kept server has.
const tidy = "fduaerpwbtl"

var machineRows = []machineRow{
	{headOffice, "sto-dc-01", "win2022", "directory", "platform", tidy, []port{{53, "dns", false}, {389, "lsass", false}, smbPort}, nil},
	{headOffice, "sto-dc-02", "win2022", "directory", "platform", tidy, []port{{53, "dns", false}, {389, "lsass", false}, smbPort}, nil},
	{headOffice, "sto-file-01", "win2019", "files", "platform", "fuaewt", []port{smbPort, rdpPort}, nil},
	{headOffice, "sto-hr-db-01", "rhel9", "hrportal", "hr-systems", tidy, []port{sshPort, {5432, "postgres", false}}, []software{{"postgresql-server", "16.4"}}},
	{headOffice, "sto-hr-app-01", "rhel9", "hrportal", "hr-systems", "fduaerpwl", []port{sshPort, {8443, "java", false}}, []software{{"java-17-openjdk", "17.0.16"}}},
	{headOffice, "sto-build-01", "ubuntu22", "build", "build", "fur", []port{sshPort, {2375, "dockerd", false}}, []software{{"docker-ce", "24.0.7"}}},
	{headOffice, "sto-build-02", "ubuntu24", "build", "build", "fduaerpwbl", []port{sshPort}, []software{{"docker-ce", "28.1.1"}}},
	{headOffice, "sto-build-03", "ubuntu18", "build", "build", "r", []port{sshPort, {8080, "java", false}}, []software{{"openjdk-8-jre", "8u362"}, {"log4j", "2.14.1"}}},
	{headOffice, "sto-erp-01", "win2012", "erp", "", "w", []port{smbPort, rdpPort, {1433, "sqlservr", false}}, []software{{"Microsoft SQL Server", "11.0.7001"}}},
	{headOffice, "sto-erp-02", "win2019", "erp", "finance", "fdawb", []port{rdpPort, {443, "w3wp", false}}, nil},
	{headOffice, "sto-syslog-01", "debian12", "logs", "platform", tidy, []port{sshPort, {6514, "rsyslogd", false}}, nil},
	{headOffice, "sto-backup-01", "debian12", "backup", "platform", "fuaerpwl", []port{sshPort, {9102, "bacula-fd", false}}, []software{{"bacula-client", "11.0.6"}}},
	{plant, "ham-wms-01", "rhel7", "warehouse", "logistics", "fwx", []port{sshPort, {21, "vsftpd", false}, {3306, "mysqld", false}}, []software{{"vsftpd", "3.0.2"}, {"mysql-community-server", "5.7.40"}}},
	{plant, "ham-wms-02", "rhel9", "warehouse", "logistics", "fduaerpwl", []port{sshPort, {8443, "java", false}}, nil},
	{plant, "ham-scale-01", "win2012", "warehouse", "", "", []port{smbPort, rdpPort, {5900, "winvnc", false}}, []software{{"TightVNC", "2.7.10"}}},
	{plant, "ham-print-01", "win2019", "printing", "logistics", "fuawt", []port{smbPort, {9100, "spoolsv", false}}, nil},
	{plant, "ham-edge-01", "ubuntu22", "edge", "logistics", "fduarpwl", []port{sshPort, agentPort}, nil},
	{plant, "ham-edge-02", "ubuntu22", "edge", "logistics", "fduarp", []port{sshPort, {1883, "mosquitto", false}}, []software{{"mosquitto", "2.0.11"}}},
	{stores, "store-oslo-01", "debian12", "tills", "retail", tidy, []port{sshPort}, nil},
	{stores, "store-oslo-02", "debian12", "tills", "retail", tidy, []port{sshPort}, nil},
	{stores, "store-berlin-01", "debian12", "tills", "retail", "fduaerpwl", []port{sshPort}, nil},
	{stores, "store-berlin-02", "debian12", "tills", "retail", "fdr", []port{sshPort, {23, "telnetd", false}}, []software{{"telnetd", "0.17"}}},
	{stores, "store-lisbon-01", "win2019", "tills", "retail", "fdaew", []port{rdpPort}, nil},
	{stores, "store-lisbon-02", "win2022", "tills", "retail", tidy, []port{rdpPort}, nil},
	{stores, "store-madrid-01", "ubuntu22", "tills", "retail", "fuaepwl", []port{sshPort, agentPort}, nil},
}

func (m machineRow) is(letter byte) bool { return hasLetter(m.good, letter) }
func (m machineRow) os() systemRow       { return systems[m.system] }
func (m machineRow) windows() bool       { return m.os().family == "windows" }

func (e *estate) addMachines() {
	for _, g := range [][2]string{{headOffice, "Stockholm data centre"}, {plant, "Hamburg warehouse"}, {stores, "Stores"}} {
		e.scope("machines/"+g[0], "", "machines", g[1])
	}
	for _, m := range machineRows {
		tags := object{{"application", m.role}}
		if m.owner != "" {
			tags = tags.with(member{"owner", m.owner + "-team@contoso.com"})
		}
		e.machines = append(e.machines, object{
			{"type", "machine"},
			{"id", "machines/" + m.group + "/" + m.name},
			{"name", m.name},
			{"group", m.group},
			{"tags", tags},
			{"properties", m.facts()},
		})
	}
}

// facts gives what an agent on the machine saw. The SSH server's settings are
// its own words, yes and no.
func (m machineRow) facts() object {
	os := m.os()
	facts := object{
		{"os", object{{"family", os.family}, {"name", os.name}, {"version", os.version}, {"supportEnds", os.supported}}},
		{"kernel", os.kernel},
		{"packages", m.packages()},
		{"listening", m.listening()},
		{"users", m.users()},
		{"firewall", object{{"enabled", m.is('f')}, {"defaultInbound", choose(m.is('f'), "deny", "allow")}}},
		{"diskEncryption", m.disks()},
		{"updates", object{
			{"pending", choiceOf(m.is('u'), 0, 37)},
			{"pendingSecurity", choiceOf(m.is('u'), 0, 12)},
			{"rebootRequired", !m.is('u')},
			{"automatic", m.is('u')},
			{"lastAssessed", choose(m.is('u'), "2026-11-20T02:10:00Z", "2026-07-04T02:10:00Z")},
		}},
		{"antivirus", object{{"installed", m.is('a')}, {"running", m.is('a')}, {"signatureAgeDays", when(m.is('a'), choiceOf(m.is('u'), 0, 21))}}},
		{"edr", object{{"installed", m.is('e')}, {"reporting", m.is('e')}}},
		{"passwordPolicy", object{
			{"minimumLength", choiceOf(m.is('w'), 14, 6)},
			{"complexity", m.is('w')},
			{"history", choiceOf(m.is('w'), 24, 0)},
			{"maximumAgeDays", choiceOf(m.is('w'), 90, 0)},
			{"lockoutThreshold", choiceOf(m.is('w'), 5, 0)},
		}},
		{"secureBoot", object{{"enabled", m.is('b')}}},
		{"logging", object{{"auditEnabled", m.is('l')}, {"forwarded", m.is('l')}}},
		{"timeSync", object{{"enabled", true}}},
	}
	if m.windows() {
		return facts.with(member{"windows", m.windowsFacts()})
	}
	return facts.with(member{"sshd", m.sshd()}, member{"mandatoryAccessControl", object{{"enforcing", m.is('e')}}})
}

// disks tells how the disks are encrypted, which one agent could not ask.
func (m machineRow) disks() any {
	if m.name == disksUnread {
		return absent{}
	}
	method := choose(m.windows(), "BitLocker", "LUKS")
	volume := func(name, kind string, protected bool) object {
		return object{{"name", name}, {"kind", kind}, {"protected", protected}}
	}
	volumes := list{volume(choose(m.windows(), "C:", "/"), "os", m.is('d'))}
	if m.role == "files" || m.role == "backup" || m.role == "erp" {
		// Whoever encrypts a server forgets the disk with the data.
		volumes = append(volumes, volume(choose(m.windows(), "D:", "/srv"), "data", m.is('d') && m.is('e')))
	}
	return object{{"enabled", m.is('d')}, {"method", when(m.is('d'), method)}, {"volumes", volumes}}
}

func (m machineRow) sshd() object {
	return object{
		{"permitRootLogin", choose(m.is('r'), "no", "yes")},
		{"passwordAuthentication", choose(m.is('p'), "no", "yes")},
		{"permitEmptyPasswords", choose(m.is('x'), "yes", "no")},
		{"x11Forwarding", choose(m.is('p'), "no", "yes")},
		{"maxAuthTries", choiceOf(m.is('p'), 4, 10)},
		{"clientAliveInterval", choiceOf(m.is('p'), 300, 0)},
		{"logLevel", choose(m.is('p'), "VERBOSE", "QUIET")},
	}
}

func (m machineRow) windowsFacts() object {
	old := !m.is('t')
	protocol := func(name string, enabled bool) object { return object{{"name", name}, {"serverEnabled", enabled}} }
	return object{
		{"tls", object{{"protocols", list{
			protocol("SSL 3.0", old && !m.is('a')),
			protocol("TLS 1.0", old),
			protocol("TLS 1.1", old),
			protocol("TLS 1.2", true),
		}}}},
		{"lsa", object{{"lmCompatibilityLevel", choiceOf(m.is('t'), 5, 2)}, {"noLmHash", m.is('t')}}},
		{"smb1Enabled", old && !m.is('a')},
		{"clearTextPassword", !m.is('w')},
		{"exploitGuard", object{{"attackSurfaceReduction", choose(m.is('e'), "block", "off")}}},
		{"userRights", object{
			{"seTcbPrivilege", list{}},
			{"seCreateTokenPrivilege", list{}},
			{"seDebugPrivilege", choiceList(m.is('a'), words("Administrators"), words("Administrators", "CONTOSO\\erp-service"))},
		}},
	}
}

func choiceList(holds bool, yes, no list) list {
	if holds {
		return yes
	}
	return no
}

func (m machineRow) packages() list {
	base := []software{{"openssl", "3.0.7"}, {"openssh-server", "8.7p1"}, {"sudo", "1.9.5p2"}, {"bash", "5.1.8"}}
	switch {
	case m.windows():
		base = []software{{"PowerShell", "7.5.3"}, {".NET Runtime", "8.0.21"}}
	case m.system == "rhel7" || m.system == "ubuntu18":
		base = []software{{"openssl", "1.0.2k"}, {"openssh-server", "7.4p1"}, {"sudo", "1.8.23"}, {"bash", "4.2.46"}}
	}
	out := list{}
	for _, s := range append(append([]software{}, base...), m.extra...) {
		out = append(out, object{{"name", s.name}, {"version", s.version}})
	}
	return out
}

func (m machineRow) listening() list {
	out := list{}
	for _, p := range m.ports {
		out = append(out, object{
			{"port", p.number},
			{"protocol", "tcp"},
			{"process", p.process},
			{"address", choose(p.local, "127.0.0.1", "0.0.0.0")},
		})
	}
	return out
}

func (m machineRow) users() list {
	user := func(name string, uid int, administrator, empty bool) object {
		return object{{"name", name}, {"uid", when(!m.windows(), uid)}, {"administrator", administrator}, {"emptyPassword", empty}, {"enabled", true}}
	}
	out := list{user(choose(m.windows(), "Administrator", "root"), 0, true, false), user("svc-monitoring", 990, false, false)}
	if !m.is('w') {
		out = append(out, user("service", 1001, true, !m.is('f')))
	}
	if m.is('x') {
		// The hand scanners sign in with it, and scanners cannot type.
		out = append(out, user("scanner", 1002, false, true))
	}
	if m.system == "rhel7" {
		out = append(out, user("toor", 0, true, false))
	}
	return out
}
