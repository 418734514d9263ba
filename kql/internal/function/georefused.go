package function

// geoRefused are the functions of places that are not here, with the reason.
func geoRefused() []Scalar {
	const (
		shapes = "shapes are not cut, joined, widened or simplified here; distances, areas and tests whether shapes meet are there"
		h3     = "the H3 grid is not supported; use geohashes or S2 cells"
		cover  = "shapes are not covered with cells here; use geo_point_to_s2cell or geo_point_to_geohash"
		inner  = "internal to Kusto"
	)
	var all []Scalar
	for _, r := range []struct {
		reason string
		names  []string
	}{
		{shapes, []string{
			"geo_intersection_2lines", "geo_intersection_2polygons", "geo_intersection_line_with_polygon", "geo_line_buffer",
			"geo_line_densify", "geo_line_simplify", "geo_point_buffer", "geo_polygon_buffer", "geo_polygon_densify", "geo_polygon_simplify",
			"geo_simplify_polygons_array", "geo_union_lines_array", "geo_union_polygons_array",
		}},
		{h3, []string{
			"geo_h3cell_children", "geo_h3cell_level", "geo_h3cell_neighbors", "geo_h3cell_parent", "geo_h3cell_rings",
			"geo_h3cell_to_central_point", "geo_h3cell_to_polygon", "geo_point_to_h3cell", "geo_polygon_to_h3cells",
		}},
		{cover, []string{"geo_line_to_s2cells", "geo_polygon_to_s2cells"}},
		{inner, []string{
			"__geo_length_to_s2cell_level", "__geo_line_s2cell_covering_level", "__geo_line_validate",
			"__geo_polygon_s2cell_covering_level", "__geo_polygon_validate",
		}},
	} {
		for _, name := range r.names {
			all = append(all, Scalar{
				Name: name, Hidden: true, Signatures: []string{"(arg:Scalar×0..n) → dynamic"},
				Doc: "Not available: " + r.reason + ".", Refused: r.reason,
			})
		}
	}
	return all
}
