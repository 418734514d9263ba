package function

import (
	"regexp"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// An agentPattern finds one family in a user agent; its groups are the parts of the version.
type agentPattern struct {
	re     *regexp.Regexp
	family string
}

// agentPatterns are the common ones: the first that matches counts.
var agentPatterns = sync.OnceValue(func() map[string][]agentPattern {
	return map[string][]agentPattern{
		"browser": compileAgents(
			"Edge", `Edg(?:e|A|iOS)?/(\d+)\.(\d+)(?:\.(\d+))?`, "Opera", `OPR/(\d+)\.(\d+)(?:\.(\d+))?`,
			"Samsung Internet", `SamsungBrowser/(\d+)\.(\d+)`, "AdobeAIR", `AdobeAIR/(\d+)\.(\d+)(?:\.(\d+))?`,
			"Nokia OSS Browser", `SymbianOS/.*Series60/(\d+)\.(\d+)`, "Chrome Mobile iOS", `CriOS/(\d+)\.(\d+)(?:\.(\d+))?`,
			"Firefox iOS", `FxiOS/(\d+)\.(\d+)`, "Firefox", `Firefox/(\d+)\.(\d+)(?:\.(\d+))?`,
			"Chrome Mobile", `Android.*Chrome/(\d+)\.(\d+)(?:\.(\d+))?.* Mobile`, "Chrome", `Chrome/(\d+)\.(\d+)(?:\.(\d+))?`,
			"Mobile Safari", `iP(?:hone|ad|od).*Version/(\d+)\.(\d+)(?:\.(\d+))?`, "Safari", `Version/(\d+)\.(\d+)(?:\.(\d+))?.*Safari/`,
			"IE", `MSIE (\d+)\.(\d+)`, "IE", `Trident/.*rv:(\d+)\.(\d+)`, "Opera", `Opera/(\d+)\.(\d+)`,
			"curl", `curl/(\d+)\.(\d+)(?:\.(\d+))?`, "Python Requests", `python-requests/(\d+)\.(\d+)(?:\.(\d+))?`,
		),
		"os": compileAgents(
			"Windows", `Windows NT (10)\.0`, "Windows", `Windows NT 6\.3()`, "Windows", `Windows NT ?(\d+)\.(\d+)`,
			"iOS", `(?:iPhone|CPU) OS (\d+)[_.](\d+)(?:[_.](\d+))?`, "Mac OS X", `Mac OS X (\d+)[_.](\d+)(?:[_.](\d+))?`,
			"Android", `Android (\d+)(?:\.(\d+))?(?:\.(\d+))?`, "Symbian OS", `SymbianOS/(\d+)\.(\d+)`,
			"Chrome OS", `CrOS \S+ (\d+)\.(\d+)(?:\.(\d+))?`, "Ubuntu", `Ubuntu()`, "Linux", `Linux()`, "Windows", `Windows()`,
		),
		"device": compileAgents(
			"iPhone", `iPhone`, "iPad", `iPad`, "iPod", `iPod`, "Mac", `Macintosh`, "Nokia", `Nokia([\w-]+)`,
			"Samsung", `; (SM-\w+|SAMSUNG [\w-]+)`, "Spider", `(?i)bot|crawler|spider`, "Generic Smartphone", `Android.*Mobile`,
		),
	}
})

func compileAgents(pairs ...string) []agentPattern {
	var patterns []agentPattern
	for i := 0; i < len(pairs); i += 2 {
		patterns = append(patterns, agentPattern{re: regexp.MustCompile(pairs[i+1]), family: pairs[i]})
	}
	return patterns
}

func findAgent(kind, agent string) (family string, parts [4]string) {
	for _, p := range agentPatterns()[kind] {
		if m := p.re.FindStringSubmatch(agent); m != nil {
			copy(parts[:], m[1:])
			return p.family, parts
		}
	}
	return "Other", parts
}

func parseUserAgent(_ *Context, args []data.Value) data.Value {
	agent := args[0].String()
	if strings.TrimSpace(agent) == "" {
		return data.Null(data.Dynamic)
	}
	targets := []string{"browser"}
	if len(args) > 1 {
		targets = rangeArgs(args[1:])
	}
	var keys []string
	var values []*data.Node
	for _, target := range targets {
		family, v := findAgent(target, agent)
		switch target {
		case "browser":
			keys = append(keys, "Browser")
			values = append(values, bagOfTexts("Family", family, "MajorVersion", v[0], "MinorVersion", v[1], "Patch", v[2]))
		case "os":
			keys = append(keys, "OperatingSystem")
			values = append(values, bagOfTexts("Family", family, "MajorVersion", v[0], "MinorVersion", v[1], "Patch", v[2], "PatchMinor", v[3]))
		case "device":
			keys = append(keys, "Device")
			values = append(values, deviceNode(family, v[0]))
		}
	}
	return data.OfNode(data.NodeOfBag(keys, values))
}

var deviceBrands = map[string]string{
	"iPhone": "Apple", "iPad": "Apple", "iPod": "Apple", "Mac": "Apple", "Nokia": "Nokia", "Samsung": "Samsung",
	"Generic Smartphone": "Generic", "Spider": "Spider",
}

func deviceNode(family, model string) *data.Node {
	brand := deviceBrands[family]
	switch {
	case family == "Nokia":
		family, _, _ = strings.Cut("Nokia "+model, "-")
	case model != "":
		family += " " + model
	case brand != "":
		model = family
	}
	return bagOfTexts("Family", family, "Brand", brand, "Model", model)
}
