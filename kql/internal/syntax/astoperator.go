package syntax

// An Operator is one step of a pipeline.
type Operator interface {
	// Keyword is the operator's name in the text and where it stands.
	Keyword() Name
}

// Head is embedded by every operator.
type Head struct {
	Word Name
	Span Span // the whole operator
	// Options as written; those with a meaning are also in the operator's fields.
	Options []Option
}

// Keyword is the operator's name.
func (h *Head) Keyword() Name { return h.Word }

// Operators.
type (
	Where struct {
		Head
		Predicate Expr
	} // also "filter"
	Extend struct {
		Head
		Items []Named
	}
	Project struct {
		Head
		Items []Named
	}
	// ProjectColumns is project-away, -keep, -reorder (Orders: "asc", "desc", "granny-asc", "granny-desc" or "" for each pattern), -by-names (Values instead of Patterns).
	ProjectColumns struct {
		Head
		Patterns []Pattern
		Orders   []string
		Values   []Expr
	}
	ProjectRename struct {
		Head
		Items []Rename
	}
	Summarize struct {
		Head
		Aggregates []Named
		By         []Named
		HasBy      bool
		Bin        Expr // "by … bin=": old form, nil
	}
	Distinct struct {
		Head
		Star  bool
		Items []Named
	}
	Count struct {
		Head
		As *Name
	} // count [as Name]
	Take struct {
		Head
		Rows Expr
	} // also "limit"
	Sample struct {
		Head
		Rows Expr
	}
	// SampleDistinct is sample-distinct N of X.
	SampleDistinct struct {
		Head
		Rows Expr
		Of   Expr
	}
	Top struct {
		Head
		Rows Expr
		By   Order
	}
	// TopHitters is top-hitters N of X by Y.
	TopHitters struct {
		Head
		Rows, Of, By Expr // By may be nil
	}
	// TopNested holds the levels: top-nested [N] of X [with others = E] by [name =] A [asc|desc], …
	TopNested struct {
		Head
		Levels []TopLevel
	}
	Sort struct {
		Head
		By []Order
	} // also "order"
	Join struct {
		Head
		Kind  string // "" = innerunique
		Right Source
		On    []Expr // a name, or $left.a == $right.b
	}
	Lookup struct {
		Head
		Kind  string // "" = leftouter
		Right Source
		On    []Expr
	}
	Union struct {
		Head
		Kind       string // "" or outer, inner
		WithSource string
		Fuzzy      bool
		Tables     []Source
	}
	MvExpand struct {
		Head
		Bags      string // kind= or bagexpansion=: "", "bag", "array"
		ItemIndex *Name  // with_itemindex=
		Items     []MvItem
		Limit     Expr
	}
	MvApply struct {
		Head
		ItemIndex *Name
		Items     []MvItem
		Limit     Expr
		ID        Expr      // id guid literal, ignored
		On        *Pipeline // its source is nil: rows of the item
	}
	// ParseText is parse and parse-where.
	ParseText struct {
		Head
		Where bool   // parse-where
		Kind  string // "", simple, relaxed, regex
		Flags string // flags=
		Value Expr
		Parts []ParsePart
	}
	ParseKV struct {
		Head
		Value   Expr
		Columns []ColumnDecl
		// With holds pair_delimiter, kv_delimiter, quote, escape, greedy, regex.
		With []Option
	}
	Serialize struct {
		Head
		Items []Named
	}
	As struct {
		Head
		Name Name
	}
	GetSchema struct{ Head }
	Consume   struct{ Head }
	Evaluate  struct {
		Head
		Call   *Call
		Schema []ColumnDecl // evaluate f(): (a:string, *)
		Star   bool
	}
	Render struct {
		Head
		Chart string
		With  []Option
	}
	MakeSeries struct {
		Head
		Items          []SeriesItem
		On             Named
		From, To, Step Expr // From and To may be nil
		In             Expr // "in range(a, b, s)", old form
		By             []Named
	}
	Reduce struct {
		Head
		By   Expr
		With []Option // threshold, characters
	}
	Scan struct {
		Head
		MatchID   *Name // with_match_id=
		Declare   []Param
		OrderBy   []Order
		Partition []Expr
		Steps     []ScanStep
	}
	Partition struct {
		Head
		By     Name
		Legacy *Pipeline // { T | … }: a whole pipeline
		Sub    *Pipeline // ( op | op ): source nil
	}
	Fork struct {
		Head
		Branches []ForkBranch
	}
	Facet struct {
		Head
		By   []Name
		With *Pipeline
	}
	Invoke struct {
		Head
		Call *Call
	}
	// AssertSchema is assert-schema (a:string, …).
	AssertSchema struct {
		Head
		Columns []ColumnDecl
	}
	Search struct {
		Head
		In            []Source
		CaseSensitive bool // kind=case_sensitive
		Predicate     Expr // terms: string literals stand for "any column has"
	}
	Find struct {
		Head
		In         []Source
		WithSource string
		Predicate  Expr
		Project    []FindColumn // nil: project-smart
		PackAll    bool
		Away       []Pattern
	}
	MakeGraph struct {
		Head
		From, To Name
		// Nodes are "with T1 on c1, T2 on c2"; NodeID is with_node_id=.
		Nodes         []GraphNodes
		NodeID        *Name
		PartitionedBy *Name
	}
	GraphMatch struct {
		Head
		Cycles   string // "" = unique_edges, all, none
		Patterns [][]PatternPart
		Where    Expr
		Project  []Named // nil: none written
	}
	// GraphShortestPaths has one pattern; Output is "" = any, all.
	GraphShortestPaths struct {
		Head
		Output  string
		Pattern []PatternPart
		Where   Expr
		Project []Named
	}
	GraphToTable struct {
		Head
		Outputs []GraphTable
	}
	// GraphMarkComponents is graph-mark-components [kind=] [with_component_id=].
	GraphMarkComponents struct {
		Head
		Kind        string // "" = weak, strong
		ComponentID *Name
	}
	// GraphWhere is graph-where-nodes or graph-where-edges.
	GraphWhere struct {
		Head
		Edges     bool
		Predicate Expr
	}
	// Unknown stands for an operator that could not be read; an error was reported.
	Unknown struct{ Head }
)
