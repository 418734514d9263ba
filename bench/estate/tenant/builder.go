package tenant

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// span is one line in the builder's buffer.
type span struct{ from, to int }

// builder collects the lines of one subscription.
type builder struct {
	writer
	lib      *library
	index    int    // of the subscription, from 0
	id       string // of the subscription, a GUID
	prefix   string // /subscriptions/GUID
	location string
	groups   []span // subscription and resource groups come first in the file
	lines    []span

	group    string // resource group being filled
	app, env string
	tagged   string // members of the group's tags
	number   int    // makes names unique in the subscription
	budget   int    // resources that may still be added
	shared   hub
}

// newBuilder starts subscription index of an estate made from seed.
func newBuilder(lib *library, seed uint64, index int) *builder {
	b := &builder{lib: lib, index: index}
	b.random = rand.New(rand.NewPCG(seed, uint64(index)*0x9e3779b97f4a7c15+1))
	of := rand.New(rand.NewPCG(seed, 0))
	b.writer.tenant = string(appendUUID(nil, (&writer{random: of}).sixteen()))
	b.variables = make([]string, len(lib.variables))
	b.id = string(appendUUID(nil, b.sixteen()))
	b.prefix = "/subscriptions/" + b.id
	b.location = b.oneOf(locations)
	return b
}

// choice is a text with a weight.
type choice struct {
	text   string
	weight int
}

var locations = []choice{{"westeurope", 45}, {"northeurope", 22}, {"eastus", 14}, {"uksouth", 8}, {"eastus2", 6}, {"swedencentral", 5}}

func (b *builder) oneOf(choices []choice) string {
	sum := 0
	for _, c := range choices {
		sum += c.weight
	}
	at := b.random.IntN(sum)
	for _, c := range choices {
		if at -= c.weight; at < 0 {
			return c.text
		}
	}
	return choices[len(choices)-1].text
}

// chance reports true in percent of 100 cases.
func (b *builder) chance(percent int) bool { return b.random.IntN(100) < percent }

// between gives a number from a to c, both included.
func (b *builder) between(a, c int) int { return a + b.random.IntN(c-a+1) }

// set gives variables their texts: name, text, name, text …
func (b *builder) set(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		if slot, ok := b.lib.variables[pairs[i]]; ok {
			b.variables[slot] = pairs[i+1]
		}
	}
}

// put adds a resource to the current resource group and gives its id.
func (b *builder) put(key, name string) string {
	kind, _, _ := strings.Cut(key, "#")
	return b.add(key, name, b.prefix+"/resourceGroups/"+b.group+"/providers/"+kind+"/"+name)
}

// child adds a resource below parent, whose type key's type extends.
func (b *builder) child(parent, key, name string) string {
	kind, _, _ := strings.Cut(key, "#")
	return b.add(key, name, parent+"/"+kind[strings.LastIndexByte(kind, '/')+1:]+"/"+name)
}

// extend adds an extension resource to the resource or scope with this id.
func (b *builder) extend(parent, key, name string) string {
	kind, _, _ := strings.Cut(key, "#")
	return b.add(key, name, parent+"/providers/"+kind+"/"+name)
}

func (b *builder) add(key, name, id string) string {
	t := b.lib.templates[key]
	s := &subject{
		id: id, name: name, group: b.group, subscription: b.id, location: b.location,
		etag: b.sixteen(), tags: b.tags(),
	}
	from := len(b.buf)
	b.buf = append(b.buf, `{"id":"`...)
	b.buf = append(b.buf, id...)
	b.buf = append(b.buf, `","name":"`...)
	b.buf = append(b.buf, name...)
	b.buf = append(b.buf, `","type":"`...)
	b.buf = append(b.buf, t.kind...)
	b.buf = append(b.buf, `",`...)
	b.render(t.body, s)
	b.buf = append(b.buf, "}\n"...)
	b.lines = append(b.lines, span{from, len(b.buf)})
	b.budget--
	return id
}

// tags gives most resources the tags of their group and leaves some without.
func (b *builder) tags() string {
	if b.chance(82) {
		return b.tagged
	}
	if b.chance(50) {
		return ""
	}
	return `"environment":"` + b.env + `"`
}

var (
	applications = []string{
		"orders", "billing", "catalog", "claims", "crm", "datalake", "erp", "fleet", "forms", "hr", "identity", "insight",
		"intranet", "invoicing", "iot", "ledger", "logistics", "loyalty", "mail", "market", "mobile", "payments", "planning",
		"portal", "pricing", "procure", "reports", "risk", "sales", "scheduling", "search", "shop", "stock", "support", "tax",
		"telemetry", "tickets", "tracking", "training", "treasury", "vendor", "warehouse", "web", "website", "workflow",
	}
	environments = []choice{{"prod", 45}, {"dev", 25}, {"test", 18}, {"stage", 8}, {"sandbox", 4}}
	costCenters  = []string{"1002", "1017", "1140", "2210", "2215", "3301", "4400", "4711", "5120", "6003"}
	classes      = []choice{{"internal", 50}, {"confidential", 30}, {"public", 12}, {"restricted", 8}}
)

// begin opens a resource group for one workload.
func (b *builder) begin(what string) {
	b.app = applications[b.random.IntN(len(applications))]
	b.env = b.oneOf(environments)
	b.group = "rg-" + b.unique(what+"-"+b.app+"-"+b.env)
	b.tagged = `"environment":"` + b.env + `","application":"` + b.app + `"`
	if b.chance(70) {
		b.tagged += `,"costCenter":"` + costCenters[b.random.IntN(len(costCenters))] + `"`
	}
	if b.chance(55) {
		b.tagged += `,"owner":"` + people[b.random.IntN(len(people))] + `@contoso.example"`
	}
	if b.chance(40) {
		b.tagged += `,"dataClassification":"` + b.oneOf(classes) + `"`
	}
	b.add("Microsoft.Resources/resourceGroups", b.group, b.prefix+"/resourceGroups/"+b.group)
	b.groups = append(b.groups, b.lines[len(b.lines)-1])
	b.lines = b.lines[:len(b.lines)-1]
	clear(b.variables)
	b.shared.announce(b)
}

// unique makes a name that no other resource of the estate has.
func (b *builder) unique(stem string) string {
	b.number++
	return stem + "-" + strconv.Itoa(b.index) + "-" + strconv.Itoa(b.number)
}

// compact is unique for names that allow letters and digits only, at most 24.
func (b *builder) compact(stem string) string {
	b.number++
	tail := strconv.FormatInt(int64(b.index), 36) + "x" + strconv.FormatInt(int64(b.number), 36)
	if len(stem)+len(tail) > 24 {
		stem = stem[:24-len(tail)]
	}
	return stem + tail
}
