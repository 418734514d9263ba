package plan

import "strings"

// A WordDoc is what hovering tells of an operator between values, or of a word
// inside a step.
type WordDoc struct {
	Kind       string // operator or word
	Usage, Doc string
}

// FindWord describes a word that is no function.
func FindWord(word string) (WordDoc, bool) {
	word = strings.Join(strings.Fields(strings.TrimSuffix(word, " typeof(")), " ") // of matches  regex
	for _, d := range operatorDocs {
		if d.Name == word {
			return WordDoc{"operator", d.Usage, d.Doc}, true
		}
	}
	d, ok := wordDocs[word]
	return d, ok
}

var wordDocs = allWords()

func allWords() map[string]WordDoc {
	all := map[string]WordDoc{}
	for word, doc := range valueOperators {
		usage, _, _ := strings.Cut(doc, "\t")
		all[word] = WordDoc{"operator", usage, doc[len(usage)+1:]}
	}
	for word, doc := range textOperatorDocs {
		for _, negated := range []string{"", "!"} {
			for _, cased := range []string{"", "_cs"} {
				name := negated + word + cased
				all[name] = WordDoc{"operator", "text " + name + " text", textOperatorDoc(doc, negated != "", cased != "")}
			}
		}
	}
	for kind, doc := range joinKindDocs {
		all[kind] = WordDoc{"word", "kind = " + kind, doc}
	}
	for word, doc := range stepWords {
		all[word] = WordDoc{"word", "", doc}
	}
	for word, doc := range typeDocs {
		all[word] = WordDoc{"word", "", doc}
	}
	for _, chart := range charts {
		if _, known := all[chart]; !known {
			all[chart] = WordDoc{"word", "render " + chart, "How a portal draws the result; the rows stay as they are."}
		}
	}
	return all
}

func textOperatorDoc(doc string, negated, cased bool) string {
	if negated {
		doc = "Not: " + doc
	}
	if cased {
		return doc + " Upper and lower case differ."
	}
	return doc + " Upper and lower case are the same."
}

// textOperatorDocs are of the operators that exist with "!" before and "_cs" behind.
var textOperatorDocs = map[string]string{
	"contains":   "A part of the text.",
	"has":        "A whole term of the text: a run of letters and digits.",
	"hasprefix":  "A term begins with the text.",
	"hassuffix":  "A term ends with the text.",
	"startswith": "The text begins with it.",
	"endswith":   "The text ends with it.",
}

// valueOperators have their form and a line about them.
var valueOperators = map[string]string{
	"and":           "condition and condition\tBoth are met. It binds tighter than or.",
	"or":            "condition or condition\tOne of them is met.",
	"==":            "value == value\tEqual; texts with their case.",
	"!=":            "value != value\tNot equal; texts with their case.",
	"<>":            "value <> value\tAnother way to write !=.",
	"=~":            "text =~ text\tEqual whatever the case.",
	"!~":            "text !~ text\tNot equal whatever the case.",
	"<":             "value < value\tLess; texts have no order, strcmp() compares them.",
	"<=":            "value <= value\tLess or equal; texts have no order, strcmp() compares them.",
	">":             "value > value\tGreater; texts have no order, strcmp() compares them.",
	">=":            "value >= value\tGreater or equal; texts have no order, strcmp() compares them.",
	"+":             "value + value\tAdds numbers, timespans, and timespans to datetimes.",
	"-":             "value - value\tSubtracts numbers, timespans and datetimes.",
	"*":             "number * number\tMultiplies; alone it stands for all columns.",
	"/":             "number / number\tA whole number by a whole number is a whole number, cut towards zero.",
	"%":             "number % number\tThe remainder, which is never negative.",
	"in":            "value in (value, …)\tOne of the values; texts with their case.",
	"!in":           "value !in (value, …)\tNone of the values; texts with their case.",
	"in~":           "text in~ (text, …)\tOne of the texts whatever the case.",
	"!in~":          "text !in~ (text, …)\tNone of the texts whatever the case.",
	"has_any":       "text has_any (text, …)\tAny of the texts is a term of the text.",
	"has_all":       "text has_all (text, …)\tAll of the texts are terms of the text.",
	"between":       "value between (low .. high)\tFrom low to high; both ends count.",
	"!between":      "value !between (low .. high)\tBelow low or above high.",
	":":             "text : term\tA text has a term, in which stars stand for any text.",
	"matches regex": "text matches regex pattern\tA regular expression (RE2) fits somewhere in the text.",
	"like":          "text like \"pattern\"\tThe whole text fits, whatever the case; % stands for any text.",
	"notlike":       "text notlike \"pattern\"\tThe whole text does not fit, whatever the case; % stands for any text.",
	"likecs":        "text likecs \"pattern\"\tThe whole text fits, with its case; % stands for any text.",
	"notlikecs":     "text notlikecs \"pattern\"\tThe whole text does not fit, with its case; % stands for any text.",
	"notcontains":   "text notcontains text\tAn old way to write !contains.",
	"containscs":    "text containscs text\tAn old way to write contains_cs.",
	"notcontainscs": "text notcontainscs text\tAn old way to write !contains_cs.",
}

var joinKindDocs = map[string]string{
	"innerunique":   "Pairs of rows with equal keys; of rows on the left with equal keys only one. This is the default.",
	"inner":         "All pairs of rows with equal keys.",
	"outer":         "All rows of both sides; in union, all columns of all tables.",
	"leftouter":     "All pairs, and rows on the left without one.",
	"rightouter":    "All pairs, and rows on the right without one.",
	"fullouter":     "All pairs, and rows of both sides without one.",
	"leftsemi":      "Rows on the left whose keys are on the right.",
	"rightsemi":     "Rows on the right whose keys are on the left.",
	"leftanti":      "Rows on the left whose keys are not on the right.",
	"rightanti":     "Rows on the right whose keys are not on the left.",
	"anti":          "Another name of leftanti.",
	"leftantisemi":  "Another name of leftanti.",
	"rightantisemi": "Another name of rightanti.",
}

// stepWords stand inside steps and statements.
var stepWords = map[string]string{
	"by":                "What rows are grouped or ordered by.",
	"on":                "The columns whose values must be equal, or the axis of a series.",
	"with":              "What a text is made of, or further settings.",
	"kind":              "Which variant of the operator is meant.",
	"asc":               "The lowest values first.",
	"desc":              "The highest values first; this is the default.",
	"nulls":             "Whether rows without a value come first or last.",
	"first":             "Rows without a value come first.",
	"last":              "Rows without a value come last.",
	"nulls first":       "Rows without a value come first.",
	"nulls last":        "Rows without a value come last.",
	"from":              "The first value.",
	"to":                "The last value, or the type that values are converted to.",
	"step":              "How far apart values are.",
	"of":                "What is counted or sampled.",
	"default":           "The value of bins without rows.",
	"let":               "Names a value, a table or a function for the rest of the query.",
	"set":               "Sets an option of the query.",
	"declare":           "Declares the query's parameters.",
	"print":             "One row of values.",
	"range":             "A table of one column with values in equal steps.",
	"query_parameters":  "Parameters of the query: name: type [= default], …",
	"datatable":         "A table whose rows stand in the query.",
	"$left":             "The columns of the left side of a join.",
	"$right":            "The columns of the right side of a join.",
	"typeof":            "A type as an argument: typeof(long).",
	"withsource":        "The column that says which table a row comes from.",
	"isfuzzy":           "Whether tables that do not exist are left out.",
	"hint.strategy":     "A hint for clusters; it changes no result.",
	"simple":            "Texts and types must fit, or the columns are null: the default of parse.",
	"relaxed":           "Columns whose values do not fit their types are null, the others are filled.",
	"regex":             "The texts between columns are regular expressions.",
	"bag":               "The items of a bag stay bags of one key.",
	"array":             "The items of a bag are arrays of the key and the value.",
	"cycles":            "Which edges a path may use again: all, none or unique_edges.",
	"nooptimization":    "A hint for clusters; it changes no result.",
	"all":               "All there are: all shortest paths, or paths that may use an edge again.",
	"any":               "One of the shortest paths.",
	"none":              "Paths that come to no node twice.",
	"unique_edges":      "Paths that use no edge twice.",
	"weak":              "Components whose nodes are connected whatever the direction of the edges.",
	"strong":            "Components whose nodes can be reached from each other along the edges.",
	"with_match_id":     "The column that numbers the sequences of scan.",
	"with_itemindex":    "The column that numbers the items of each row, from 0.",
	"with_component_id": "The column that numbers the components.",
	"others":            "The row of what is not among the first.",
	"true":              "The value of a condition that is met.",
	"false":             "The value of a condition that is not met.",
	"null":              "The value that is not there.",
	"|":                 "Hands the rows so far to the next operator.",
}

var typeDocs = map[string]string{
	"bool":     "true or false.",
	"int":      "A whole number of 32 bits.",
	"long":     "A whole number of 64 bits.",
	"real":     "A number of 64 bits of floating point.",
	"double":   "Another name of real.",
	"decimal":  "A number of 34 digits without rounding errors.",
	"string":   "A text.",
	"datetime": "A point in time in UTC, in steps of 100 ns.",
	"timespan": "A length of time in steps of 100 ns.",
	"guid":     "A number of 128 bits.",
	"dynamic":  "A JSON value: a simple value, an array or a bag.",
}
