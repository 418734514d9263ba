package function

import (
	"cmp"
	"slices"
	"sync"
)

// scalarTables, aggregateTables and pluginTables name every table once; a file
// of functions adds its own table here.
var (
	scalarTables = []func() []Scalar{
		stringFunctions, concatFunctions, searchFunctions, unicodeFunctions, regexFunctions, replaceFunctions,
		logicFunctions, nullFunctions, convertFunctions, jsonPathFunctions, parseFunctions,
		arrayFunctions, arraySortFunctions, setFunctions, bagFunctions, packFunctions,
		hashFunctions, encodeFunctions, punycodeFunctions, ipv4Functions, ipv6Functions, ipSearchFunctions,
		miscFunctions, specialFunctions, refusedFunctions,
		mathScalars, datetimeScalars, unitScalars, seriesScalars, sketchScalars, geoScalars,
	}
	aggregateTables = []func() []Aggregate{aggregates}
	pluginTables    = []func() []Plugin{plugins}
)

type all struct {
	scalars       map[string]*Scalar
	aggregates    map[string]*Aggregate
	plugins       map[string]*Plugin
	scalarList    []*Scalar
	aggregateList []*Aggregate
	pluginList    []*Plugin
}

// library is built when the first query asks for it, so that commands that run
// no query do not pay for it.
var library = sync.OnceValue(func() *all {
	l := &all{}
	l.scalars, l.scalarList = index(scalarTables, func(f *Scalar) string { return f.Name })
	l.aggregates, l.aggregateList = index(aggregateTables, func(f *Aggregate) string { return f.Name })
	l.plugins, l.pluginList = index(pluginTables, func(f *Plugin) string { return f.Name })
	return l
})

func index[F any](tables []func() []F, name func(*F) string) (map[string]*F, []*F) {
	byName, list := map[string]*F{}, []*F{}
	for _, table := range tables {
		rows := table()
		for i := range rows {
			byName[name(&rows[i])] = &rows[i]
			list = append(list, &rows[i])
		}
	}
	slices.SortFunc(list, func(a, b *F) int { return cmp.Compare(name(a), name(b)) })
	return byName, list
}
