package function

import "errors"

// specialFunctions depend on other rows, on a graph or on a table: the binder
// turns each into a step or an expression of its own, so what is here only says that the place is wrong.
func specialFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "row_number",
			Signatures: []string{"(startingIndex:long?, restart:bool?) → long"},
			Doc:        "Numbers the rows of a serialised input.", Prepare: notHereAlone,
		},
		{
			Name:       "row_cumsum",
			Signatures: []string{"(term:Number, restart:bool?) → Parameter0"},
			Doc:        "Sums up a column over the rows so far.", Prepare: notHereAlone,
		},
		{
			Name:       "row_rank_dense",
			Signatures: []string{"(term:NotDynamic, restart:bool?) → long"},
			Doc:        "Ranks the rows of a sorted input; equal values share a rank, none is left out.", Prepare: notHereAlone,
		},
		{
			Name:       "row_rank_min",
			Signatures: []string{"(term:NotDynamic, restart:bool?) → long"},
			Doc:        "Ranks the rows of a sorted input; equal values share the lowest rank.", Prepare: notHereAlone,
		},
		{
			Name: "row_rank", Hidden: true, Obsolete: "row_rank_dense",
			Signatures: []string{"(column:NotDynamic, dense:bool{Constant}?) → long"},
			Doc:        "Ranks the rows of a sorted input.", Prepare: notHereAlone,
		},
		{
			Name:       "row_window_session",
			Signatures: []string{"(expr:datetime, maxDistanceFromFirst:timespan, maxDistanceBetweenNeighbors:timespan, restart:bool?) → Parameter0"},
			Doc:        "Gives the start of the session that a row belongs to.", Prepare: notHereAlone,
		},
		{
			Name:       "prev",
			Signatures: []string{"(column:Scalar{Column}, offset:long?, default_value:Scalar{Constant}?) → Parameter0"},
			Doc:        "Gives the value of a column some rows before.", Prepare: notHereAlone,
		},
		{
			Name:       "next",
			Signatures: []string{"(column:Scalar{Column}, offset:long?, default_value:Scalar{Constant}?) → Parameter0"},
			Doc:        "Gives the value of a column some rows after.", Prepare: notHereAlone,
		},
		{
			Name:       "all",
			Signatures: []string{"(pattern_element:Scalar, expression:bool{Expression_Parameter0_Element}) → bool"},
			Doc:        "Tells whether a condition holds for all edges or nodes of a path.", Prepare: notHereAlone,
		},
		{
			Name:       "any",
			Signatures: []string{"(pattern_element:Scalar, expression:bool{Expression_Parameter0_Element}) → bool"},
			Doc:        "Tells whether a condition holds for any edge or node of a path.", Prepare: notHereAlone,
		},
		{
			Name:       "map",
			Signatures: []string{"(pattern_element:Scalar, expression:Scalar{Expression_Parameter0_Element}) → Custom"},
			Doc:        "Computes a value for each edge or node of a path.", Prepare: notHereAlone,
		},
		{
			Name:       "inner_nodes",
			Signatures: []string{"(edge:Scalar) → Custom"},
			Doc:        "Names the nodes between the ends of a path.", Prepare: notHereAlone,
		},
		{
			Name:       "labels",
			Signatures: []string{"(pattern_element:Scalar?) → dynamic"},
			Doc:        "Gives the labels of a node or an edge.", Prepare: notHereAlone,
		},
		{
			Name:       "node_degree_in",
			Signatures: []string{"(node:Scalar?) → long"},
			Doc:        "Counts the edges that lead to a node.", Prepare: notHereAlone,
		},
		{
			Name:       "node_degree_out",
			Signatures: []string{"(node:Scalar?) → long"},
			Doc:        "Counts the edges that leave a node.", Prepare: notHereAlone,
		},
		{
			Name:       "node_id",
			Signatures: []string{"(node:Scalar?) → string"},
			Doc:        "Gives the id of a node.", Prepare: notHereAlone,
		},
		{
			Name:       "table",
			Signatures: []string{"(name:string, query_data_scope:string?) → Parameter0Table"},
			Doc:        "Gives a table by its name.", Prepare: notHereAlone,
		},
		{
			Name:       "column_names_of",
			Signatures: []string{"(table:Tabular) → dynamic"},
			Doc:        "Gives the names of a table's columns.", Prepare: notHereAlone,
		},
	}
}

func notHereAlone([]Arg) (Eval, error) {
	return nil, errors.New("this function depends on other rows, a graph or a table, which are not at hand here")
}
