# The commands of the house. docs/architecture.md is the map, CONTRIBUTING.md
# says how to work here.

.PHONY: demo build test check fuzz bench prove clean

# What a newcomer runs first: the report of a made-up company.
demo: build
	./bartizan demo --report

build:
	go build -trimpath -o bartizan ./cmd/bartizan

# What CI runs: .ci/run calls this and nothing else. Every test runs once; under
# the race detector, which takes ten times as long, run again the tests of the
# packages in which things run at once, but for the long ones (testing.Short).
test: check
	go test -timeout 20m ./...
	go test -race -short -timeout 20m $$(.ci/concurrent)
	.ci/fuzz 3s

# What needs no test run: form, vet, lint, and that the linker may drop what
# nobody uses.
check:
	.ci/format
	go vet ./...
	go tool staticcheck -checks=all ./...
	.ci/reflect

# Measures; prints ratios, fails nothing. docs/performance.md keeps the table.
bench:
	go run ./bench/run

# The long runs: ten minutes a fuzz target, a million resources.
prove: test
	.ci/fuzz 10m
	go run ./bench/run --million

clean:
	rm -rf bartizan bench/out
