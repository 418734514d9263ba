package cli

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pseudoTerminal opens a pseudo terminal: our end, and the program's.
func pseudoTerminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { ours.Close() })
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Skip(err)
	}
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	return ours, theirs
}

// atPrompt types keys at the prompt of a terminal and gives what it showed.
func atPrompt(t *testing.T, keys string) string {
	t.Helper()
	return atPromptOf(t, "set cursor-position-probe off\n", keys)
}

// atPromptOf has some settings of the line editor first.
func atPromptOf(t *testing.T, settings, keys string) string {
	t.Helper()
	home := t.TempDir()
	inputrc := settings + "set convert-meta on\nset input-meta off\n"
	if err := os.WriteFile(filepath.Join(home, ".inputrc"), []byte(inputrc), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"bartizan", "query", "--format", "csv"}
	for table, content := range map[string]string{"resources": "n\n5\n", "resourcechanges": "n\n50\n", "rooms": "n\n500\n"} {
		file := filepath.Join(home, table+".csv")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--tables", table+"="+file)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := pseudoTerminal(t)
	cmd := exec.Command(program)
	cmd.Args = args
	cmd.Env = []string{"HOME=" + home, "XDG_STATE_HOME=" + home, "INPUTRC=" + filepath.Join(home, ".inputrc"), "TERM=xterm"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	theirs.Close()
	shown := make(chan string)
	go func() {
		text, _ := io.ReadAll(ours) // ends with an error when the program ends
		shown <- string(text)
	}()
	fmt.Fprint(ours, keys)
	err = cmd.Wait()
	got := <-shown
	if err != nil {
		t.Errorf("%v; shown:\n%q", err, got)
	}
	return got
}

// TestLetters types letters beyond ASCII at the prompt of a terminal, under an
// inputrc that takes them for keys with Meta.
func TestLetters(t *testing.T) {
	letters := "äöüßé€日ñÿ¡e\u0301👩\u200d👩!"
	got := atPrompt(t, fmt.Sprintf("print s=strcat(\"<\", \"%s>\")\r\x1b[200~print s=strcat(\"[\", \"%s]\")\x1b[201~\r.exit\r", letters, letters))
	if !strings.Contains(got, "\n<"+letters+">") || !strings.Contains(got, "\n["+letters+"]") {
		t.Errorf("shown:\n%q", got)
	}
}

// TestPaste: the terminal is asked to say what is pasted, and that is one query.
func TestPaste(t *testing.T) {
	got := atPrompt(t, "\x1b[200~resources\r| where n == 6\r| count\x1b[201~\r.exit\r")
	if !strings.Contains(got, "\x1b[?2004h") || !strings.Contains(got, "Count\r\n0\r") || strings.Contains(got, "n\r\n5\r") {
		t.Errorf("shown:\n%q", got)
	}
}

// TestTerminalThatDoesNotAnswer: this one never tells where its cursor is.
func TestTerminalThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	if got := atPromptOf(t, "", "print x=40+2\r.exit\r"); !strings.Contains(got, "x\r\n42\r") {
		t.Errorf("shown:\n%q", got)
	}
}

// TestTab types Tab, and keys after it.
func TestTab(t *testing.T) {
	tests := map[string]struct{ keys, want string }{
		"a_blank_after_a_name":    {"resourcec\t | project x=n+1\r", "x\r\n51\r"},
		"a_letter_after_a_part":   {"reso\ts | project x=n+2\r", "x\r\n7\r"},
		"a_bar_after_a_name":      {"roo\t| project x=n+3\r", "x\r\n503\r"},
		"the_shorter_name_first":  {"resource\t\t | project x=n+4\r", "x\r\n9\r"},
		"a_name_in_the_middle":    {"print countof(strc\x01\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x05at(\"aa\", \"a\"), \"a\")\r", "\n3\r"},
		"letters_of_any_case":     {"ROO\t | project x=n+6\r", "x\r\n506\r"},
		"nothing_typed_in_a_call": {"rooms | project x=tolong(\t\t)+7\r", "x\r\n507\r"},
		"a_command":               {".sch\t rooms\r", "column,type\r\nn,long\r"},
		"what_a_command_is_about": {".schema roo\t\r", "column,type\r\nn,long\r"},
		"letters_of_many_bytes":   {"print strlen(\"größe\"), x=8+tolon\t(5)\r", "5,13\r"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := atPrompt(t, test.keys+".exit\r"); !strings.Contains(got, test.want) {
				t.Errorf("shown:\n%q; want %q", got, test.want)
			}
		})
	}
}
