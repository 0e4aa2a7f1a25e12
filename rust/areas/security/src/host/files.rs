//! Texts of a list of files below a folder, as JSON.

use agent_ffi::{Failure, Status};
use agent_shared::{Control, check};

use super::json::Json;
use super::process::written;
use super::read;

/// Reads at most `most` bytes of each file below `root`, a path that leads out of it being refused. A
/// list of texts, or `{"error": "denied" | "absent" | "failed"}` where one cannot be read.
pub fn files<'p>(
    root: &str,
    paths: impl Iterator<Item = &'p str>,
    most: usize,
    control: &dyn Control,
) -> Result<Vec<u8>, Failure> {
    let folder = read::root(root).map_err(|error| {
        Failure::new(Status::Io, format!("{root} cannot be read: {error}"))
            .field("path", root)
            .field("operation", "read")
    })?;
    let mut json = Json::default();
    json.raw("[");
    for path in paths {
        check(control)?;
        if path.is_empty() || path.split('/').any(|part| part.is_empty() || part == "..") {
            return Err(
                Failure::invalid(format!("\"{path}\" is not a path below a folder"))
                    .field("path", path),
            );
        }
        let mut text = Vec::new();
        let read = read::file(&folder, path.as_bytes(), most, &mut text).map_err(read::word);
        json.next();
        written(&mut json, "", read.map(|()| text));
    }
    json.raw("]");
    Ok(json.into_bytes())
}
