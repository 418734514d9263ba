package function

// FindScalar finds a scalar function by its exact name; Kusto's names are case-sensitive.
func FindScalar(name string) (*Scalar, bool) { f, ok := library().scalars[name]; return f, ok }

// FindAggregate finds an aggregate.
func FindAggregate(name string) (*Aggregate, bool) {
	f, ok := library().aggregates[name]
	return f, ok
}

// FindPlugin finds a plug-in.
func FindPlugin(name string) (*Plugin, bool) { f, ok := library().plugins[name]; return f, ok }

// Scalars, Aggregates and Plugins list everything in the order of names.
func Scalars() []*Scalar       { return library().scalarList }
func Aggregates() []*Aggregate { return library().aggregateList }
func Plugins() []*Plugin       { return library().pluginList }
