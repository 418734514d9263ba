package function

// refusedFunctions are Kusto's functions that are not here, with the reason.
func refusedFunctions() []Scalar {
	const (
		notHere  = "Not available here."
		cluster  = "there are no clusters and databases here, only tables"
		caller   = "a query does not know who runs it"
		stored   = "tables are not stored in extents here"
		cursors  = "tables have no cursors here"
		external = "a query reads only the tables it is given"
		internal = "internal to Kusto"
	)
	return []Scalar{
		{
			Name:       "cluster",
			Signatures: []string{"(name:string) → Parameter0Cluster"},
			Doc:        notHere, Refused: cluster,
		},
		{
			Name:       "database",
			Signatures: []string{"(name:string?) → Parameter0Database"},
			Doc:        notHere, Refused: cluster,
		},
		{
			Name:       "entity_group",
			Signatures: []string{"(name:string) → Parameter0EntityGroup"},
			Doc:        notHere, Refused: cluster,
		},
		{
			Name:       "current_cluster_endpoint",
			Signatures: []string{"() → string"},
			Doc:        notHere, Refused: cluster,
		},
		{
			Name:       "current_database",
			Signatures: []string{"() → string"},
			Doc:        notHere, Refused: cluster,
		},
		{
			Name: "current_node_id", Hidden: true,
			Signatures: []string{"() → string"},
			Doc:        notHere, Refused: cluster,
		},
		{
			Name: "graph",
			Signatures: []string{
				"(name:string, snapshot:string?) → Parameter0Graph",
				"(name:string, volatile:bool) → Parameter0Graph",
			},
			Doc: notHere, Refused: "there are no stored graphs here; use make-graph",
		},
		{
			Name:       "current_principal",
			Signatures: []string{"() → string"},
			Doc:        notHere, Refused: caller,
		},
		{
			Name:       "current_principal_details",
			Signatures: []string{"() → dynamic"},
			Doc:        notHere, Refused: caller,
		},
		{
			Name:       "current_principal_is_member_of",
			Signatures: []string{"(group:StringOrArray×1..64) → bool"},
			Doc:        notHere, Refused: caller,
		},
		{
			Name:       "cursor_after",
			Signatures: []string{"(cursor:string) → bool"},
			Doc:        notHere, Refused: cursors,
		},
		{
			Name:       "cursor_before_or_at",
			Signatures: []string{"(cursor:string) → bool"},
			Doc:        notHere, Refused: cursors,
		},
		{
			Name:       "cursor_current",
			Signatures: []string{"() → string"},
			Doc:        notHere, Refused: cursors,
		},
		{
			Name: "current_cursor", Hidden: true, Obsolete: "cursor_current",
			Signatures: []string{"() → string"},
			Doc:        notHere, Refused: cursors,
		},
		{
			Name:       "extent_id",
			Signatures: []string{"() → guid"},
			Doc:        notHere, Refused: stored,
		},
		{
			Name: "extentid", Hidden: true, Obsolete: "extent_id",
			Signatures: []string{"() → guid"},
			Doc:        notHere, Refused: stored,
		},
		{
			Name:       "extent_tags",
			Signatures: []string{"() → dynamic"},
			Doc:        notHere, Refused: stored,
		},
		{
			Name: "rowstore_ordinal_range", Hidden: true,
			Signatures: []string{"() → dynamic"},
			Doc:        notHere, Refused: stored,
		},
		{
			Name:       "row_id",
			Signatures: []string{"() → string"},
			Doc:        notHere, Refused: stored,
		},
		{
			Name: "ingestion_time", Column: "PrefixOnly:$IngestionTime",
			Signatures: []string{"() → datetime"},
			Doc:        notHere, Refused: "tables do not record when rows came in",
		},
		{
			Name: "external_table",
			Signatures: []string{
				"(name:string, mapping:string?) → Parameter0ExternalTable",
				"(name:string, max_age:timespan) → Parameter0ExternalTable",
			},
			Doc: notHere, Refused: external,
		},
		{
			Name:       "materialized_view",
			Signatures: []string{"(name:string, max_age:timespan?) → Parameter0MaterializedView"},
			Doc:        notHere, Refused: "there are no materialized views here",
		},
		{
			Name: "stored_query_result",
			Signatures: []string{
				"(name:string) → Parameter0StoredQueryResult",
				"(name:string, index:long) → Parameter0StoredQueryResult",
				"(name:string, table_name:string) → Parameter0StoredQueryResult",
			},
			Doc: notHere, Refused: "results of queries are not stored",
		},
		{
			Name:       "geo_info_from_ip_address",
			Signatures: []string{"(ip:string) → dynamic"},
			Doc:        notHere, Refused: "the places of addresses come from a data set that is not part of this program",
		},
		{
			Name: "__invoke", Hidden: true,
			Signatures: []string{"(name:string{Literal}, type:type{Literal}, arg:Any×0..n) → Parameter1Literal"},
			Doc:        notHere, Refused: internal,
		},
		{
			Name: "__lz4_compress_dynamic_array_to_base64_string", Hidden: true,
			Signatures: []string{"(dynamic:DynamicArray) → string"},
			Doc:        notHere, Refused: internal,
		},
		{
			Name: "__hll_normalize", Hidden: true, Column: "FirstArgument",
			Signatures: []string{"(hll:dynamic×2..16) → dynamic"},
			Doc:        notHere, Refused: internal,
		},
	}
}
