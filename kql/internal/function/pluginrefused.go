package function

// refusedPlugins are Kusto's plug-ins that are not here, with the reason.
func refusedPlugins() []Plugin {
	const (
		script   = "queries run no scripts: they must be safe to take from others"
		network  = "queries do not reach the network"
		model    = "queries do not call language models"
		other    = "a query reads only the tables it is given"
		database = "there are no databases and external tables here, only the tables a query is given"
		geometry = "shapes are not looked up in tables; join the tables and ask geo_point_in_polygon or geo_distance_point_to_line"
	)
	var all []Plugin
	for _, r := range [][2]string{
		{"python", script},
		{"r", script},
		{"csharp", script},
		{"http_request", network},
		{"http_request_post", network},
		{"sql_request", network},
		{"mysql_request", network},
		{"postgresql_request", network},
		{"cosmosdb_sql_request", network},
		{"dax_request", network},
		{"azure_digital_twins_query_request", network},
		{"execute_query", network},
		{"execute_show_command", network},
		{"ai_chat_completion", model},
		{"ai_chat_completion_prompt", model},
		{"ai_embed_text", model},
		{"ai_embeddings", model},
		{"infer_storage_schema", other},
		{"infer_storage_schema_with_suggestions", other},
		{"external_datatable", database},
		{"preview", "a query has one result; use take"},
		{"geo_line_lookup", geometry},
		{"geo_polygon_lookup", geometry},
	} {
		all = append(all, Plugin{Name: r[0], Signatures: []string{"(arg:Scalar×0..n) → Custom"}, Doc: "Not available: " + r[1] + ".", Refused: r[1]})
	}
	return all
}
