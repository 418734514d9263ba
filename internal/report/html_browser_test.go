//go:build unix

package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// browser speaks to a Chromium over a pair of pipes, with the few calls of its
// protocol that these tests need: no port, no WebSocket, no module.
type browser struct {
	t       *testing.T
	to      *os.File
	session string // of the page

	mu      sync.Mutex
	next    int
	answers map[int]chan answer
	noise   []string // console errors, exceptions, requests
}

type answer struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

// startBrowser opens one page, or skips the test where no browser is.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no chromium here; apt-get install chromium to see the report in a browser")
	}
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
		"--no-first-run", "--disable-extensions", "--user-data-dir="+t.TempDir())
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		t.Skipf("%s does not start: %v", path, err)
	}
	theirIn.Close()
	theirOut.Close()
	b := &browser{t: t, to: ourOut, answers: map[int]chan answer{}}
	go b.listen(ourIn)
	t.Cleanup(func() {
		b.send("Browser.close", nil)
		done := make(chan struct{})
		go func() { cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			<-done
		}
		ourOut.Close()
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// listen hands answers to whoever waits, and keeps what should not happen.
func (b *browser) listen(from *os.File) {
	defer from.Close()
	in := bufio.NewReaderSize(from, 1<<20)
	for {
		text, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var m struct {
			ID     int
			Method string
			Params json.RawMessage
			answer
		}
		if json.Unmarshal(text[:len(text)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		if c := b.answers[m.ID]; m.ID > 0 && c != nil {
			c <- m.answer
			delete(b.answers, m.ID)
		}
		b.hear(m.Method, m.Params)
		b.mu.Unlock()
	}
}

func (b *browser) hear(method string, params json.RawMessage) {
	switch method {
	case "Runtime.exceptionThrown", "Log.entryAdded":
		b.noise = append(b.noise, method+" "+string(params))
	case "Runtime.consoleAPICalled":
		var call struct{ Type string }
		if json.Unmarshal(params, &call) == nil && (call.Type == "error" || call.Type == "warning") {
			b.noise = append(b.noise, method+" "+string(params))
		}
	case "Network.requestWillBeSent":
		var sent struct{ Request struct{ URL string } }
		if json.Unmarshal(params, &sent) == nil && !strings.HasPrefix(sent.Request.URL, "file:") && !strings.HasPrefix(sent.Request.URL, "data:") {
			b.noise = append(b.noise, method+" "+sent.Request.URL)
		}
	}
}

func (b *browser) send(method string, params map[string]any) chan answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	c := make(chan answer, 1)
	b.answers[b.next] = c
	message := map[string]any{"id": b.next, "method": method}
	if params != nil {
		message["params"] = params
	}
	if b.session != "" && !strings.HasPrefix(method, "Browser.") && !strings.HasPrefix(method, "Target.") {
		message["sessionId"] = b.session
	}
	text, err := json.Marshal(message)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Logf("%s: %v", method, err)
	}
	return c
}

func (b *browser) call(method string, params map[string]any, result any) {
	b.t.Helper()
	select {
	case a := <-b.send(method, params):
		if a.Error != nil {
			b.t.Fatalf("%s: %s", method, a.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(a.Result, result); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
	case <-time.After(60 * time.Second):
		b.t.Fatalf("%s: no answer within a minute", method)
	}
}

// eval gives what an expression of the page's script comes to.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	var r struct {
		Result           struct{ Value T }
		ExceptionDetails *struct {
			Exception struct{ Description string }
		}
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, r.ExceptionDetails.Exception.Description)
	}
	return r.Result.Value
}

// until waits for an expression to become true.
func (b *browser) until(expression string) {
	b.t.Helper()
	for end := time.Now().Add(30 * time.Second); !eval[bool](b, "Boolean(document.documentElement && "+expression+")"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("never true: %s\n%s", expression, strings.Join(b.heard(), "\n"))
		}
	}
}

// open shows a file and waits until its checks are read.
func (b *browser) open(file, hash string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": "about:blank"}, nil)
	b.call("Page.navigate", map[string]any{"url": "file://" + file + hash}, nil)
	b.until(`document.documentElement.dataset.ready`)
}

func (b *browser) resize(width, height int) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
}

// press sends one key as a keyboard does.
func (b *browser) press(key string) {
	b.t.Helper()
	text := key
	if len(key) > 1 {
		text = map[string]string{"Enter": "\r"}[key]
	}
	code := map[string]int{"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "End": 35, "Home": 36}[key]
	for _, kind := range []string{"keyDown", "keyUp"} {
		event := map[string]any{"type": kind, "key": key, "windowsVirtualKeyCode": code}
		if kind == "keyDown" && text != "" {
			event["text"] = text
		}
		b.call("Input.dispatchKeyEvent", event, nil)
	}
}

func (b *browser) write(text string) {
	b.t.Helper()
	b.call("Input.insertText", map[string]any{"text": text}, nil)
}

func (b *browser) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.noise...)
}

// picture keeps what the page looks like, in the folder that the environment
// variable BARTIZAN_PICTURES names, if it does.
func (b *browser) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("BARTIZAN_PICTURES")
	if dir == "" {
		return
	}
	var shot struct{ Data []byte }
	b.call("Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	if err := os.WriteFile(fmt.Sprintf("%s/%s.png", dir, name), shot.Data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// paper prints the page and gives the PDF.
func (b *browser) paper() []byte {
	b.t.Helper()
	var pdf struct{ Data []byte }
	b.call("Page.printToPDF", map[string]any{"printBackground": true, "preferCSSPageSize": true}, &pdf)
	return pdf.Data
}
