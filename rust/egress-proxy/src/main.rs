//! The program between a sandbox and the network. It has one leg in a network where nothing but the
//! box is, and one outside. What the box may reach is a list of hosts and ports; every name is resolved
//! here, every address checked, and the checked address is the one that is dialled.
//!
//! It is started with its settings as JSON, its only argument, and writes what it lets pass and what
//! not to standard output, a JSON object a line. The client of both is `src/containers/egress/`.
//!
//! It is linked statically, since its image holds nothing else; so it asks its name servers itself.

mod address;
mod config;
mod hello;
mod http;
mod log;
mod meter;
mod names;
mod proxy;
mod rules;
mod start;
mod tunnel;

use std::io::{Read, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let argument = std::env::args().nth(1).unwrap_or_default();
    if argument == "--address-kinds" {
        return print_kinds();
    }
    let log = log::Log::default();
    let config = match config::Config::parse(&argument) {
        Ok(config) => config,
        Err(why) => return log.failed("config", &why),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return log.failed("system", &error.to_string()),
    };
    match runtime.block_on(start::run(config, log.clone())) {
        Ok(()) => ExitCode::SUCCESS,
        Err((reason, detail)) => log.failed(reason, &detail),
    }
}

/// Writes the kind of each address on standard input, so that a test can compare them with those of
/// `src/shared/addresses.ts`.
fn print_kinds() -> ExitCode {
    let mut text = String::new();
    if std::io::stdin().read_to_string(&mut text).is_err() {
        return ExitCode::FAILURE;
    }
    let kinds: String = text
        .lines()
        .map(|line| {
            let kind = line
                .parse()
                .map_or("reserved", |ip| address::kind(ip).name());
            format!("{kind}\n")
        })
        .collect();
    match std::io::stdout().write_all(kinds.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
