//! Which twin has a file open in this process: the Rust side of `src/shared/database_claims.ts`, which says why. Here a
//! look at the open files of the process comes to it, which finds whoever else has the file, `node:sqlite` included.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::error::{FileError, Result};

/// How often an opener begins anew because another one tidied up at the same moment.
const TRIES: u32 = 100;
/// How often a lock is looked at before it counts as held.
const LOOKS: u32 = 50;

/// What a file is, whatever its name: device and number.
pub(crate) type Identity = (u64, u64);

/// A claim on a file, held while the file is open.
pub(crate) struct Claim {
    name: PathBuf,
    folder: PathBuf,
    _file: File,
}

impl Claim {
    /// Claims a file for the native twin.
    pub(crate) fn new(path: &Path, identity: Identity) -> Result<Self> {
        let mut folder = path.as_os_str().to_owned();
        folder.push("-held");
        let folder = PathBuf::from(folder);
        for _ in 0..TRIES {
            let Some(claim) = make(&folder)? else {
                continue;
            };
            if is_held(&folder, "pure") || is_open(identity) {
                return Err(FileError::Taken);
            }
            return Ok(claim);
        }
        let message = format!("{} cannot be kept: something removes it", folder.display());
        Err(FileError::System(message, ErrorKind::Other))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Removed while it is locked: nobody sees it free.
        let _ = fs::remove_file(&self.name);
        let _ = fs::remove_dir(&self.folder);
    }
}

fn make(folder: &Path) -> Result<Option<Claim>> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let began = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let unique = began.map_or(0, |time| time.as_nanos() as u64);
    let serial = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("{}-{unique}{serial}.native", std::process::id());
    let name = folder.join(name);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        options.mode(0o600);
        builder.mode(0o700);
    }
    if let Err(error) = builder.create(folder)
        && error.kind() != ErrorKind::AlreadyExists
    {
        return Err(error.into());
    }
    let file = match options.open(&name) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // Another opener may have taken it for one that was left behind, before it was locked.
    if file.try_lock().is_err() || !name.exists() {
        return Ok(None);
    }
    Ok(Some(Claim {
        name,
        folder: folder.to_owned(),
        _file: file,
    }))
}

/// Looks for claims of this process, and removes those that nobody holds any more.
fn is_held(folder: &Path, twin: &str) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    let (begin, end) = (format!("{}-", std::process::id()), format!(".{twin}"));
    let mut held = false;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let ours = name.starts_with(&begin) && name.ends_with(&end);
        let Ok(file) = File::open(entry.path()) else {
            continue;
        };
        let looks = if ours { LOOKS } else { 1 };
        let is_free = (0..looks).any(|_| !matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
        if is_free {
            let _ = fs::remove_file(entry.path());
        } else {
            held |= ours;
        }
    }
    held
}

/// Whether this process has the file open, by whatever code.
#[cfg(unix)]
fn is_open(identity: Identity) -> bool {
    let Ok(entries) = fs::read_dir("/dev/fd") else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| fs::metadata(entry.path()).is_ok_and(|found| identity_of(&found) == identity))
}

/// Other systems lock for each open file, not for each process: nobody undoes another's locks there.
#[cfg(not(unix))]
fn is_open(_: Identity) -> bool {
    false
}

/// What a file is.
#[cfg(unix)]
pub(crate) fn identity_of(found: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino())
}

/// Other systems give no number in safe code; the path stands for it.
#[cfg(not(unix))]
pub(crate) fn identity_of(_: &fs::Metadata) -> Identity {
    (0, 0)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("agent-claims-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_claim_lasts_until_it_is_dropped() {
        let folder = folder("lasts");
        let path = folder.join("queue.db");
        fs::write(&path, "").unwrap();
        let identity = identity_of(&fs::metadata(&path).unwrap());
        let held = folder.join("queue.db-held");
        let claim = Claim::new(&path, identity).unwrap();
        let again = Claim::new(&path, identity).unwrap();
        assert!(is_held(&held, "native") && !is_held(&held, "pure"));
        drop((claim, again));
        assert!(!held.exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_open_or_claimed_by_the_other_twin_is_refused() {
        let folder = folder("refused");
        let path = folder.join("queue.db");
        let open = File::create(&path).unwrap();
        let identity = identity_of(&fs::metadata(&path).unwrap());
        assert!(matches!(Claim::new(&path, identity), Err(FileError::Taken)));
        drop(open);
        let held = folder.join("queue.db-held");
        fs::create_dir_all(&held).unwrap();
        let name = held.join(format!("{}-1.pure", std::process::id()));
        let other = File::create(&name).unwrap();
        other.lock().unwrap();
        assert!(matches!(Claim::new(&path, identity), Err(FileError::Taken)));
        drop(other);
        drop(Claim::new(&path, identity).unwrap());
        assert!(!name.exists(), "what was left behind is removed");
        fs::remove_dir_all(folder).unwrap();
    }
}
