# The steps of scripts/test, one function each, and how their results are counted. Sourced with
# $root (the working folder) and $deno set.
# shellcheck shell=sh disable=SC2154,SC2034,SC2086

step_names='fmt lint rust-fmt clippy rust loom memory build bindings check doc-lint deno-native deno-pure doc-test e2e publish checks'

list_steps() {
  cat <<'EOF'
fmt          deno fmt --check
lint         deno lint
rust-fmt     cargo fmt --check
clippy       cargo clippy with warnings as errors
rust         cargo test
loom         the interleavings of the ring's queue, all of them
memory       the tests of the boundary toolkit under valgrind
build        the native libraries, as scripts/setup builds them
bindings     headers and symbol tables are generated again and compared
check        type check of everything
doc-lint     deno doc --lint of the public modules
deno-native  deno test with AGENT_IMPLEMENTATION=native, op and resource sanitizers on
deno-pure    the same with AGENT_IMPLEMENTATION=pure
doc-test     the examples in the documentation
e2e          the command line, each command with exactly its permissions
publish      deno publish --dry-run
checks       the repository's own rules
EOF
}

step_fmt() { "$deno" fmt --check; }
step_lint() { "$deno" lint --quiet; }
step_rust_fmt() { cargo fmt --all --check; }
step_clippy() { cargo clippy --quiet --locked --workspace --all-targets -- -D warnings; }
step_rust() { cargo test --quiet --locked --workspace --no-fail-fast; }
step_loom() { cargo test --quiet --locked --package agent-ffi --features loom --release loom; }
step_memory() {
  target=$(rustc --print host-tuple | tr 'a-z-' 'A-Z_')
  env "CARGO_TARGET_${target}_RUNNER=valgrind --quiet --error-exitcode=9" \
    cargo test --quiet --locked --package agent-ffi
}
step_build() { prepare_native again; }
step_bindings() {
  cargo run --quiet --locked --package headers -- --check &&
    "$deno" run --no-prompt --allow-read=rust,src/ffi/generated scripts/gen_bindings.ts --check
}
step_check() { "$deno" check --quiet mod.ts src scripts tests bench; }
step_doc_lint() { public_modules | xargs "$deno" doc --lint; }
step_deno_native() { AGENT_IMPLEMENTATION=native deno_test $sanitizers --ignore=tests/e2e tests; }
step_deno_pure() { AGENT_IMPLEMENTATION=pure deno_test $sanitizers --ignore=tests/e2e,tests/ffi,tests/bindings tests; }
# Examples load libraries without preloading them, which the sanitizers would call a leak.
step_doc_test() { deno_test --doc mod.ts src README.md docs; }
step_e2e() { deno_test $sanitizers tests/e2e; }
step_publish() { "$deno" publish --dry-run --allow-dirty --quiet; }
step_checks() { "$deno" run --no-prompt --allow-read=. --allow-run=git scripts/lib/checks.ts; }

# The files that deno.json exports.
public_modules() {
  sed -n '/"exports"/,/}/s/^ *"\.[^"]*": *"\([^"]*\)".*/\1/p' deno.json
}

# Tests start programs, open libraries, write to temporary folders and listen there on sockets, whose
# names cannot be listed beforehand. They reach no other machine.
sanitizers='--sanitize-ops --sanitize-resources'
deno_test() {
  "$deno" test --no-prompt --quiet \
    --allow-read --allow-write --allow-env --allow-run --allow-ffi --allow-sys \
    --allow-net "$@"
}

# run_step NAME: runs a step, shows it, and adds what it counted to $passed, $failed and $skipped.
run_step() {
  printf '\n=== %s\n' "$1"
  case $1 in
    rust-fmt | clippy | rust | loom | memory | build | bindings)
      if ! command -v cargo >/dev/null 2>&1; then
        skip_step "$1" 'cargo is not installed'
        return
      fi
      ;;
  esac
  case $1 in
    memory)
      if ! command -v valgrind >/dev/null 2>&1; then
        skip_step "$1" 'valgrind is not installed'
        return
      fi
      ;;
    deno-native)
      if ! prepare_native; then
        skip_step "$1" "there are no native libraries: ${native_reason:-}"
        return
      fi
      ;;
  esac
  log=$results/log
  { "step_$(printf '%s' "$1" | tr - _)" && echo 0 >"$results/status" || echo $? >"$results/status"; } 2>&1 </dev/null |
    tee "$log"
  read -r status <"$results/status"
  count_log "$log"
  if [ "$status" -ne 0 ] && [ "$log_failed" -eq 0 ]; then log_failed=1; fi
  if [ "$((log_passed + log_failed + log_skipped))" -eq 0 ]; then log_passed=1; fi
  if [ "$log_skipped" -gt 0 ]; then troubled "$1" "$log_skipped skipped"; fi
  if [ "${CI:-}" = true ]; then
    log_failed=$((log_failed + log_skipped))
    log_skipped=0
  fi
  passed=$((passed + log_passed))
  failed=$((failed + log_failed))
  skipped=$((skipped + log_skipped))
  if [ "$log_failed" -gt 0 ]; then troubled "$1" "$log_failed failed"; else printf -- '--- %s: ok\n' "$1"; fi
}

skip_step() {
  printf 'skipped: %s\n' "$2"
  if [ "${CI:-}" = true ]; then failed=$((failed + 1)); else skipped=$((skipped + 1)); fi
  troubled "$1" "skipped, $2"
}

troubled() {
  troubles="$troubles  $1: $2
"
}

# count_log FILE: adds up the closing lines of `cargo test` and `deno test`, if there are any.
count_log() {
  counts=$(awk '
    /^test result: / {
      for (i = 1; i < NF; i++) {
        if ($(i + 1) ~ /^passed/) p += $i
        if ($(i + 1) ~ /^failed/) f += $i
        if ($(i + 1) ~ /^ignored/) s += $i
      }
    }
    /^(ok|FAILED) \| / {
      for (i = 1; i < NF; i++) {
        if ($(i + 1) == "passed") p += $i
        if ($(i + 1) == "failed") f += $i
        if ($(i + 1) == "ignored") s += $i
      }
    }
    END { print p + 0, f + 0, s + 0 }' "$1")
  log_passed=${counts%% *}
  log_skipped=${counts##* }
  log_failed=${counts#* }
  log_failed=${log_failed% *}
}
