package catalog

import (
	"encoding/json"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/policy"
)

// Parse reads a catalogue folder: controls.yaml, aliases.yaml,
// standards/<id>.yaml and <cloud>/<service>/<id>.yaml. It reads all of it and
// reports every problem; with any problem the Catalog is nil.
func Parse(files fs.FS) (*Catalog, Problems) {
	c, problems := ParseAll(files)
	if len(problems) > 0 {
		return nil, problems
	}
	return c, nil
}

// ParseAll is Parse for those who go on with what could be read: an author
// whose file lacks its words may test its rule. Recommendations with problems
// may be incomplete.
func ParseAll(files fs.FS) (*Catalog, Problems) {
	p := &parser{files: files, aliasLines: map[string]*yaml.Node{}, used: map[string]bool{}, reads: map[string]bool{}, places: map[string][]string{}, unread: map[string]bool{}}
	p.readTechniques()
	p.controls()
	p.aliases()
	p.always()
	p.kinds()
	p.standards()
	p.recommendations()
	p.addFacts()
	p.checkWhole()
	p.problems.Sort()
	return p.catalog(), p.problems
}

// parser holds what has been read so far.
type parser struct {
	files    fs.FS
	problems Problems

	techniques   map[string]string // names, by id
	controlList  []Control
	standardList []Standard
	controlIDs   map[string]bool // standard:control
	aliasTable   []aliasType
	aliasLines   map[string]*yaml.Node // by folded full name
	used         map[string]bool       // folded full names
	alwaysOf     map[string][]string
	alwaysLines  map[string]*yaml.Node // by folded full name
	kindsOf      json.RawMessage
	kindLines    map[string]*yaml.Node // by folded full name
	reads        map[string]bool       // folded full names of fields that rules read
	places       map[string][]string   // by type outside Azure: fields that rules read, as they write them
	list         []*parsed
	lost         bool // a recommendation's file, or one of those that they name things of, could not be read
	// unread are the files of which nothing could be read: what names something of them
	// is not looked up.
	unread map[string]bool
}

// readTechniques reads the names of techniques, where the catalogue has its facts
// beside it; what is wrong with these is for [ReadFacts] to say.
func (p *parser) readTechniques() {
	p.techniques = map[string]string{}
	rows, _ := readFacts(p.files, "facts/attack.tsv", 2)
	for _, row := range rows {
		p.techniques[row[0]] = row[1]
	}
}

// parsed is a recommendation with the places that later checks point at.
type parsed struct {
	Recommendation
	doc   *document
	nodes map[string]*yaml.Node // by name of the text: title, why, steps, breaks
}

// glob lists files in a fixed order. The patterns are constants, so the only
// error there is cannot happen.
func (p *parser) glob(pattern string) []string {
	found, _ := fs.Glob(p.files, pattern)
	sort.Strings(found)
	return found
}

// open is open for a file that others name things of.
func (p *parser) open(file, schema string) (*document, *yaml.Node) {
	d, root := open(p.files, file, schema, &p.problems)
	if root == nil {
		p.unread[file], p.lost = true, true
	}
	return d, root
}

func (p *parser) controls() {
	d, root := p.open("controls.yaml", "controls")
	top := d.object(root, "controls file", "!controls")
	ids, names := map[string]bool{}, map[string]bool{}
	for _, n := range d.list(top["controls"].value, "controls") {
		m := d.object(n, "control", "!id", "!name", "!guid", "!max", "!description")
		c := Control{
			ID:          d.slug(m["id"].value, "id"),
			Name:        d.text(m["name"].value, "name"),
			GUID:        d.pattern(m["guid"].value, "guid", guidPattern, "a GUID in lower case"),
			Description: d.sentence(m["description"].value, "description", 20, 160),
		}
		if max := m["max"].value; max != nil {
			points, err := strconv.ParseFloat(max.Value, 64)
			if err != nil || points < 0 || points > 100 {
				d.report(max, "max: got %s, want points from 0 to 100", kindOf(max))
			}
			c.Max = points
		}
		if ids[c.ID] || names[c.Name] {
			d.report(n, "control %q: its id or name is there twice", c.ID)
		}
		ids[c.ID], names[c.Name] = true, true
		p.controlList = append(p.controlList, c)
	}
}

func (p *parser) controlNamed(d *document, n *yaml.Node) string {
	name := d.text(n, "control")
	if name == "" {
		return ""
	}
	names := make([]string, len(p.controlList))
	for i, c := range p.controlList {
		if c.Name == name {
			return c.ID
		}
		names[i] = c.Name
	}
	if p.unread["controls.yaml"] {
		return ""
	}
	d.suggest(n, spelling.Nearest(name, names), "control %q: no control of controls.yaml has this name", name)
	return ""
}

func (p *parser) recommendations() {
	for _, cloud := range []posture.Cloud{posture.Azure, posture.AWS, posture.GCP, posture.Machine} {
		for _, file := range p.glob(cloud.String() + "/*/*") {
			p.recommendation(file, cloud)
		}
	}
}

// checkWhole is what can be said only once everything is read.
func (p *parser) checkWhole() {
	files := map[string]string{}
	for _, r := range p.list {
		if other, twice := files[r.ID]; twice {
			r.doc.report(nil, "the id %q is taken by %s: file names are unique over all clouds", r.ID, other)
		}
		files[r.ID] = r.File
	}
	p.checkSharedRuns()
	if !p.lost { // what the lost one uses nobody knows
		p.checkUnusedAliases()
		p.checkUnusedAlways()
		p.checkUnusedKinds()
	}
	p.checkStrayFiles()
}

// checkStrayFiles reports what nobody reads: a file in the wrong folder would
// otherwise be silently missing.
func (p *parser) checkStrayFiles() {
	read := map[string]bool{"controls.yaml": true, "aliases.yaml": true, "always.yaml": true, "kinds.yaml": true}
	for _, pattern := range []string{"standards/*.yaml", "azure/*/*.yaml", "aws/*/*.yaml", "gcp/*/*.yaml", "machine/*/*.yaml", "schema/*.schema.json", "schema/types/*.schema.json", "facts/*", "queries/*.kql", "queries/cases/*.yaml", "README.md", "embed.go"} {
		for _, file := range p.glob(pattern) {
			read[file] = true
		}
	}
	err := fs.WalkDir(p.files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !read[file] {
			p.problems = append(p.problems, Problem{
				File: file,
				Text: "stray file: want <cloud>/<service>/<id>.yaml with the cloud azure, aws, gcp or machine, or standards/<id>.yaml",
			})
		}
		return err
	})
	if err != nil {
		p.problems = append(p.problems, Problem{File: ".", Text: err.Error()})
	}
}

func (p *parser) catalog() *Catalog {
	c := &Catalog{controls: p.controlList, aliases: aliasJSON(p.aliasTable), always: p.alwaysOf, kinds: p.kindsOf}
	for i := range p.standardList {
		c.standards = append(c.standards, &p.standardList[i])
	}
	sort.Slice(p.list, func(i, j int) bool { return p.list[i].ID < p.list[j].ID })
	aliases := policy.NewAliases()
	_ = aliases.LoadAliasDump(c.aliases) // a table that is refused is one with problems, told already
	for _, r := range p.list {
		r.Brief = r.brief(aliases)
		c.entries = append(c.entries, r.Entry())
		c.recommendations = append(c.recommendations, &r.Recommendation)
	}
	return c
}

// idOfFile is a file's name without its extension.
func (d *document) idOfFile() string {
	id, ok := strings.CutSuffix(path.Base(d.file), ".yaml")
	if !ok || !slugOrVersion.MatchString(id) {
		d.report(nil, "file name: want lower-case words joined by hyphens, and .yaml")
	}
	return id
}

func (d *document) cloud(n *yaml.Node) posture.Cloud {
	word := d.word(n, "cloud", "azure", "aws", "gcp", "machine")
	if word == "" {
		return posture.NoCloud
	}
	cloud, _ := posture.ParseCloud(word) // it is one of the four
	return cloud
}

// raw is json for values that stand alone.
func (d *document) values(n *yaml.Node, what string) map[string]json.RawMessage {
	if n == nil || !d.is(n, yaml.MappingNode, what, "a mapping") {
		return nil
	}
	all := map[string]json.RawMessage{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		all[n.Content[i].Value] = d.json(n.Content[i+1], what)
	}
	return all
}
