package function

import (
	"net/url"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func parseFunctions() []Scalar {
	const query = "Reads the parameters of a URL's query."
	return []Scalar{
		{
			Name:       "parse_url",
			Signatures: []string{"(url:string) → dynamic"},
			Doc:        "Cuts a URL into its parts.", Eval: parseURL,
		},
		{
			Name: "parseurl", Hidden: true, Obsolete: "parse_url",
			Signatures: []string{"(url:string) → dynamic"},
			Doc:        "Cuts a URL into its parts.", Eval: parseURL,
		},
		{
			Name:       "parse_urlquery",
			Signatures: []string{"(query:string) → dynamic"},
			Doc:        query, Eval: parseURLQuery,
		},
		{
			Name: "parseurlquery", Hidden: true, Obsolete: "parse_urlquery",
			Signatures: []string{"(query:string) → dynamic"},
			Doc:        query, Eval: parseURLQuery,
		},
		{
			Name:       "parse_path",
			Signatures: []string{"(path:string) → dynamic"},
			Doc:        "Cuts the path of a file into its parts.", Eval: parsePath,
		},
		{
			Name: "parse_csv", Column: "FirstArgument",
			Signatures: []string{"(csv_text:StringOrDynamic) → dynamic"},
			Doc:        "Reads the first record of comma-separated values.", Eval: parseCSV,
		},
		{
			Name:       "parse_version",
			Signatures: []string{"(version:string) → decimal"},
			Doc:        "Reads a version of up to four parts as a number that compares.", Eval: parseVersion,
		},
		{
			Name:       "parse_command_line",
			Signatures: []string{"(command:Scalar, parser:string) → dynamic"},
			Doc:        "Cuts a command line into arguments, as Windows does.", Eval: parseCommandLine,
		},
		{
			Name: "parse_xml", Column: "FirstArgument",
			Signatures: []string{"(xml_text:StringOrDynamic) → dynamic"},
			Doc:        "Reads XML as nested bags.", Eval: parseXML,
		},
		{
			Name:       "parse_user_agent",
			Signatures: []string{"(user_agent:string, look_for:StringOrArray?) → dynamic"},
			Doc:        "Recognises the common browsers, systems and devices of a user agent.", Eval: parseUserAgent,
		},
	}
}

// bagOfTexts is a bag of keys and texts that alternate.
func bagOfTexts(pairs ...string) *data.Node {
	keys, values := make([]string, len(pairs)/2), make([]*data.Node, len(pairs)/2)
	for i := range keys {
		keys[i], values[i] = pairs[2*i], data.NodeOfString(pairs[2*i+1])
	}
	return data.NodeOfBag(keys, values)
}

// parseURL takes what it finds: a URL that net/url would refuse has parts too.
func parseURL(c *Context, args []data.Value) data.Value {
	rest := args[0].String()
	rest, fragment, _ := strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	scheme, rest, absolute := cutScheme(rest)
	var authority, path string
	if absolute {
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			slash = len(rest)
		}
		authority, path = rest[:slash], rest[slash:]
	} else {
		path = rest
	}
	user, password := "", ""
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, password, _ = strings.Cut(authority[:at], ":")
		authority = authority[at+1:]
	}
	host, port := authority, ""
	if colon := strings.LastIndexByte(authority, ':'); colon > strings.LastIndexByte(authority, ']') {
		host, port = authority[:colon], authority[colon+1:]
	}
	keys := []string{"Scheme", "Host", "Port", "Path", "Username", "Password", "Query Parameters", "Fragment"}
	var values []*data.Node
	for _, s := range []string{scheme, host, port, path, user, password} {
		values = append(values, data.NodeOfString(s))
	}
	values = append(values, queryParameters(c, query), data.NodeOfString(fragment))
	return data.OfNode(data.NodeOfBag(keys, values))
}

// cutScheme finds scheme:// at the start.
func cutScheme(s string) (scheme, rest string, found bool) {
	scheme, rest, found = strings.Cut(s, "://")
	if !found || strings.ContainsAny(scheme, "/:@") {
		return "", s, false
	}
	return scheme, rest, true
}

func queryParameters(c *Context, query string) *data.Node {
	affordParts(c, query, "&")
	var keys []string
	var values []*data.Node
	for _, pair := range strings.Split(query, "&") {
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		keys, values = append(keys, decodeQuery(key)), append(values, data.NodeOfString(decodeQuery(value)))
	}
	return data.NodeOfBag(keys, values)
}

func decodeQuery(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		return out
	}
	return s
}

func parseURLQuery(c *Context, args []data.Value) data.Value {
	query := args[0].String()
	if _, after, found := strings.Cut(query, "?"); found {
		query = after
	}
	query, _, _ = strings.Cut(query, "#")
	return data.OfNode(data.NodeOfBag([]string{"Query Parameters"}, []*data.Node{queryParameters(c, query)}))
}

func parsePath(_ *Context, args []data.Value) data.Value {
	scheme, path, _ := cutScheme(args[0].String())
	root := ""
	if len(path) >= 2 && path[1] == ':' && isLetter(path[0]) {
		root = path[:2]
	}
	name := path[strings.LastIndexAny(path, `/\`)+1:]
	directory := strings.TrimRight(path[:len(path)-len(name)], `/\`)
	if directory == "" && len(path) > len(name) {
		directory = path[:len(path)-len(name)]
	}
	if directory == path {
		directory = ""
	}
	name, stream := cutStream(name, root)
	extension := ""
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		extension = name[dot+1:]
	}
	return data.OfNode(bagOfTexts(
		"Scheme", scheme, "RootPath", root, "DirectoryPath", directory,
		"DirectoryName", directory[strings.LastIndexAny(directory, `/\`)+1:],
		"Filename", name, "Extension", extension, "AlternateDataStreamName", stream,
	))
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// cutStream splits file.txt:stream; a name that is only a root is none.
func cutStream(name, root string) (file, stream string) {
	if name == root {
		return "", ""
	}
	file, stream, _ = strings.Cut(name, ":")
	return file, stream
}

func parseVersion(_ *Context, args []data.Value) data.Value {
	parts := strings.Split(strings.TrimSpace(args[0].String()), ".")
	if len(parts) > 4 {
		return data.Null(data.Decimal)
	}
	var digits strings.Builder
	for i := range 4 {
		part := "0"
		if i < len(parts) {
			part = parts[i]
		}
		if part == "" || len(part) > 8 || strings.Trim(part, "0123456789") != "" {
			return data.Null(data.Decimal)
		}
		digits.WriteString(strings.Repeat("0", 8-len(part)) + part)
	}
	text, ok := data.ParseDecimal(digits.String())
	if !ok {
		return data.Null(data.Decimal)
	}
	return data.OfDecimal(text)
}
