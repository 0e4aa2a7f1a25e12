# What scripts/agent, scripts/setup and scripts/test share: finding or installing Deno, and building
# the native libraries. Sourced by them with $root set to the checkout; prints to stderr only.
# shellcheck shell=sh disable=SC2034,SC2154,SC3013 # test -nt: in every shell that is in use

deno_version=2.9.6 # what is installed when there is none
deno_minimum=2.9   # what is accepted when there is one
tools=$root/.tools
libraries='agent_core_utils agent_container_orchestrator agent_security_tools agent_performance_monitor'

note() { printf 'agent: %s\n' "$*" >&2; }
# die WORDS: says why nothing goes on; with --json ($json is set) in a document on standard output, too.
die() {
  note "$*"
  if [ -n "${json:-}" ]; then
    printf '{\n  "error": {\n    "code": "SETUP",\n    "message": "%s"\n  }\n}\n' \
      "$(printf '%s' "$*" | tr '\n\t' '  ' | tr -d '\000-\037' | sed 's/\\/\\\\/g; s/"/\\"/g; s/   */ /g')"
  fi
  exit 1
}

# deno_is_recent PROGRAM: whether it answers with version 2.9 or later.
deno_is_recent() {
  found=$("$1" --version 2>/dev/null) || return 1
  found=${found#deno }
  found=${found%%[!0-9.]*}
  major=${found%%.*}
  minor=${found#*.}
  minor=${minor%%.*}
  case $major$minor in '' | *[!0-9]*) return 1 ;; esac
  [ "$major" -gt "${deno_minimum%.*}" ] ||
    { [ "$major" -eq "${deno_minimum%.*}" ] && [ "$minor" -ge "${deno_minimum#*.}" ]; }
}

# accept_deno PROGRAM: sets $deno if it is recent. The answer is remembered in .tools/deno.ok until
# another program is found first or the file changes, so that a start asks only once.
accept_deno() {
  [ -n "$1" ] && [ -x "$1" ] || return 1
  known=
  if [ -f "$tools/deno.ok" ]; then read -r known <"$tools/deno.ok" || :; fi
  if [ "$known" != "$1" ] || [ "$1" -nt "$tools/deno.ok" ]; then
    deno_is_recent "$1" || return 1
    { mkdir -p "$tools" && printf '%s\n' "$1" >"$tools/deno.ok"; } 2>/dev/null || :
  fi
  deno=$1
}

# The program that npm unpacked: the binary itself, or the package's Node shim that unpacks it when
# npm was told to run no install scripts.
installed_deno() {
  if [ -x "$tools/node_modules/deno/deno" ]; then
    printf '%s\n' "$tools/node_modules/deno/deno"
  else
    printf '%s\n' "$tools/node_modules/.bin/deno"
  fi
}

install_deno() {
  command -v npm >/dev/null 2>&1 || die "Deno $deno_minimum or later is needed, and npm, with which it
  could be installed into .tools/, is not here either. Install Deno (https://docs.deno.com/runtime/getting_started/installation)
  or Node.js with npm, then run this again."
  note "installing Deno $deno_version into .tools/ (npm package, about 90 MB, once)"
  fresh=$tools/new.$$
  mkdir -p "$fresh" || die "cannot write to $tools: make the checkout writable or install Deno $deno_minimum"
  if ! npm install --prefix "$fresh" --no-audit --no-fund --loglevel=error "deno@$deno_version" >"$fresh/log" 2>&1; then
    cat "$fresh/log" >&2
    rm -rf "$fresh"
    die "npm could not install deno@$deno_version (its answer is above): check the network or install Deno $deno_minimum by hand"
  fi
  # A whole folder by one rename: a second start at the same time sees all of it or nothing.
  rm -rf "$tools/node_modules"
  mv "$fresh/node_modules" "$tools/node_modules" 2>/dev/null || [ -d "$tools/node_modules" ] ||
    die "cannot move the installed Deno to $tools/node_modules"
  rm -rf "$fresh" "$tools/node_modules/node_modules"
  # The shim unpacks the binary at its first start; ask once so that later starts skip Node.
  "$tools/node_modules/.bin/deno" --version >/dev/null 2>&1 || :
  accept_deno "$(installed_deno)" ||
    die "the installed deno@$deno_version does not start here ($(installed_deno) --version shows why)"
}

# prepare_deno: sets $deno to a program of version 2.9 or later: on PATH, in .tools/, or installed now.
prepare_deno() {
  accept_deno "$(command -v deno 2>/dev/null || :)" || accept_deno "$(installed_deno)" || install_deno
}

# library_file NAME: what its file is called here.
library_file() {
  case $(uname -s) in
    Darwin) echo "lib$1.dylib" ;;
    MINGW* | MSYS* | CYGWIN*) echo "$1.dll" ;;
    *) echo "lib$1.so" ;;
  esac
}

libraries_present() {
  for library in $libraries; do
    [ -f "$root/target/release/$(library_file "$library")" ] || return 1
  done
}

# newer_sources STAMP: the Rust sources, manifests and folders changed since the stamp was written.
newer_sources() {
  find "$root/rust" "$root/Cargo.toml" "$root/Cargo.lock" "$root/.cargo" "$root/rust-toolchain.toml" \
    -name target -prune -o -newer "$1" -print 2>/dev/null
}

stamp_holds() { [ -f "$1" ] && [ -z "$(newer_sources "$1")" ]; }

# prepare_native [again]: builds what is missing or older than its sources. Returns 0 if all four
# libraries are there, 1 if not (no cargo, a failed build, or AGENT_BUILD=0); never stops by itself.
# A failed build is not tried again until a source changes, unless "again" is given.
prepare_native() {
  if [ "${AGENT_BUILD:-1}" = 0 ]; then libraries_present && return 0 || return 1; fi
  if libraries_present && stamp_holds "$tools/native.built"; then
    # The proxy may be missing for a reason that is mended by now, or linked as a plain cargo build does it.
    if [ "${1:-}" = again ] && command -v cargo >/dev/null 2>&1; then build_proxy; fi
    return 0
  fi
  native_reason='cargo is not installed'
  if ! command -v cargo >/dev/null 2>&1; then libraries_present && return 0 || return 1; fi
  native_reason="the last build failed (see $tools/native.log; scripts/setup tries again)"
  if [ "${1:-}" != again ] && stamp_holds "$tools/native.failed"; then return 1; fi
  build_native
}

# build_proxy: the program through which a sandbox reaches named hosts. It is linked statically, since its image holds
# nothing else, and is for Linux, where engines run. Without it everything else works.
build_proxy() {
  [ "$(uname -s)" = Linux ] || return 0
  (cd "$root" && unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS &&
    cargo rustc --quiet --release --locked --target-dir "$root/target" --package agent-egress-proxy \
      --bin agent-egress-proxy -- -C target-feature=+crt-static >"$tools/proxy.log" 2>&1) && return 0
  [ $? -le 128 ] || exit 1
  note "warning: no egress proxy (see $tools/proxy.log): sandboxes reach no hosts by name. It needs the static C library"
}

build_native() {
  mkdir -p "$tools" || return 1
  # Written before the build: what is edited meanwhile counts as newer.
  : >"$tools/native.stamp.$$"
  note 'building the native libraries (cargo build --release: some minutes, once; AGENT_BUILD=0 goes on without them)'
  set -- build --release --locked --target-dir "$root/target"
  for library in $libraries; do
    set -- "$@" --package "$(printf '%s' "$library" | tr _ -)"
  done
  # Flags from the environment would replace those of .cargo/config.toml, which keep the libraries mapped.
  if [ -t 2 ]; then
    (cd "$root" && unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS && cargo "$@" >&2) && built=0 || built=$?
  else
    (cd "$root" && unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS &&
      cargo "$@" --quiet >"$tools/native.log" 2>&1) && built=0 || built=$?
  fi
  if [ "$built" -eq 0 ] && libraries_present; then
    build_proxy
    mv "$tools/native.stamp.$$" "$tools/native.built"
    rm -f "$tools/native.failed"
    return 0
  fi
  if [ "$built" -gt 128 ]; then # stopped by a signal: not a verdict on the sources
    rm -f "$tools/native.stamp.$$"
    exit "$built"
  fi
  mv "$tools/native.stamp.$$" "$tools/native.failed"
  if [ -t 2 ]; then
    native_reason='cargo could not build them (its messages are above)'
  else
    tail -n 20 "$tools/native.log" >&2
    native_reason="cargo could not build them (all of its messages: $tools/native.log)"
  fi
  note "warning: no native libraries: $native_reason. Everything works without them, in TypeScript."
  return 1
}
