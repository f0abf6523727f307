# Everything there is to do in this repository. `make` alone lists it.
#
# Works with GNU make 3.81 (macOS) and newer, and any POSIX shell.

CARGO ?= cargo

# For `make test T=name`: only tests whose name contains it.
T ?=
# For `make bench ARGS=…`.
ARGS ?=

# Tests that need the network, other programs or minutes hide behind this feature, which turns on that of the testkit, and that of the tables.
SLOW = --features shoal-tests/slow-tests,shoal-tables/slow-tests

# $(call with-postgres,<cargo's arguments>): builds first, so that no server waits for the compiler. The wrapper is
# called where cargo put it, not by `cargo run`, which would build its dependencies a second time.
define with-postgres
@set -e; \
if $(CARGO) nextest --version >/dev/null 2>&1; then run="nextest run"; else run="test"; fi; \
$(CARGO) $$run --workspace $(1) --no-run; \
target=$$($(CARGO) metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/'); \
"$$target/debug/with-postgres" $(CARGO) $$run --workspace $(1) $(T)
endef

.DEFAULT_GOAL := help
.PHONY: help run test test-all check schema bench

help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: ## Start Shoal with sample data; nothing to set up
	$(CARGO) run --release -p shoal -- serve --demo

test: ## Run the tests on SQLite and PostgreSQL; T=name picks some
	$(call with-postgres,)

test-all: ## Run all tests, also the slow ones and the examples in the documentation
	$(CARGO) test --workspace --doc $(SLOW)
	$(call with-postgres,$(SLOW))

check: ## Check format, lints, documentation and generated files
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --workspace --all-targets $(SLOW) -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --all-features --no-deps
	$(CARGO) run -p shoal -- schema check

schema: ## Write the generated files in schema/
	$(CARGO) run -p shoal -- schema write

bench: ## Measure a release build; ARGS goes to `shoal bench`
	$(CARGO) run --release -p shoal -- bench $(ARGS)
