//! What a scan found, as it travels.

use std::fmt::Write;

use super::Scan;
use super::socket::Answer;

/// What is known of one probe.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cell {
    /// None where the time was over before it was asked.
    pub(super) answer: Option<Answer>,
    /// Milliseconds.
    pub(super) round_trip: f32,
}

/// What is known of all, by address and port.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) cells: Vec<Cell>,
    pub(super) probes: u64,
    pub(super) rounds: u32,
}

fn words(answer: Answer) -> (&'static str, &'static str) {
    match answer {
        Answer::Open => ("open", "accepted"),
        Answer::Refused => ("closed", "refused"),
        Answer::Reset => ("closed", "reset"),
        Answer::SelfConnect => ("closed", "self-connect"),
        Answer::Timeout => ("filtered", "timeout"),
        Answer::Unreachable => ("filtered", "unreachable"),
        Answer::Prohibited => ("filtered", "prohibited"),
    }
}

/// `hosts`, one an address: `counts` (by state) and `ports` (arrays of port, state, reason, rttMs);
/// `probes`, how many connects were made; `rounds`.
pub(super) fn to_json(scan: &Scan, found: &Found) -> String {
    let mut text = String::from("{\"hosts\":[");
    for (at, cells) in found.cells.chunks(scan.ports.len().max(1)).enumerate() {
        if at > 0 {
            text.push(',');
        }
        host_to_json(&mut text, scan, cells);
    }
    let _ = write!(
        text,
        "],\"probes\":{},\"rounds\":{}}}",
        found.probes, found.rounds
    );
    text
}

fn host_to_json(text: &mut String, scan: &Scan, cells: &[Cell]) {
    let (mut open, mut closed, mut filtered, mut unprobed) = (0, 0, 0, 0);
    text.push_str("{\"ports\":[");
    let mut is_first = true;
    for (port, cell) in scan.ports.iter().zip(cells) {
        let Some(answer) = cell.answer else {
            unprobed += 1;
            continue;
        };
        let (state, reason) = words(answer);
        match state {
            "open" => open += 1,
            "closed" => closed += 1,
            _ => filtered += 1,
        }
        if answer != Answer::Open && !scan.lists_all {
            continue;
        }
        if !is_first {
            text.push(',');
        }
        is_first = false;
        let _ = write!(text, "[{port},\"{state}\",\"{reason}\",");
        let _ = match state {
            "filtered" => write!(text, "null]"),
            _ => write!(text, "{}]", cell.round_trip),
        };
    }
    let _ = write!(
        text,
        "],\"counts\":{{\"open\":{open},\"closed\":{closed},\"filtered\":{filtered},\"unprobed\":{unprobed}}}}}"
    );
}
