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

// engine is one Chromium for all tests, because its start is what takes time.
// It is spoken to over a pair of pipes, with the few calls of its protocol that
// these tests need: no port, no WebSocket, no module.
type engine struct {
	to   *os.File
	cmd  *exec.Cmd
	dir  string
	skip string // why there is none

	mu      sync.Mutex
	next    int
	answers map[int]chan answer
	pages   map[string]*browser // by session
}

type answer struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

// theEngine starts with the first test that wants it.
var (
	theEngine = sync.OnceValue(startEngine)
	running   *engine
)

func TestMain(m *testing.M) {
	code := m.Run()
	if running != nil {
		running.stop()
	}
	os.Exit(code)
}

func startEngine() *engine {
	e := &engine{answers: map[int]chan answer{}, pages: map[string]*browser{}}
	running = e
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		e.skip = "no chromium here; apt-get install chromium to see the report in a browser"
		return e
	}
	if err := e.start(path); err != nil {
		e.skip = fmt.Sprintf("%s does not start: %v", path, err)
	}
	return e
}

func (e *engine) start(path string) (err error) {
	if e.dir, err = os.MkdirTemp("", "bartizan-browser"); err != nil {
		return err
	}
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		return err
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		return err
	}
	e.cmd = exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
		"--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-ipc-flooding-protection", "--user-data-dir="+e.dir)
	e.cmd.ExtraFiles = []*os.File{theirIn, theirOut} // descriptors 3 and 4
	e.to = ourOut
	defer theirIn.Close()
	defer theirOut.Close()
	if err := e.cmd.Start(); err != nil {
		return err
	}
	go e.listen(ourIn)
	return nil
}

func (e *engine) stop() {
	if e.skip == "" {
		if _, err := e.send("", "Browser.close", nil); err == nil {
			time.AfterFunc(5*time.Second, func() { e.cmd.Process.Kill() })
		}
		e.cmd.Wait()
	}
	os.RemoveAll(e.dir)
}

// listen hands answers to whoever waits, and to every page what happens in it.
func (e *engine) listen(from *os.File) {
	defer from.Close()
	in := bufio.NewReaderSize(from, 1<<20)
	for {
		text, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var m struct {
			ID        int
			Method    string
			SessionID string
			Params    json.RawMessage
			answer
		}
		if json.Unmarshal(text[:len(text)-1], &m) != nil {
			continue
		}
		e.mu.Lock()
		if c := e.answers[m.ID]; c != nil {
			c <- m.answer
			delete(e.answers, m.ID)
		}
		if b := e.pages[m.SessionID]; b != nil {
			b.hear(m.Method, m.Params)
		}
		e.mu.Unlock()
	}
}

func (e *engine) send(session, method string, params map[string]any) (chan answer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.next++
	c := make(chan answer, 1)
	e.answers[e.next] = c
	message := map[string]any{"id": e.next, "method": method}
	if params != nil {
		message["params"] = params
	}
	if session != "" {
		message["sessionId"] = session
	}
	text, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	_, err = e.to.Write(append(text, 0))
	return c, err
}

// browser is one page of the engine, with a memory of its own.
type browser struct {
	t       *testing.T
	engine  *engine
	session string   // "" until there is a page: then calls go to the engine
	noise   []string // console errors, exceptions, requests
}

// startBrowser opens one page, or skips the test where no browser is.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	b := &browser{t: t, engine: theEngine()}
	if b.engine.skip != "" {
		t.Skip(b.engine.skip)
	}
	var context struct{ BrowserContextID string }
	b.call("Target.createBrowserContext", nil, &context)
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": context.BrowserContextID}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	b.engine.mu.Lock()
	b.engine.pages[b.session] = b
	b.engine.mu.Unlock()
	t.Cleanup(func() {
		b.session = ""
		b.call("Target.disposeBrowserContext", map[string]any{"browserContextId": context.BrowserContextID}, nil)
	})
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// hear keeps what should not happen.
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

func (b *browser) call(method string, params map[string]any, result any) {
	b.t.Helper()
	sent, err := b.engine.send(b.session, method, params)
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	select {
	case a := <-sent:
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
	b.engine.mu.Lock()
	defer b.engine.mu.Unlock()
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
