//! Writes the C headers of AGENT's libraries with cbindgen, one an area, and each library's digest of them.
//!
//! `cargo run -p headers` writes them; `cargo run -p headers -- --check` changes nothing, names the
//! files that differ from the sources and exits 1. `deno task bindings` reads the result.
//!
//! An area is a module of a library: `src/<area>.rs` or `src/<area>/mod.rs` makes `include/<area>.h`; the
//! toolkit has one header, `agent_ffi.h`. A header holds its area's exports, constants named `AGENT_*`
//! and, for the toolkit, the statuses; other public constants are no part of the ABI and stay out.

// A program for developers, not a library: what it prints is its result.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod digest;
mod header;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The libraries, each with the prefix of its areas' names in C.
const LIBRARIES: [(&str, &str); 4] = [
    ("agent-core-utils", "agent_core"),
    ("agent-container-orchestrator", "agent"),
    ("agent-security-tools", "agent"),
    ("agent-performance-monitor", "agent"),
];

/// Modules of a library that are no areas.
const NO_AREAS: [&str; 2] = ["lib", "digest"];

/// A file with what it should hold.
struct Generated {
    path: PathBuf,
    text: String,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = match arguments.as_slice() {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => {
            eprintln!("usage: cargo run -p headers [-- --check]");
            return ExitCode::from(2);
        }
    };
    match run(check) {
        Ok(stale) if stale.is_empty() => ExitCode::SUCCESS,
        Ok(stale) => {
            for path in stale {
                eprintln!("{} differs from its sources", path.display());
            }
            eprintln!("Run `cargo run -p headers` and commit the result");
            ExitCode::FAILURE
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Generates every file; writes those that changed, or with `check` returns their paths.
fn run(check: bool) -> Result<Vec<PathBuf>, String> {
    let files = generate()?;
    let stale: Vec<Generated> = files
        .into_iter()
        .filter(|file| std::fs::read_to_string(&file.path).ok().as_ref() != Some(&file.text))
        .collect();
    if check {
        return Ok(stale.into_iter().map(|file| file.path).collect());
    }
    for Generated { path, text } in &stale {
        let failed = |error: io::Error| format!("{}: {error}", path.display());
        std::fs::create_dir_all(path.parent().unwrap_or(path)).map_err(failed)?;
        std::fs::write(path, text).map_err(failed)?;
        println!("{}", path.display());
    }
    Ok(Vec::new())
}

/// The toolkit's header, then each library's headers and its digest.
fn generate() -> Result<Vec<Generated>, String> {
    // The manifest's folder, fixed when this program is built: it works from any current directory.
    let rust = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or("rust/ has no parent")?;
    let toolkit = Generated {
        path: rust.join("agent-ffi/include/agent_ffi.h"),
        text: header::generate("agent_ffi", &rust.join("agent-ffi/src/lib.rs"))?,
    };
    let mut files = vec![toolkit];
    for (library, prefix) in LIBRARIES {
        let folder = rust.join(library);
        let first = files.len();
        for (area, source) in areas(&folder.join("src"))? {
            files.push(Generated {
                path: folder.join("include").join(format!("{area}.h")),
                text: header::generate(&format!("{prefix}_{area}"), &source)?,
            });
        }
        let headers = std::iter::once(&files[0]).chain(&files[first..]);
        let text = digest::source(headers.map(|header| header.text.as_str()));
        let path = folder.join("src/digest.rs");
        files.push(Generated { path, text });
    }
    Ok(files)
}

/// The areas of a library with their sources, by name.
fn areas(folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    let mut areas = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .unwrap_or_default()
            .to_owned();
        if !NO_AREAS.contains(&name.as_str()) {
            let module = path.join("mod.rs");
            areas.push((name, if module.exists() { module } else { path }));
        }
    }
    areas.sort();
    Ok(areas)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_area_has_a_header_with_its_own_guard_and_exports() {
        let files = generate().unwrap();
        let headers: Vec<&Generated> = files
            .iter()
            .filter(|file| file.path.extension().is_some_and(|ending| ending == "h"))
            .collect();
        assert_eq!(headers.len(), 17);
        for Generated { path, text } in headers {
            let guard = text
                .split("#define ")
                .nth(1)
                .and_then(|rest| rest.split_once("_H\n"));
            let prefix = guard.unwrap().0.to_lowercase();
            let area = path.file_stem().unwrap().to_str().unwrap();
            assert!(prefix.ends_with(area), "{prefix} of {area}");
            let mut exports = text.lines().filter_map(|line| {
                let (before, _) = line.split_once('(')?;
                before
                    .starts_with(char::is_alphabetic)
                    .then(|| before.rsplit(' ').next())?
            });
            let own = |export| export == "agent_core_digest" || export_of(export, &prefix);
            assert!(
                text.starts_with(header::NOTICE) && exports.clone().next().is_some(),
                "{area}"
            );
            assert!(exports.all(own), "{area} has its own exports only");
        }
    }

    fn export_of(export: &str, prefix: &str) -> bool {
        export
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with('_'))
    }

    #[test]
    fn every_library_has_a_digest_of_its_own() {
        let files = generate().unwrap();
        let digests = files
            .iter()
            .filter(|file| file.path.ends_with("src/digest.rs"));
        let different: HashSet<&str> = digests.map(|file| file.text.as_str()).collect();
        assert_eq!(different.len(), LIBRARIES.len());
    }
}
