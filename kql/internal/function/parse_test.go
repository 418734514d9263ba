package function

import (
	"strings"
	"testing"
)

func TestParseFunctions(t *testing.T) {
	check(t, map[string]string{
		`parse_url: "scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment"`: `{"Scheme":"scheme","Host":"host","Port":"1234","Path":"/this/is/a/path","Username":"username","Password":"password","Query Parameters":{"k1":"v1","k2":"v2"},"Fragment":"fragment"}`,
		`parse_url: "https://www.bing.com"`:                                                     `{"Scheme":"https","Host":"www.bing.com","Port":"","Path":"","Username":"","Password":"","Query Parameters":{},"Fragment":""}`,
		`parse_urlquery: "k1=v1&k2=a%20b"`:                                                      `{"Query Parameters":{"k1":"v1","k2":"a b"}}`,
		`parse_path: "C:\\temp\\file.txt"`:                                                      `{"Scheme":"","RootPath":"C:","DirectoryPath":"C:\\temp","DirectoryName":"temp","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":""}`,
		`parse_path: "file://C:/temp/file.txt:some.exe"`:                                        `{"Scheme":"file","RootPath":"C:","DirectoryPath":"C:/temp","DirectoryName":"temp","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":"some.exe"}`,
		`parse_path: "\\\\shared\\users\\temp\\file.txt.gz"`:                                    `{"Scheme":"","RootPath":"","DirectoryPath":"\\\\shared\\users\\temp","DirectoryName":"temp","Filename":"file.txt.gz","Extension":"gz","AlternateDataStreamName":""}`,
		`parse_csv: "aa,\"b,b,b\",cc,\"Escaping quotes: \"\"Title\"\"\",\"line1\nline2\""`:      `["aa","b,b,b","cc","Escaping quotes: \"Title\"","line1\nline2"]`,
		`parse_csv: "record1,a,b,c\nrecord2,x,y,z"`:                                             `["record1","a","b","c"]`,
		`parse_csv: "a,,"`:                                        `["a","",""]`,
		`parse_version: "0.0.0.5"`:                                "5",
		`parse_version: "0.2"`:                                    "20000000000000000",
		`parse_version: "1.2.3.4"`:                                "1000000020000000300000004",
		`parse_version: "1"`:                                      "1000000000000000000000000",
		`parse_version: "1.2.3.4.5"`:                              "null",
		`parse_version: "1.x"`:                                    "null",
		`parse_command_line: "echo \"hello world!\"" | "windows"`: `["echo","hello world!"]`,
		`parse_command_line: "a \\\\\"b c\" d\\e" | "windows"`:    `["a","\\b c","d\\e"]`,
		`parse_xml: "<e/>"`:                                       `{"e":null}`,
		`parse_xml: "<e>text</e>"`:                                `{"e":"text"}`,
		`parse_xml: "<e name='value'>text</e>"`:                   `{"e":{"@name":"value","#text":"text"}}`,
		`parse_xml: "<e> <a>text</a> <a>text</a> <b>1.0</b></e>"`: `{"e":{"a":["text","text"],"b":1.0}}`,
		`parse_xml: "<e>"`:                                        "null",
		`parse_xml: "no"`:                                         "null",
		`parse_user_agent: "Mozilla/5.0 (Windows; U; en-US) AppleWebKit/531.9 (KHTML, like Gecko) AdobeAIR/2.5.1" | "browser"`:                                                                                     `{"Browser":{"Family":"AdobeAIR","MajorVersion":"2","MinorVersion":"5","Patch":"1"}}`,
		`parse_user_agent: "Mozilla/5.0 (SymbianOS/9.2; U; Series60/3.1 NokiaN81-3/10.0.032 Profile/MIDP-2.0 Configuration/CLDC-1.1 ) AppleWebKit/413 (KHTML, like Gecko) Safari/4" | ["browser", "os", "device"]`: `{"Browser":{"Family":"Nokia OSS Browser","MajorVersion":"3","MinorVersion":"1","Patch":""},"OperatingSystem":{"Family":"Symbian OS","MajorVersion":"9","MinorVersion":"2","Patch":"","PatchMinor":""},"Device":{"Family":"Nokia N81","Brand":"Nokia","Model":"N81-3"}}`,
	})
}

func TestHashAndEncodeFunctions(t *testing.T) {
	check(t, map[string]string{
		`hash: "World"`:                                                              "1846988464401551951",
		`hash: "World" | 100`:                                                        "51",
		`hash_xxhash64: datetime(2015-01-01)`:                                        "1380966698541616202",
		`hash_md5: "World"`:                                                          "f5a7924e621e84c9280a9a27e1bcb7f6",
		`hash_md5: datetime(2020-01-01)`:                                             "786c530672d1f8db31fee25ea8a9390b",
		`hash_sha1: "World"`:                                                         "70c07ec18ef89c5309bbb0937f3a6342411e1fdd",
		`hash_sha256: datetime(2020-01-01)`:                                          "ba666752dc1a20eb750b0eb64e780cc4c968bc9fb8813461c1d7e750f302d71d",
		`base64_encode_tostring: "Kusto"`:                                            "S3VzdG8=",
		`base64_decode_tostring: "S3VzdG8="`:                                         "Kusto",
		`base64_decode_tostring: "U3RyaW5n0KHR0tGA0L7Rh9C60LA"`:                      "",
		`base64_decode_toarray: "S3VzdG8="`:                                          "[75,117,115,116,111]",
		`base64_encode_fromarray: [75, 117, 115, 116, 111]`:                          "S3VzdG8=",
		`base64_encode_fromarray: dynamic(null)`:                                     "",
		`base64_encode_fromguid: guid(ae3133f2-6e22-49ae-b06a-16e6a9b212eb)`:         "8jMxriJurkmwahbmqbIS6w==",
		`base64_decode_toguid: "JpbpECu8dUy7Pv5gbeJXAA=="`:                           "10e99626-bc2b-754c-bb3e-fe606de25700",
		`base64_decode_toguid: "abcd1231"`:                                           "null",
		`gzip_compress_to_base64_string: "1234567890qwertyuiop"`:                     "H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==",
		`zlib_compress_to_base64_string: "1234567890qwertyuiop"`:                     "eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw==",
		`url_encode: "https://www.bing.com/hello world"`:                             "https%3a%2f%2fwww.bing.com%2fhello+world",
		`url_encode_component: "https://www.bing.com/hello world"`:                   "https%3a%2f%2fwww.bing.com%2fhello%20world",
		`url_decode: "https%3a%2f%2fwww.bing.com%2f"`:                                "https://www.bing.com/",
		`url_decode: "100%"`:                                                         "100%",
		`punycode_from_string: "académie-française"`:                                 "acadmie-franaise-npb1a",
		`punycode_to_string: "acadmie-franaise-npb1a"`:                               "académie-française",
		`punycode_domain_from_string: "xn--Ry-lja8c.xn--Jng-uta63a.xn--Bng-9ka.com"`: "Rúyì.Jīngū.Bàng.com",
		`punycode_domain_to_string: "Lê Lợi。Thuận Thiên。com"`:                        "xn--L Li-gpa4517b.xn--Thun Thin-s4a7194f.com",
		`gzip_decompress_from_base64_string: "no"`:                                   "",
	})
	for _, pair := range [][2]string{
		{"gzip_compress_to_base64_string", "gzip_decompress_from_base64_string"},
		{"zlib_compress_to_base64_string", "zlib_decompress_from_base64_string"},
	} {
		packed := evaluate(t, pair[0], `"`+strings.Repeat("some text ", 20)+`"`)
		if got := evaluate(t, pair[1], `"`+packed.String()+`"`).String(); got != strings.Repeat("some text ", 20) {
			t.Errorf("%s gives back %q", pair[1], got)
		}
	}
}

func TestAddressFunctions(t *testing.T) {
	check(t, map[string]string{
		`parse_ipv4: "192.168.1.1"`:                                                        "3232235777",
		`parse_ipv4: "192.168.1.1/24"`:                                                     "3232235776",
		`parse_ipv4: "255.255.255.255/31"`:                                                 "4294967294",
		`parse_ipv4: "192.168.1"`:                                                          "null",
		`parse_ipv4_mask: "127.0.0.1" | 24`:                                                "2130706432",
		`format_ipv4: "192.168.1.1" | 24`:                                                  "192.168.1.0",
		`format_ipv4: 3232236031 | 24`:                                                     "192.168.1.0",
		`format_ipv4_mask: "192.168.1.1/24" | 32`:                                          "192.168.1.0/24",
		`format_ipv4: "192.168.1.1/24" | -1`:                                               "",
		`ipv4_compare: "192.168.1.1/24" | "192.168.1.255"`:                                 "0",
		`ipv4_compare: "192.168.1.1" | "192.168.1.0" | 31`:                                 "0",
		`ipv4_compare: "192.168.2.1" | "192.168.1.0"`:                                      "1",
		`ipv4_compare: "x" | "192.168.1.0"`:                                                "null",
		`ipv4_is_match: "192.168.1.1/30" | "192.168.1.255/24"`:                             "true",
		`ipv4_is_in_range: "127.0.0.1" | "127.0.0.1"`:                                      "true",
		`ipv4_is_in_range: "192.168.1.6" | "192.168.1.1/24"`:                               "true",
		`ipv4_is_in_range: "192.168.2.6" | "192.168.1.1/24"`:                               "false",
		`ipv4_is_in_any_range: "192.168.1.6" | "10.0.0.1/8" | "192.168.1.1/24"`:            "true",
		`ipv4_is_in_any_range: "127.0.0.1" | ["127.0.0.1", "192.168.1.1"]`:                 "true",
		`ipv4_is_in_any_range: "1.1.1.1" | ["127.0.0.1", "bad"]`:                           "false",
		`ipv4_is_private: "10.1.2.3"`:                                                      "true",
		`ipv4_is_private: "172.16.1.2/24"`:                                                 "true",
		`ipv4_is_private: "127.0.0.1"`:                                                     "false",
		`ipv4_netmask_suffix: "192.168.1.1/24"`:                                            "24",
		`ipv4_netmask_suffix: "10.1.2.3"`:                                                  "32",
		`ipv4_range_to_cidr_list: "1.1.128.0" | "1.1.140.255"`:                             `["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"]`,
		`ipv4_range_to_cidr_list: "0.0.0.0" | "255.255.255.255"`:                           `["0.0.0.0/0"]`,
		`parse_ipv6: "127.0.0.1"`:                                                          "0000:0000:0000:0000:0000:ffff:7f00:0001",
		`parse_ipv6: "fe80::85d:e82c:9446:7994/120"`:                                       "fe80:0000:0000:0000:085d:e82c:9446:7900",
		`parse_ipv6: "x"`:                                                                  "",
		`parse_ipv6_mask: "192.168.255.255" | 120`:                                         "0000:0000:0000:0000:0000:ffff:c0a8:ff00",
		`parse_ipv6_mask: "192.168.255.255/24" | 124`:                                      "0000:0000:0000:0000:0000:ffff:c0a8:ff00",
		`parse_ipv6_mask: "::192.168.255.255" | 128`:                                       "0000:0000:0000:0000:0000:ffff:c0a8:ffff",
		`ipv6_compare: "fe80::85d:e82c:9446:7994" | "fe80::85d:e82c:9446:7995"`:            "-1",
		`ipv6_is_match: "192.168.1.1/24" | "::ffff:c0a8:01ff" | 127`:                       "true",
		`ipv6_is_match: "fe80::85d:e82c:9446:7994/120" | "fe80::85d:e82c:9446:7998" | 127`: "true",
		`ipv6_is_in_range: "a5e:f127:8a9d:146d:e102:b5d3:c755:abcd" | "a5e:f127:8a9d:146d:e102:b5d3:c755:0000/112"`: "true",
		`ipv6_is_in_any_range: "a5e::1" | ["a5e::/16", "b::1"]`:                                                     "true",
		`has_ipv4: "05:04:54 127.0.0.1 GET /favicon.ico 404" | "127.0.0.1"`:                                         "true",
		`has_ipv4: "05:04:54127.0.0.1 GET" | "127.0.0.1"`:                                                           "false",
		`has_ipv4: "05:04:54 127.0.0.256 GET" | "127.0.0.256"`:                                                      "false",
		`has_any_ipv4: "05:04:54 127.0.0.1 GET" | "127.0.0.2" | "127.0.0.1"`:                                        "true",
		`has_ipv4_prefix: "05:04:54 127.0.0.1 GET" | "127.0."`:                                                      "true",
		`has_ipv4_prefix: "05:04:54 127.0.0.1 GET" | "127.0"`:                                                       "false",
		`has_ipv4_prefix: "05:04:54 127.0.0.256 GET" | "127.0."`:                                                    "false",
		`has_any_ipv4_prefix: "05:04:54 127.0.0.1 GET" | ["192.168.", "127.0."]`:                                    "true",
	})
}
