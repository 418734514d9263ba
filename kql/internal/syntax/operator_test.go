package syntax

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parsed reads a text that must have no problems.
func parsed(t *testing.T, text string) *Query {
	t.Helper()
	q, problems := Parse(text)
	for _, p := range problems {
		line, column := Position(text, p.Span.Start)
		t.Errorf("%s\n%d:%d: %s: %s", text, line, column, p.Code, p.Message)
	}
	return q
}

// TestOperators: each operator, with all that may stand in it.
func TestOperators(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"filter":                           {`filter a > 1.5e3`, `Where(Predicate=(a > real(1500)))`},
		"where":                            {`where a == 1`, `Where(Predicate=(a == 1))`},
		"extend_a_1_b_c_d_e_f_g_h_i_j_k":   {`extend a = 1, b = c, d, (e, f) = g(h), ['i j'] = k`, `Extend(Items=[a = 1, b = c, d, [e, f] = g(h), i j = k])`},
		"project_a_b_c_1_d_e_f_tostring_g": {`project a, b = c + 1, d.e, ["f"], tostring(g)`, `Project(Items=[a, b = (c + 1), d.e, f, tostring(g)])`},
		"project":                          {`project`, `Project()`},
		"project_away_a_b_c_d_e":           {`project-away a, b*, *c, d*e`, `ProjectColumns(Patterns=[Pattern(Name=a), Pattern(Name=b* Wildcard=true), Pattern(Name=*c Wildcard=true), Pattern(Name=d*e Wildcard=true)])`},
		"project_away_kind":                {`project-away kind, a`, `ProjectColumns(Patterns=[Pattern(Name=kind), Pattern(Name=a)])`},
		"project_reorder_a_kind_desc":      {`project-reorder a, kind desc`, `ProjectColumns(Patterns=[Pattern(Name=a), Pattern(Name=kind)] Orders=[, desc])`},
		"project_keep_a_b":                 {`project-keep a, b*`, `ProjectColumns(Patterns=[Pattern(Name=a), Pattern(Name=b* Wildcard=true)])`},
		"project_rename_a_b_c_d_e":         {`project-rename a = b, ['c d'] = e`, `ProjectRename(Items=[Rename(New=a Old=b), Rename(New=c d Old=e)])`},
		"project_reorder_a_b_asc_c_desc_d_granny_asc":  {`project-reorder a, b* asc, c desc, d granny-asc, e granny-desc`, `ProjectColumns(Patterns=[Pattern(Name=a), Pattern(Name=b* Wildcard=true), Pattern(Name=c), Pattern(Name=d), Pattern(Name=e)] Orders=[, asc, desc, granny-asc, granny-desc])`},
		"project_by_names_a_dynamic_b_c":               {`project-by-names "a", dynamic(["b"]), c`, `ProjectColumns(Values=["a", dynamic(["b"]), c])`},
		"summarize":                                    {`summarize`, `Summarize()`},
		"summarize_count":                              {`summarize count()`, `Summarize(Aggregates=[count()])`},
		"summarize_by_a":                               {`summarize by a`, `Summarize(By=[a] HasBy=true)`},
		"summarize_count_dcount_a_x_make_set_b_10_arg": {`summarize count(), dcount(a), x = make_set(b, 10), arg_max(c, *) by d, bin(t, 1d), e = tolower(f)`, `Summarize(Aggregates=[count(), dcount(a), x = make_set(b, 10), arg_max(c, *)] By=[d, bin(t, timespan(1.00:00:00)), e = tolower(f)] HasBy=true)`},
		"summarize_hint_strategy_shuffle_hint_shuffle": {`summarize hint.strategy=shuffle hint.shufflekey=a hint.num_partitions=8 n = count() by a`, `Summarize(Options=[Option(Name=hint.strategy Value=shuffle), Option(Name=hint.shufflekey Value=a), Option(Name=hint.num_partitions Value=8)] Aggregates=[n = count()] By=[a] HasBy=true)`},
		"summarize_count_by_t_bin_1d":                  {`summarize count() by t bin=1d`, `Summarize(Aggregates=[count()] By=[t] HasBy=true Bin=timespan(1.00:00:00))`},
		"summarize_a_b_arg_min_c_d_e":                  {`summarize (a, b) = arg_min(c, d, e)`, `Summarize(Aggregates=[[a, b] = arg_min(c, d, e)])`},
		"distinct":                                     {`distinct *`, `Distinct(Star=true)`},
		"distinct_a_b_c":                               {`distinct a, b = c`, `Distinct(Items=[a, b = c])`},
		"distinct_hint_strategy_shuffle_a":             {`distinct hint.strategy=shuffle a`, `Distinct(Options=[Option(Name=hint.strategy Value=shuffle)] Items=[a])`},
		"count":                                        {`count`, `Count()`},
		"count_as_n":                                   {`count as n`, `Count(As=n)`},
		"take_5":                                       {`take 5`, `Take(Rows=5)`},
		"limit_5":                                      {`limit 5`, `Take(Rows=5)`},
		"sample_5":                                     {`sample 5`, `Sample(Rows=5)`},
		"sample_distinct_5_of_a":                       {`sample-distinct 5 of a`, `SampleDistinct(Rows=5 Of=a)`},
		"top_5_by_a":                                   {`top 5 by a`, `Top(Rows=5 By=Order(Value=a Descending=true))`},
		"top_5_by_a_desc_nulls_last":                   {`top 5 by a desc nulls last`, `Top(Rows=5 By=Order(Value=a Descending=true))`},
		"top_hint_progressive_top_true_5_by_tolower_a": {`top hint.progressive_top=true 5 by tolower(a) asc nulls first`, `Top(Options=[Option(Name=hint.progressive_top Value=true)] Rows=5 By=Order(Value=tolower(a) NullsFirst=true))`},
		"top_hitters_5_of_a_by_b":                      {`top-hitters 5 of a by b`, `TopHitters(Rows=5 Of=a By=b)`},
		"top_hitters_5_of_a":                           {`top-hitters 5 of a`, `TopHitters(Rows=5 Of=a)`},
		"top_nested_3_of_a_by_sum_b":                   {`top-nested 3 of a by sum(b)`, `TopNested(Levels=[TopLevel(Rows=3 Of=a By=sum(b) Descending=true)])`},
		"top_nested_3_of_a_with_others_others_by_x_su": {`top-nested 3 of a with others="others" by x = sum(b) desc, top-nested of c by max(d) asc`, `TopNested(Levels=[TopLevel(Rows=3 Of=a Others="others" By=x = sum(b) Descending=true), TopLevel(Of=c By=max(d))])`},
		"sort_by_a":                                    {`sort by a`, `Sort(By=[Order(Value=a Descending=true)])`},
		"sort_by_a_asc_b_desc_nulls_first_c_nulls_las": {`sort by a asc, b desc nulls first, c nulls last, d + 1`, `Sort(By=[Order(Value=a NullsFirst=true), Order(Value=b Descending=true NullsFirst=true), Order(Value=c Descending=true), Order(Value=(d + 1) Descending=true)])`},
		"order_by_a_b_desc":                            {`order by a.b desc`, `Sort(By=[Order(Value=a.b Descending=true)])`},
		"join_u_on_a":                                  {`join U on a`, `Join(Right=TableRef(Name=U) On=[a])`},
		"join_u_on_a_b":                                {`join (U) on a, b`, `Join(Right=TableRef(Name=U) On=[a, b])`},
		"join_kind_inner_u_where_b_1_on_left_a_right":  {`join kind=inner (U | where b == 1) on $left.a == $right.b, c`, `Join(Options=[Option(Name=kind Value=inner)] Kind=inner Right=Nested(Pipeline=Pipeline(Source=TableRef(Name=U) Operators=[Where(Predicate=(b == 1))])) On=[($left.a == $right.b), c])`},
		"join_kind_leftouter_hint_strategy_broadcast":  {`join kind=leftouter hint.strategy=broadcast hint.remote=auto (U | project a, b = c) on a`, `Join(Options=[Option(Name=kind Value=leftouter), Option(Name=hint.strategy Value=broadcast), Option(Name=hint.remote Value=auto)] Kind=leftouter Right=Nested(Pipeline=Pipeline(Source=TableRef(Name=U) Operators=[Project(Items=[a, b = c])])) On=[a])`},
		"join_kind_fullouter_u_on_left_a_right_a_and":  {`join kind=fullouter U on $left.a == $right.a and $left.b == $right.b`, `Join(Options=[Option(Name=kind Value=fullouter)] Kind=fullouter Right=TableRef(Name=U) On=[(($left.a == $right.a) and ($left.b == $right.b))])`},
		"join_kind_leftanti_datatable_a_int_1_2_on_a":  {`join kind=leftanti (datatable(a:int)[1, 2]) on a`, `Join(Options=[Option(Name=kind Value=leftanti)] Kind=leftanti Right=Nested(Pipeline=Pipeline(Source=Datatable(Columns=[ColumnDecl(Name=a Type=int)] Values=[1, 2]))) On=[a])`},
		"join_u_where_a_b":                             {`join (U) where a == b`, `Join(Right=TableRef(Name=U) On=[(a == b)])`},
		"lookup_u_on_a":                                {`lookup U on a`, `Lookup(Right=TableRef(Name=U) On=[a])`},
		"lookup_kind_leftouter_u_project_a_b_on_left":  {`lookup kind=leftouter (U | project a, b) on $left.a == $right.b`, `Lookup(Options=[Option(Name=kind Value=leftouter)] Kind=leftouter Right=Nested(Pipeline=Pipeline(Source=TableRef(Name=U) Operators=[Project(Items=[a, b])])) On=[($left.a == $right.b)])`},
		"union_u":                                      {`union U`, `Union(Tables=[TableRef(Name=U)])`},
		"union_kind_inner_withsource_src_isfuzzy_true": {`union kind=inner withsource=src isfuzzy=true U, V*, (W | take 1), f(x), database("d").X, cluster("c").database("d").Y*`, `Union(Options=[Option(Name=kind Value=inner), Option(Name=withsource Value=src), Option(Name=isfuzzy Value=true)] Kind=inner WithSource=src Fuzzy=true Tables=[TableRef(Name=U), TableRef(Name=V* Wildcard=true), Nested(Pipeline=Pipeline(Source=TableRef(Name=W) Operators=[Take(Rows=1)])), SourceCall(Call=f(x)), TableRef(Name=X On=database("d")), TableRef(Name=Y* Wildcard=true On=cluster("c").database("d"))])`},
		"search_x_and_not_y":                           {`search "x" and not("y")`, `Search(Predicate=("x" and not("y")))`},
		"find_where_a_1_2":                             {`find where a == 1`, `Find(Predicate=(a == 1))`},
		"mv_expand_a":                                  {`mv-expand a`, `MvExpand(Items=[MvItem(Named=a)])`},
		"mv_expand_kind_array_a_b_c_d_to_typeof_strin": {`mv-expand kind=array a, b = c.d to typeof(string), e limit 10`, `MvExpand(Options=[Option(Name=kind Value=array)] Bags=array Items=[MvItem(Named=a), MvItem(Named=b = c.d Type=string), MvItem(Named=e)] Limit=10)`},
		"mv_expand_with_itemindex_i_bagexpansion_arra": {`mv-expand with_itemindex=i bagexpansion=array a = todynamic(b)`, `MvExpand(Options=[Option(Name=with_itemindex Value=i), Option(Name=bagexpansion Value=array)] Bags=array ItemIndex=i Items=[MvItem(Named=a = todynamic(b))])`},
		"mv_apply_a_on_where_a_1_take_1":               {`mv-apply a on (where a > 1 | take 1)`, `MvApply(Items=[MvItem(Named=a)] On=Pipeline(Operators=[Where(Predicate=(a > 1)), Take(Rows=1)]))`},
		"mv_apply_with_itemindex_i_a_b_to_typeof_long": {`mv-apply with_itemindex=i a = b to typeof(long), c limit 5 on (summarize x = sum(a) by i)`, `MvApply(Options=[Option(Name=with_itemindex Value=i)] ItemIndex=i Items=[MvItem(Named=a = b Type=long), MvItem(Named=c)] Limit=5 On=Pipeline(Operators=[Summarize(Aggregates=[x = sum(a)] By=[i] HasBy=true)]))`},
		"mvapply_a_b_on_top_1_by_a":                    {`mvapply a = b on (top 1 by a)`, `MvApply(Items=[MvItem(Named=a = b)] On=Pipeline(Operators=[Top(Rows=1 By=Order(Value=a Descending=true))]))`},
		"mv_apply_a_id_guid_74be27de_1e4e_49d9_b579_f": {`mv-apply a id guid(74be27de-1e4e-49d9-b579-fe0b331d3642) on (count)`, `MvApply(Items=[MvItem(Named=a)] ID=guid(74be27de-1e4e-49d9-b579-fe0b331d3642) On=Pipeline(Operators=[Count()]))`},
		"parse_a_with_x":                               {`parse a with "x"`, `ParseText(Value=a Parts=[ParsePart(Text=x)])`},
		"parse_a_with_x_b_long_c_string_d":             {`parse a with * "x=" b:long "," c:string ";" * d`, `ParseText(Value=a Parts=[ParsePart(Star=true), ParsePart(Text=x=), ParsePart(Column=ColumnDecl(Name=b Type=long)), ParsePart(Text=,), ParsePart(Column=ColumnDecl(Name=c Type=string)), ParsePart(Text=;), ParsePart(Star=true), ParsePart(Column=ColumnDecl(Name=d))])`},
		"parse_kind_regex_flags_ui_tostring_a_with_x":  {`parse kind=regex flags=Ui tostring(a) with "x" b "y" 'z' c:datetime`, `ParseText(Options=[Option(Name=kind Value=regex), Option(Name=flags Value=Ui)] Kind=regex Flags=Ui Value=tostring(a) Parts=[ParsePart(Text=x), ParsePart(Column=ColumnDecl(Name=b)), ParsePart(Text=yz), ParsePart(Column=ColumnDecl(Name=c Type=datetime))])`},
		"parse_kind_relaxed_a_with_n_n_long":           {`parse kind=relaxed a with * "n=" n:long *`, `ParseText(Options=[Option(Name=kind Value=relaxed)] Kind=relaxed Value=a Parts=[ParsePart(Star=true), ParsePart(Text=n=), ParsePart(Column=ColumnDecl(Name=n Type=long)), ParsePart(Star=true)])`},
		"parse_where_kind_simple_a_with_b_c":           {`parse-where kind=simple a with b "-" c`, `ParseText(Options=[Option(Name=kind Value=simple)] Where=true Kind=simple Value=a Parts=[ParsePart(Column=ColumnDecl(Name=b)), ParsePart(Text=-), ParsePart(Column=ColumnDecl(Name=c))])`},
		"parse_kv_a_as_b_string_c_long_d_datetime":     {`parse-kv a as (b:string, c:long, d:datetime)`, `ParseKV(Value=a Columns=[ColumnDecl(Name=b Type=string), ColumnDecl(Name=c Type=long), ColumnDecl(Name=d Type=datetime)])`},
		"parse_kv_a_as_b_string_with_pair_delimiter_k": {`parse-kv a as (b:string) with (pair_delimiter=",", kv_delimiter="=", quote='"', escape="\\", greedy=true)`, `ParseKV(Value=a Columns=[ColumnDecl(Name=b Type=string)] With=[Option(Name=pair_delimiter Value=","), Option(Name=kv_delimiter Value="="), Option(Name=quote Value="\""), Option(Name=escape Value="\\"), Option(Name=greedy Value=true)])`},
		"parse_kv_a_as_b_string_with_regex_w_w":        {`parse-kv a as (b:string) with (regex=@"(\w+)=(\w+)")`, `ParseKV(Value=a Columns=[ColumnDecl(Name=b Type=string)] With=[Option(Name=regex Value="(\\w+)=(\\w+)")])`},
		"serialize":                                    {`serialize`, `Serialize()`},
		"serialize_rn_row_number_p_prev_a":             {`serialize rn = row_number(), p = prev(a)`, `Serialize(Items=[rn = row_number(), p = prev(a)])`},
		"as_x":                                         {`as X`, `As(Name=X)`},
		"getschema":                                    {`getschema`, `GetSchema()`},
		"getschema_kind_csl":                           {`getschema kind=csl`, `GetSchema(Options=[Option(Name=kind Value=csl)])`},
		"consume":                                      {`consume`, `Consume()`},
		"consume_decodeblocks_true":                    {`consume decodeblocks=true`, `Consume(Options=[Option(Name=decodeblocks Value=true)])`},
		"evaluate_bag_unpack_d":                        {`evaluate bag_unpack(d)`, `Evaluate(Call=bag_unpack(d))`},
		"evaluate_pivot_a_sum_b_c":                     {`evaluate pivot(a, sum(b), c)`, `Evaluate(Call=pivot(a, sum(b), c))`},
		"evaluate_hint_distribution_per_node_bag_unpa": {`evaluate hint.distribution=per_node bag_unpack(d, 'x_') : (*, a:string, b:long)`, `Evaluate(Options=[Option(Name=hint.distribution Value=per_node)] Call=bag_unpack(d, "x_") Schema=[ColumnDecl(Name=a Type=string), ColumnDecl(Name=b Type=long)] Star=true)`},
		"evaluate_narrow_a_string":                     {`evaluate narrow() : (a:string)`, `Evaluate(Call=narrow() Schema=[ColumnDecl(Name=a Type=string)])`},
		"render_table":                                 {`render table`, `Render(Chart=table)`},
		"render_timechart_with_title_x_xcolumn_t_ycol": {`render timechart with (title="x", xcolumn=t, ycolumns=a, b, series=c, kind=stacked)`, `Render(Chart=timechart With=[Option(Name=title Value="x"), Option(Name=xcolumn Value=t), Option(Name=ycolumns Value=(a, b)), Option(Name=series Value=c), Option(Name=kind Value=stacked)])`},
		"render_columnchart_kind_unstacked_title_x":    {`render columnchart kind=unstacked title="x"`, `Render(Options=[Option(Name=kind Value=unstacked), Option(Name=title Value="x")] Chart=columnchart)`},
		"render_piechart_with_legend_hidden_ymin_0_ym": {`render piechart with (legend=hidden, ymin=0, ymax=100, xaxis=log, accumulate=false)`, `Render(Chart=piechart With=[Option(Name=legend Value=hidden), Option(Name=ymin Value=0), Option(Name=ymax Value=100), Option(Name=xaxis Value=log), Option(Name=accumulate Value=false)])`},
		"make_series_count_on_t_from_datetime_2024_01": {`make-series count() on t from datetime(2024-01-01) to datetime(2024-02-01) step 1d by a`, `MakeSeries(Items=[SeriesItem(Named=count())] On=t From=datetime(2024-01-01T00:00:00.0000000Z) To=datetime(2024-02-01T00:00:00.0000000Z) Step=timespan(1.00:00:00) By=[a])`},
		"make_series_avg_a_default_0_n_count_on_t_ste": {`make-series avg(a) default=0, n = count() on t step 1h`, `MakeSeries(Items=[SeriesItem(Named=avg(a) Default=0), SeriesItem(Named=n = count())] On=t Step=timespan(01:00:00))`},
		"make_series_kind_nonempty_m_max_a_default_re": {`make-series kind=nonempty m = max(a) default=real(null) on t in range(ago(1d), now(), 1h) by b, c`, `MakeSeries(Options=[Option(Name=kind Value=nonempty)] Items=[SeriesItem(Named=m = max(a) Default=real(null))] On=t In=range(ago(timespan(1.00:00:00)), now(), timespan(01:00:00)) By=[b, c])`},
		"reduce_by_a":                                  {`reduce by a`, `Reduce(By=a)`},
		"reduce_kind_source_by_a_with_threshold_0_2_c": {`reduce kind=source by a with threshold=0.2, characters="x"`, `Reduce(Options=[Option(Name=kind Value=source)] By=a With=[Option(Name=threshold Value=real(0.2)), Option(Name=characters Value="x")])`},
		"scan_with_step_s1_a_1_b_2_step_s2_true":       {`scan with (step s1: a > 1 => b = 2; step s2: true;)`, `Scan(Steps=[ScanStep(Name=s1 Condition=(a > 1) Assignments=[b = 2]), ScanStep(Name=s2 Condition=true)])`},
		"scan_with_match_id_m_declare_n_long_0_s_stri": {`scan with_match_id=m declare (n:long = 0, s:string) with (step x output=last: a == 1 => n = 1, s = "y"; step y optional output=none: x.n > 1;)`, `Scan(Options=[Option(Name=with_match_id Value=m)] MatchID=m Declare=[Param(Name=n Type=long Default=0), Param(Name=s Type=string)] Steps=[ScanStep(Name=x Output=last Condition=(a == 1) Assignments=[n = 1, s = "y"]), ScanStep(Name=y Optional=true Output=none Condition=(x.n > 1))])`},
		"scan_order_by_a_asc_partition_by_b_declare_n": {`scan order by a asc partition by b declare (n:long) with (step s: true => n = s.n + 1;)`, `Scan(Declare=[Param(Name=n Type=long)] OrderBy=[Order(Value=a NullsFirst=true)] Partition=[b] Steps=[ScanStep(Name=s Condition=true Assignments=[n = (s.n + 1)])])`},
		"partition_by_a_top_1_by_b":                    {`partition by a (top 1 by b)`, `Partition(By=a Sub=Pipeline(Operators=[Top(Rows=1 By=Order(Value=b Descending=true))]))`},
		"partition_hint_strategy_native_hint_concurre": {`partition hint.strategy=native hint.concurrency=4 by a (where b == 1 | take 1)`, `Partition(Options=[Option(Name=hint.strategy Value=native), Option(Name=hint.concurrency Value=4)] By=a Sub=Pipeline(Operators=[Where(Predicate=(b == 1)), Take(Rows=1)]))`},
		"partition_by_a_t_where_b_toscalar_a":          {`partition by a { T | where b == toscalar(a) }`, `Partition(By=a Legacy=Pipeline(Source=TableRef(Name=T) Operators=[Where(Predicate=(b == toscalar(a)))]))`},
		"fork_where_a_1_where_b_2_take_1":              {`fork (where a == 1) (where b == 2 | take 1)`, `Fork(Branches=[ForkBranch(Sub=Pipeline(Operators=[Where(Predicate=(a == 1))])), ForkBranch(Sub=Pipeline(Operators=[Where(Predicate=(b == 2)), Take(Rows=1)]))])`},
		"fork_x_take_1_y_count":                        {`fork x = (take 1) y = (count)`, `Fork(Branches=[ForkBranch(Name=x Sub=Pipeline(Operators=[Take(Rows=1)])), ForkBranch(Name=y Sub=Pipeline(Operators=[Count()]))])`},
		"facet_by_a_b":                                 {`facet by a, b`, `Facet(By=[a, b])`},
		"facet_by_a_with_where_b_1_take_10":            {`facet by a with (where b == 1 | take 10)`, `Facet(By=[a] With=Pipeline(Operators=[Where(Predicate=(b == 1)), Take(Rows=10)]))`},
		"facet_by_a_with_take_5":                       {`facet by a with take 5`, `Facet(By=[a] With=Pipeline(Operators=[Take(Rows=5)]))`},
		"invoke_f_1_x":                                 {`invoke f(1, "x")`, `Invoke(Call=f(1, "x"))`},
		"invoke_f":                                     {`invoke f()`, `Invoke(Call=f())`},
		"assert_schema_a_string_b_long":                {`assert-schema (a:string, b:long)`, `AssertSchema(Columns=[ColumnDecl(Name=a Type=string), ColumnDecl(Name=b Type=long)])`},
		"make_graph_s_t_with_n_on_id":                  {`make-graph s --> t with N on id`, `MakeGraph(From=s To=t Nodes=[GraphNodes(Table=TableRef(Name=N) On=id)])`},
		"make_graph_s_t_with_n_on_id_m_where_a_1_on_k": {`make-graph s --> t with N on id, (M | where a == 1) on k`, `MakeGraph(From=s To=t Nodes=[GraphNodes(Table=TableRef(Name=N) On=id), GraphNodes(Table=Nested(Pipeline=Pipeline(Source=TableRef(Name=M) Operators=[Where(Predicate=(a == 1))])) On=k)])`},
		"make_graph_s_t_with_node_id_id":               {`make-graph s --> t with_node_id=id`, `MakeGraph(From=s To=t NodeID=id)`},
		"extend_day_bin_t_1d_hour_hourofday_t_w_start": {`extend day = bin(t, 1d), hour = hourofday(t), w = startofweek(t, -1), v = format_datetime(t, 'yyyy-MM-dd')`, `Extend(Items=[day = bin(t, timespan(1.00:00:00)), hour = hourofday(t), w = startofweek(t, (-1)), v = format_datetime(t, "yyyy-MM-dd")])`},
		"extend_x_a_0_y_b_1_z_c_k_w_d_e_f":             {`extend x = a[0], y = b[-1], z = c["k"], w = d[e].f`, `Extend(Items=[x = a[0], y = b[(-1)], z = c["k"], w = d[e].f])`},
		"extend_count_1_id_2_top_3_view_4_pattern_5_t": {`extend count = 1, id = 2, top = 3, view = 4, pattern = 5, table = 6, by = 7, title = 8`, `Extend(Items=[count = 1, id = 2, top = 3, view = 4, pattern = 5, table = 6, by = 7, title = 8])`},
		"project_where_a_as_b_of_c_to_d_set_e":         {`project where = a, as = b, of = c, to = d, set = e`, `Project(Items=[where = a, as = b, of = c, to = d, set = e])`},
		"summarize_percentile_a_95_percentiles_a_5_50": {`summarize percentile(a, 95), percentiles(a, 5, 50), stdev(b), take_any(*), make_list_if(c, d > 1) by e, f`, `Summarize(Aggregates=[percentile(a, 95), percentiles(a, 5, 50), stdev(b), take_any(*), make_list_if(c, (d > 1))] By=[e, f] HasBy=true)`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			q := parsed(t, "T | "+tt.text)
			if diff := cmp.Diff(tt.want, show(q.Result.Operators[0])); diff != "" {
				t.Errorf("%s\n%s", tt.text, diff)
			}
			if got, want := q.Result.Operators[0].Keyword().Span.Start, len("T | "); got != want {
				t.Errorf("keyword at %d, want %d", got, want)
			}
		})
	}
}
