//! Makes the table of keys from `src/text/redact/keys.json`, which the TypeScript twin reads itself.

use std::fmt::Write;
use std::{env, error, fs, path};

const LIST: &str = "../../../src/text/redact/keys.json";
const NAMES: [&str; 10] = [
    "alnum", "word", "token", "hyphen", "dotted", "base64", "path", "upper", "hex", "digit",
];

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed={LIST}");
    let list: serde_json::Value = serde_json::from_str(&fs::read_to_string(LIST)?)?;
    let mut forms: Vec<&str> = Vec::new();
    for service in list["keys"].as_array().ok_or("no keys")? {
        for form in service["forms"].as_array().ok_or("no forms")? {
            forms.push(form.as_str().ok_or("a form is no string")?);
        }
    }
    let mut table = format!("pub static FORMS: [&[Part]; {}] = [\n", forms.len());
    for form in forms {
        writeln!(table, "    &[{}],", parts_of(form)?)?;
    }
    table.push_str("];\n");
    let out = path::Path::new(&env::var("OUT_DIR")?).join("keys.rs");
    fs::write(out, table)?;
    Ok(())
}

/// `AKIA{upper:16}` as parts.
fn parts_of(form: &str) -> Result<String, Box<dyn error::Error>> {
    let mut parts = String::new();
    let mut rest = form;
    while !rest.is_empty() {
        let Some(run) = rest.strip_prefix('{') else {
            let end = rest.find('{').unwrap_or(rest.len());
            write!(parts, "Part::Text(b{:?}), ", &rest[..end])?;
            rest = &rest[end..];
            continue;
        };
        let (run, behind) = run.split_once('}').ok_or("a brace is not closed")?;
        rest = behind;
        let (name, counts) = run.split_once(':').ok_or("a run has no length")?;
        let alphabet = NAMES
            .iter()
            .position(|&known| known == name)
            .ok_or_else(|| format!("{name} is not known"))?;
        let digit = counts.ends_with('!');
        let counts = counts.trim_end_matches('!');
        let (least, most) = counts.split_once('-').unwrap_or((counts, counts));
        write!(
            parts,
            "Part::Run {{ alphabet: 1 << {alphabet}, least: {least}, most: {most}, digit: {digit} }}, "
        )?;
    }
    Ok(parts)
}
