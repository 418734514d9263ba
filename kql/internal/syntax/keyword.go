package syntax

import (
	"sort"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A nameUse says where a keyword may stand as a name without brackets.
type nameUse uint8

const (
	useNever   nameUse = iota
	useDotted          // as a column's name, but not before "="
	useDeclare         // where a name is declared or assigned, not as an expression
	useAlways
)

// keywords are all words that the lexer sets apart from names, as Kusto's own
// does: what they are decides where they may be a name.
var keywords = words(map[nameUse]string{
	useAlways: `access alias bin consume count database declare default distinct entity_group evaluate extend
		dataformat inline_external_table datetime_pattern facet filter fork from getschema edges id best_effort join
		let limit lookup mvapply mvexpand nodes null nulls on optional order output pack parse __partitionby partition
		pattern plotly graph query_parameters range reduce regex render restrict scan serialize sort step summarize
		take top typeof uuid view with with_node_id bool guid`,
	useDeclare: `accumulate as by contains datatable earliest externaldata find has in invoke latest materialize mdm
		of print sample sample-distinct search set sql title to top-hitters top-nested toscalar totable verbose viewers
		where`,
	useDotted: `kind withsource with_source`,
	useNever: `__crossCluster __crossDB __id __isFuzzy __noWithSource __packedColumn __sourceColumnIndex
		__contextual_datatable __executeAndCache __projectAway 3Dchart and anomalychart areachart asc assert-schema
		bagexpansion barchart between bin_legacy cachingpolicy callout cancel card columnchart commands-and-queries
		containscs contains_cs cycles dataexport datascope decodeblocks desc encodingpolicy endswith endswith_cs
		expandoutput extent_tags_retention external_data first flags granny-asc granny-desc graph-match
		graph-shortest-paths graph-to-table harddelete hardretention has_any has_all has_cs hasprefix hasprefix_cs
		hassuffix hassuffix_cs hint.concurrency hint.distribution hint.materialized hint.num_partitions
		hint.shufflekey hint.spread hint.remote hint.strategy hint.progressive_top hotcache in~ isfuzzy force_remote
		journal ladderchart last like likecs linechart macro-expand make-graph graph-mark-components graph-where-nodes
		graph-where-edges make-series materialized-view-combine materialized-views missing mv-apply mv-expand
		nooptimization !between notcontains notcontainscs !contains !contains_cs !endswith !endswith_cs !has !has_cs
		!hasprefix !hasprefix_cs !hassuffix !hassuffix_cs !in !in~ notlike notlikecs !startswith !startswith_cs or
		others parse-where parse-kv partitioned-by pathformat piechart pivotchart project project-away
		project-by-names project-keep project-rename project-reorder project-smart queries query_results relaxed
		restricted_view_access row_level_security rowstore rowstore_references rowstore_sealinfo rowstorepolicy
		rowstores scatterchart seal seals set-or-append set-or-replace shards simple softdelete softretention
		stackedareachart startswith startswith_cs statistics storedqueryresultcontainers tablepurge timechart timeline
		timepivot treemap union unrestrictedviewers views with_itemindex with_match_id with_step_name
		writeaheadlog boolean int8 char uint8 byte int16 uint16 int int32 uint uint32 long int64 ulong
		uint64 float real decimal double string time timespan date datetime uniqueid dynamic`,
})

func words(lists map[nameUse]string) map[string]nameUse {
	all := map[string]nameUse{}
	for use, list := range lists {
		for _, word := range strings.Fields(list) {
			all[word] = use
		}
	}
	return all
}

// compounds are the keywords that go on past a word, by that word, longest
// first: "project" has project-away, "in" has in~.
var compounds = func() map[string][]string {
	all := map[string][]string{}
	for word := range keywords {
		if first := word[:wordEnd(word, 1)]; first != word {
			all[first] = append(all[first], word)
		}
	}
	for _, list := range all {
		sort.Slice(list, func(i, j int) bool { return len(list[i]) > len(list[j]) })
	}
	return all
}()

// typedLiterals are the words that with "(" right after them begin a literal.
var typedLiterals = map[string]data.Type{
	"long": data.Long, "int64": data.Long, "int": data.Int, "int32": data.Int,
	"real": data.Real, "double": data.Real, "decimal": data.Decimal, "bool": data.Bool,
	"datetime": data.DateTime, "date": data.DateTime, "time": data.TimeSpan, "timespan": data.TimeSpan,
	"guid": data.GUID,
}

// declaredTypes are the types that a column or parameter may be declared with;
// castTypes are those that only typeof(…) takes as well.
var (
	declaredTypes = set(`bool boolean date datetime decimal double dynamic guid int int64 int8 long real string time timespan uniqueid`)
	castTypes     = set(`float int16 int32 uint uint16 uint32 uint64 uint8 ulong`)
)

func set(list string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(list) {
		all[word] = true
	}
	return all
}
