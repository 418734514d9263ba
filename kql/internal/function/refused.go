package function

// refusedFunctions are Kusto's functions that are not here, with the reason.
func refusedFunctions() []Scalar {
	const (
		cluster  = "there are no clusters and databases here, only tables"
		caller   = "a query does not know who runs it"
		stored   = "tables are not stored in extents here"
		cursors  = "tables have no cursors here"
		external = "a query reads only the tables it is given"
	)
	reasons := [][2]string{
		{"cluster", cluster}, {"database", cluster}, {"entity_group", cluster}, {"current_cluster_endpoint", cluster},
		{"current_database", cluster}, {"current_node_id", cluster}, {"graph", "there are no stored graphs here; use make-graph"},
		{"current_principal", caller}, {"current_principal_details", caller}, {"current_principal_is_member_of", caller},
		{"cursor_after", cursors}, {"cursor_before_or_at", cursors}, {"cursor_current", cursors}, {"current_cursor", cursors},
		{"extent_id", stored}, {"extentid", stored}, {"extent_tags", stored}, {"rowstore_ordinal_range", stored}, {"row_id", stored},
		{"ingestion_time", "tables do not record when rows came in"}, {"external_table", external},
		{"materialized_view", "there are no materialized views here"}, {"stored_query_result", "results of queries are not stored"},
		{"geo_info_from_ip_address", "the places of addresses come from a data set that is not part of this program"},
		{"__invoke", "internal to Kusto"}, {"__lz4_compress_dynamic_array_to_base64_string", "internal to Kusto"},
		{"__hll_normalize", "internal to Kusto"},
	}
	rows := make([]Scalar, len(reasons))
	for i, r := range reasons {
		rows[i] = Scalar{Name: r[0], Signatures: []string{"(arg:Scalar×0..n) → dynamic"}, Doc: "Not available: " + r[1] + ".", Hidden: true, Refused: r[1]}
	}
	return rows
}
