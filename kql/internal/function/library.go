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

// Scalars lists all scalar functions in the order of their names.
func Scalars() []*Scalar { return library().scalarList }

// Aggregates lists all aggregates in the order of their names.
func Aggregates() []*Aggregate { return library().aggregateList }

// Plugins lists all plug-ins in the order of their names.
func Plugins() []*Plugin { return library().pluginList }
