package cli

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/kql"
)

// TestTablesCountWhatTheyHold: what is counted of a table is about what it holds.
func TestTablesCountWhatTheyHold(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	const size = 20 << 20
	tests := map[string]struct {
		head, row string // with the row's number
		read      func(text string, room *tableRoom) (*kql.Memory, error)
	}{
		"jsonl":        {"", `{"id":"/subscriptions/x/%d","n":%[1]d,"real":1.5,"ok":true,"tags":{"a":"%[1]d"},"none":null}` + "\n", readJSON},
		"short":        {"", `{"a":%d}` + "\n", readJSON},
		"escaped":      {"", `{"a":"x\ty %d"}` + "\n", readJSON},
		"jsonl, types": {`{"$schema":[["a","long"],["b","string"],["c","decimal"],["d","dynamic"]]}` + "\n", `[%d,"text %[1]d",%[1]d.25,[1,%[1]d]]` + "\n", readJSON},
		"csv":          {"id,n,real,ok,empty\n", "/subscriptions/x/%d,%[1]d,1.5,true,\n", readCSV},
		"csv, types":   {"a:long,b:guid,c:datetime\n", "%d,,2026-01-01\n", readCSV},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			text.WriteString(test.head)
			for i := 0; text.Len() < size; i++ {
				fmt.Fprintf(&text, test.row, i)
			}
			before := alive()
			room := &tableRoom{}
			table, err := test.read(text.String(), room)
			if err != nil {
				t.Fatal(err)
			}
			held := alive() - before
			runtime.KeepAlive(table)
			runtime.KeepAlive(&text)
			if room.held < held/2 || room.held > 2*held {
				t.Errorf("counted %d bytes; %d are alive", room.held, held)
			}
		})
	}
}

func readJSON(text string, room *tableRoom) (*kql.Memory, error) {
	return jsonTable(strings.NewReader(text), room)
}

func readCSV(text string, room *tableRoom) (*kql.Memory, error) {
	return csvTable(strings.NewReader(text), ',', room)
}

// alive is what of the heap is not garbage, in bytes.
func alive() int64 {
	var now runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&now)
	return int64(now.HeapAlloc)
}
