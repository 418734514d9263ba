package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/bench/rules"
)

// compared is how many resources the engines are compared on.
const compared = 10_000

func (b *bench) file(name string) string { return filepath.Join(b.out, name) }

func (b *bench) estate(resources int) string {
	return b.file(fmt.Sprintf("estate-%d.jsonl", resources))
}

func (b *bench) sizes() []int {
	if b.million {
		return []int{10_000, 100_000, 1_000_000}
	}
	return []int{10_000, 100_000}
}

// prepare writes what the programs read. It leaves the work to programs of
// their own: the kernel counts the peak memory of a process from that of the
// one that started it, so this one has to stay small.
func (b *bench) prepare() error {
	if err := os.MkdirAll(b.out, 0o777); err != nil {
		return err
	}
	if err := b.build("estate", "parameters"); err != nil {
		return err
	}
	for _, n := range append([]int{1}, b.sizes()...) {
		b.say("estate of %s resources", count(n))
		// Making it is quicker than finding out whether one that is there is still the same.
		if _, err := start(1, b.file("estate"), "--resources", fmt.Sprint(n), "--output", b.estate(n)); err != nil {
			return err
		}
	}
	if err := pick(b.estate(100_000), b.file("six-types.jsonl")); err != nil {
		return err
	}
	u, err := start(1, b.file("parameters"), "--policies", b.policies,
		"--output", b.file("parameters.json"), "--definitions", b.file("definitions.jsonl"))
	if err != nil {
		return err
	}
	b.table.figure("built-ins given to assess", strings.TrimSpace(string(u.stdout)))
	return nil
}

// build builds programs of the benchmark, and bartizan itself.
func (b *bench) build(names ...string) error {
	out, err := filepath.Abs(b.out)
	if err != nil {
		return err
	}
	for _, name := range names {
		folder, pkg := ".", "./bench/"+name
		switch name {
		case "bartizan":
			pkg = "./cmd/bartizan"
		case "opa", "kqlsqlite": // modules of their own
			folder, pkg = "bench/"+name, "."
		}
		if err := goBuild(folder, filepath.Join(out, name), pkg); err != nil {
			return err
		}
	}
	return nil
}

// many is the program with twenty times the content.
const many = "bartizan-many"

// buildMany builds it: the same sources, but another packed catalogue.
func (b *bench) buildMany() error {
	out, err := filepath.Abs(b.out)
	if err != nil {
		return err
	}
	packed, overlay := filepath.Join(out, "packed-many.bin"), filepath.Join(out, "overlay.json")
	cmd := exec.Command("go", "test", "./internal/catalog", "-run", "^TestPack_of_twenty_times_the_content$", "-count", "1", "-args", "-many", packed)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pack twenty times the content: %w\n%s", err, text)
	}
	original, err := filepath.Abs(filepath.Join("internal", "catalog", "packed.bin"))
	if err != nil {
		return err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{original: packed}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(overlay, text, 0o644); err != nil {
		return err
	}
	return goBuild(".", filepath.Join(out, many), "./cmd/bartizan", "-overlay", overlay)
}

func goBuild(folder, out, pkg string, flags ...string) error {
	cmd := exec.Command("go", slices.Concat([]string{"build", "-trimpath", "-o", out}, flags, []string{pkg})...)
	cmd.Dir = folder
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, text)
	}
	return nil
}

// pick copies the first resources of the six types that the rules are about.
func pick(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer out.Close()
	w := bufio.NewWriter(out)
	var parser fastjson.Parser
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), 16<<20)
	taken := 0
	for taken < compared && lines.Scan() {
		v, err := parser.ParseBytes(lines.Bytes())
		if err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		if slices.Contains(rules.Types, string(v.GetStringBytes("type"))) {
			w.Write(lines.Bytes())
			w.WriteByte('\n')
			taken++
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return w.Flush()
}

// sameText compares two files of verdicts and names the first difference.
func sameText(a, b string) error {
	one, err := os.ReadFile(a)
	if err != nil {
		return err
	}
	two, err := os.ReadFile(b)
	if err != nil {
		return err
	}
	if bytes.Equal(one, two) {
		return nil
	}
	left, right := strings.Split(string(one), "\n"), strings.Split(string(two), "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return fmt.Errorf("verdicts differ at resource %d: %s has %s, %s has %s", i+1, a, left[i], b, right[i])
		}
	}
	return fmt.Errorf("verdicts differ: %s has %d, %s has %d", a, len(left), b, len(right))
}
