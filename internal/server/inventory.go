package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// UnreadHeader marks a part that stands for a file which the sender could not read; its
// body says why. Who does not know it finds text there that is no inventory, and so takes
// the file for lost as well.
const UnreadHeader = "Bartizan-Unread"

// maxInventory bounds what is sent at once, in bytes.
const (
	maxInventory = 64 << 30
	mostInputs   = 100_000 // parts of one
)

// inventoryInput are the parameters of an import.
type inventoryInput struct {
	Root, Parent string
	Complete     []posture.ReadRecord
	CompleteAll  bool
	Name         string
	DryRun       bool
}

// inventoryParameters describes them.
func inventoryParameters() []*huma.Param {
	dryRun := parameter("dryRun", "only say what it would come to: what would be new, changed, deleted or rejected; nothing is written", false)
	dryRun.Schema = &huma.Schema{Type: huma.TypeBoolean}
	return []*huma.Param{
		parameter("root", "our own node that new scopes belong below; the only one without it", false),
		parameter("parent", "the scope below which new units stand whose parent is not told; the root without it", false),
		parameter("complete", "all, SCOPE or SCOPE=TYPE that the inventory has everything of: units and what stands above them; may be repeated", false),
		parameter("name", "of the file, for messages", false),
		dryRun,
	}
}

// readInventoryInput reads them, and refuses others.
func readInventoryInput(query url.Values) (*inventoryInput, error) {
	var p problems
	p.unknown(query, inventoryParameters())
	in := &inventoryInput{Root: query.Get("root"), Parent: query.Get("parent"), Name: query.Get("name")}
	if err := in.readComplete(query["complete"]); err != nil {
		p.add("complete", err.Error(), query["complete"])
	}
	for _, text := range query["dryRun"] {
		tries, err := strconv.ParseBool(text)
		if err != nil {
			p.add("dryRun", "want true or false", text)
		}
		in.DryRun = in.DryRun || tries
	}
	return in, p.err()
}

// ImportAnswer is what an import came to.
type ImportAnswer struct {
	Read      int        `json:"read" doc:"resources"`
	New       int        `json:"new" doc:"resources"`
	Changed   int        `json:"changed" doc:"resources"`
	Unchanged int        `json:"unchanged" doc:"resources"`
	Deleted   int        `json:"deleted" doc:"resources that a complete read no longer had"`
	Rejected  []Rejected `json:"rejected" doc:"parts that could not be read, or that you may not write"`
	Notices   []Rejected `json:"notices"`
	Reads     []ReadTold `json:"reads" doc:"that came with the inventory, and what complete says"`
	Commit    int64      `json:"commit" doc:"the last one; of a dry run that of which it told"`
	Job       string     `json:"job,omitempty" doc:"id of the job that the import was"`
}

// ReadTold is a read that an inventory told of.
type ReadTold struct {
	Scope    string `json:"scope"`
	Type     string `json:"type"`
	Complete bool   `json:"complete"`
}

// Rejected is a part of an inventory that was left out.
type Rejected struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Reason string `json:"reason"`
	Unread bool   `json:"unread,omitempty" doc:"the file could not be opened, or not be read to its end: nothing that came with it counts as read completely"`
}

func (s *Server) registerInventory(mux *http.ServeMux) {
	const path = "/api/v1/inventory"
	r := route{method: http.MethodPost, path: path, id: "import-inventory", summary: "Import an inventory: any of the shapes that assess reads", need: signedIn}
	s.routes = append(s.routes, r)
	registry := s.api.OpenAPI().Components.Schemas
	s.api.OpenAPI().AddOperation(&huma.Operation{
		Method: r.method, Path: path, OperationID: r.id, Summary: r.summary, Security: []map[string][]string{{"bearer": {}}, {"session": {}}},
		Description: "The body is one stream, packed or not, or as multipart/mixed several files that belong together, each with its name. A part with the header " + UnreadHeader + ": true stands for a file that the sender could not read; it has the reason for a body.",
		Parameters:  inventoryParameters(),
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/x-ndjson": {}, "application/json": {}, "application/gzip": {}, "multipart/mixed": {}}},
		Responses: map[string]*huma.Response{
			"200":     {Description: "It is committed, or would be.", Content: map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(typeOf[ImportAnswer](), true, "ImportAnswer")}}},
			"default": {Description: "Error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: registry.Schema(typeOf[huma.ErrorModel](), true, "ErrorModel")}}},
		},
	})
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, request *http.Request) {
		answer, err := s.importInventory(w, request)
		if err != nil {
			s.fail(w, request, r, err)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	})
}

// mostMoves is how often an import begins anew because another server on the same
// database committed meanwhile.
const mostMoves = 20

// importInventory keeps the body in a file first: an import that was begun is not
// ended by a slow sender, and it is read more than once.
func (s *Server) importInventory(w http.ResponseWriter, r *http.Request) (*ImportAnswer, error) {
	c := callerOf(r.Context())
	if err := s.allow(route{need: signedIn}, c, nil); err != nil {
		return nil, err
	}
	in, err := readInventoryInput(r.URL.Query())
	if err != nil {
		return nil, err
	}
	mayRun, err := s.mayRun(c, in)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "bartizan-inventory-*")
	if err != nil {
		return nil, fmt.Errorf("keeping an inventory that is sent: %w", err)
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	from := &sent{unpack: s.Unpack}
	if err := from.receive(http.MaxBytesReader(w, r.Body, maxInventory), r.Header.Get("Content-Type"), in.name(), file); err != nil {
		return nil, huma.Error400BadRequest("the inventory did not come to its end: " + err.Error())
	}
	if in.DryRun {
		return s.run(r.Context(), c, in, mayRun, from, nil)
	}
	return s.importAsJob(r.Context(), c, in, mayRun, from)
}

// receive keeps what is sent in a file: one inventory, or as multipart/mixed several
// that are imported together, each a part with the name of its file.
func (s *sent) receive(body io.Reader, kind, name string, file *os.File) error {
	at := int64(0)
	keep := func(name string, from io.Reader) error {
		size, err := io.Copy(file, from)
		s.add(name, file, at, size)
		at += size
		return err
	}
	media, parameters, err := mime.ParseMediaType(kind)
	if err != nil || media != "multipart/mixed" {
		return keep(name, body)
	}
	for parts := multipart.NewReader(body, parameters["boundary"]); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(s.inputs)+len(s.unread) == mostInputs {
			return fmt.Errorf("more than %d parts", mostInputs)
		}
		_, disposition, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		partName := cmp.Or(disposition["filename"], fmt.Sprint("part ", len(s.inputs)+len(s.unread)+1))
		if part.Header.Get(UnreadHeader) == "true" {
			err = s.lose(partName, part)
		} else {
			err = keep(partName, part)
		}
		if err != nil {
			return err
		}
	}
}

// mostReason is how much of why a file was not read is taken, in bytes.
const mostReason = 1000

// lose takes a file that the sender could not read.
func (s *sent) lose(name string, why io.Reader) error {
	reason, err := io.ReadAll(io.LimitReader(why, mostReason))
	if err != nil {
		return err
	}
	text := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(string(reason), ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	s.unread = append(s.unread, inventory.Problem{File: name, Reason: cmp.Or(text, "it could not be read by who sent the others"), Unread: true})
	return nil
}

// importAsJob imports while a job tells how far it is, and by which it can be
// cancelled: units that were committed by then stay.
func (s *Server) importAsJob(ctx context.Context, c *caller, in *inventoryInput, mayRun func(string) bool, from *sent) (answer *ImportAnswer, err error) {
	j, err := s.newJob(c, "import", in.name(), "bytes")
	if err != nil {
		return nil, err
	}
	for _, input := range from.inputs {
		j.Total += input.Size
	}
	if err := s.Store.AddJob(ctx, j, jobsQueued); err != nil {
		return nil, err
	}
	err = s.perform(ctx, &work{job: j, do: func(ctx context.Context, p *progress) (err error) {
		if answer, err = s.run(ctx, c, in, mayRun, from, func(stage string, done, total int64) {
			unit := "units"
			if stage == "reading" {
				unit, done = "bytes", from.read()
			}
			if err := p.at(ctx, unit, done, total); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "keeping how far an import is", "error", err)
			}
		}); err != nil {
			return err
		}
		answer.Job = p.job.ID
		p.job.Answer, err = json.Marshal(answer)
		return err
	}})
	if errors.Is(err, errStopped) {
		err = huma.Error409Conflict("the import was cancelled; the units that were committed before stay")
	}
	return answer, err
}

func (in *inventoryInput) name() string {
	if in.Name == "" {
		return "inventory"
	}
	return in.Name
}

func (s *Server) run(ctx context.Context, c *caller, in *inventoryInput, mayRun func(string) bool, from *sent, progress func(stage string, done, total int64)) (*ImportAnswer, error) {
	s.importing.Lock()
	defer s.importing.Unlock()
	var answer *estate.Answer
	var err error
	for range mostMoves {
		if err = s.Estate.Refresh(ctx); err != nil {
			return nil, err
		}
		answer, err = s.Estate.Import(ctx, estate.ImportOptions{
			Inputs: from.inputs, Unread: from.unread, Root: in.Root, Parent: in.Parent, Complete: in.Complete, CompleteAll: in.CompleteAll, DryRun: in.DryRun, Actor: c.Caller.Principal.ID, Name: c.Caller.Principal.Name, From: c.address, Allowed: mayRun, Progress: progress,
		})
		if !errors.Is(err, estate.ErrMoved) {
			break // else another server came first: it goes on from there
		}
	}
	if err != nil {
		return nil, err
	}
	if err := s.Follower.CatchUp(ctx); err != nil {
		return nil, err
	}
	return &ImportAnswer{
		Read: answer.Read, New: answer.New, Changed: answer.Changed, Unchanged: answer.Unchanged, Deleted: answer.Deleted,
		Rejected: rejected(answer.Rejected), Notices: rejected(answer.Notices), Reads: readsTold(answer.Reads), Commit: int64(s.Follower.Head()),
	}, nil
}

func rejected(problems []inventory.Problem) []Rejected {
	all := []Rejected{}
	for _, p := range problems {
		all = append(all, Rejected{p.File, p.Line, p.Reason, p.Unread})
	}
	return all
}

func readsTold(reads []posture.ReadRecord) []ReadTold {
	all := []ReadTold{}
	for _, r := range reads {
		all = append(all, ReadTold{r.Scope, r.Type, r.Complete})
	}
	return all
}

// mayRun tells at which scopes who asks may import. Who may do so nowhere is
// refused; so is one who may not where new units are to stand. Of roots below which
// he may nothing he hears nothing.
func (s *Server) mayRun(c *caller, in *inventoryInput) (may func(string) bool, err error) {
	err = s.Follower.Read(func(x *index.Index) error {
		scopes := tree(x)
		may = func(scope string) bool { return c.Caller.May(access.Run, scope, scopes) }
		tops := c.Caller.Scopes(access.Run, scopes)
		if len(tops) == 0 {
			return huma.Error403Forbidden("importing needs the right to " + access.Run.Words() + " at some scope, which a role there or above gives")
		}
		if _, known := scopes.Scope(in.Root); !known && in.Root != "" && slices.Contains(tops, access.Top) {
			if err := estate.CheckRootName(in.Root); err != nil {
				var p problems
				p.add("root", err.Error(), in.Root)
				return p.err()
			}
		}
		if in.Parent != "" && !may(in.Parent) {
			return huma.Error403Forbidden("importing below " + in.Parent + " needs the right to " + access.Run.Words() + " there")
		}
		if slices.Contains(tops, access.Top) {
			return nil
		}
		return in.chooseRoot(tops, x.Scopes())
	})
	return may, err
}

// chooseRoot finds the root for one who may import at some scopes, not at "/".
func (in *inventoryInput) chooseRoot(tops []string, scopes []posture.Scope) error {
	tree := access.NewTree(scopes)
	var roots []string
	for _, top := range tops {
		if s, ok := tree.Scope(tree.RootOf(top)); ok && !slices.Contains(roots, s.ID) {
			roots = append(roots, s.ID)
		}
	}
	slices.Sort(roots)
	switch {
	case in.Root != "" && !slices.ContainsFunc(roots, func(id string) bool { return posture.Fold(id) == posture.Fold(in.Root) }):
		return huma.Error404NotFound("there is no root " + in.Root)
	case in.Root != "":
	case len(roots) == 1:
		in.Root = roots[0]
	case len(roots) > 1:
		return huma.Error422UnprocessableEntity(fmt.Sprintf("import without a root: there are several (%s); name one", strings.Join(roots, ", ")))
	case severalRoots(scopes): // the roles are where nothing is known yet
		return huma.Error422UnprocessableEntity("import without a root: your roles do not tell one; who may import at / can import this first")
	}
	return nil
}

// severalRoots reports whether there are several roots.
func severalRoots(scopes []posture.Scope) bool {
	roots := 0
	for i := range scopes {
		if scopes[i].Kind == posture.Root {
			roots++
		}
	}
	return roots > 1
}

// readComplete reads what a caller says to be complete.
func (in *inventoryInput) readComplete(texts []string) error {
	said, err := assess.ParseComplete("complete", texts)
	if err = cmp.Or(err, assess.CheckComplete("complete", said)); err != nil {
		return err
	}
	for _, c := range said {
		if c.All {
			in.CompleteAll = true
			continue
		}
		in.Complete = append(in.Complete, posture.ReadRecord{Scope: c.Scope, Type: cmp.Or(c.Type, "*"), Complete: true})
	}
	return nil
}
