//! The statements, read out of the one file that both twins share: `src/queue/file/sql.ts`.

use std::sync::LazyLock;

const SOURCE: &str = include_str!("../../../../../src/queue/file/sql.ts");

macro_rules! statements {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// A statement, by its name in that file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Sql { $(#[allow(missing_docs)] $variant),* }

        /// Every name, in the order of the variants.
        const NAMES: &[&str] = &[$($name),*];

        impl Sql {
            /// Every statement.
            pub(crate) const ALL: &[Sql] = &[$(Sql::$variant),*];
        }
    };
}

statements! {
    Begin "begin", BeginLook "begin_look", Commit "commit", Rollback "rollback",
    Identity "identity", DataVersion "data_version", MakeRoom "make_room",
    QueueMake "queue_make", QueueFind "queue_find", QueueRead "queue_read",
    QueueWrite "queue_write", QueuePause "queue_pause",
    KeyHolder "key_holder", Insert "insert", GroupEnter "group_enter",
    Due "due", NextDue "next_due", Wait "wait", GroupFirst "group_first", GroupTurn "group_turn",
    GroupLeave "group_leave", GroupAny "group_any", Best "best", Take "take", DropKey "drop_key",
    ChildResults "child_results",
    Complete "complete", KeepResult "keep_result", FailAgain "fail_again", FailDead "fail_dead",
    Release "release", Report "report",
    Standing "standing", Cancel "cancel", Kill "kill", OpenChild "open_child",
    OpenChildren "open_children", FailedChildren "failed_children",
    KnownChildren "known_children", Unblock "unblock", Revive "revive", DeadIds "dead_ids",
    Get "get", ListEnded "list_ended", ListOpen "list_open", EndedSince "ended_since",
    Progress "progress", CountWaiting "count_waiting", CountDelayed "count_delayed",
    CountBlocked "count_blocked", CountRunning "count_running", CountEnded "count_ended",
    AnyWaiting "any_waiting",
    TrimLine "trim_line", Trim "trim", TrimOld "trim_old", Oldest "oldest", Purge "purge",
    HolderMake "holder_make", HolderThere "holder_there", HolderBeat "holder_beat", HolderWaits "holder_waits",
    AnyWaits "any_waits", HolderEnd "holder_end", Holders "holders", Held "held",
    HeldIds "held_ids", Lost "lost", GiveBack "give_back",
}

/// What is read out of the file.
struct Tables {
    statements: Vec<&'static str>,
    schema: Vec<&'static str>,
    application_id: i64,
    version: i64,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let found = table("SQL");
    let statement = |name: &&str| {
        let entry = found.iter().find(|(found, _)| found == name);
        entry.unwrap_or_else(|| panic!("no statement {name}")).1
    };
    Tables {
        statements: NAMES.iter().map(statement).collect(),
        schema: table("SCHEMA").into_iter().map(|(_, text)| text).collect(),
        application_id: constant("APPLICATION_ID"),
        version: constant("SCHEMA_VERSION"),
    }
});

impl Sql {
    /// Its text.
    pub(crate) fn text(self) -> &'static str {
        TABLES.statements[self as usize]
    }
}

/// What makes a new file, in order.
pub(crate) fn schema() -> &'static [&'static str] {
    &TABLES.schema
}

/// What tells a queue file from those of other programs.
pub(crate) fn application_id() -> i64 {
    TABLES.application_id
}

/// The version of the schema that is known here.
pub(crate) fn version() -> i64 {
    TABLES.version
}

/// The entries of an object of template strings.
fn table(name: &str) -> Vec<(&'static str, &'static str)> {
    let head = format!("export const {name} = {{");
    let start = SOURCE.find(&head).expect("the table is there") + head.len();
    let end = start + SOURCE[start..].find("} as const;").expect("it ends");
    let mut entries = Vec::new();
    let mut rest = &SOURCE[start..end];
    while let Some(open) = rest.find('`') {
        let name = rest[..open].trim_end().trim_end_matches(':');
        let name = name
            .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .next()
            .unwrap_or_default();
        let close = open + 1 + rest[open + 1..].find('`').expect("it is closed");
        entries.push((name, &rest[open + 1..close]));
        rest = &rest[close + 1..];
    }
    entries
}

/// A whole number, decimal or hexadecimal.
fn constant(name: &str) -> i64 {
    let head = format!("export const {name} = ");
    let start = SOURCE.find(&head).expect("the constant is there") + head.len();
    let text = &SOURCE[start..start + SOURCE[start..].find(';').expect("it ends")];
    let number = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.expect("it is a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_of_the_file_is_known_by_its_name() {
        let found: Vec<&str> = table("SQL").into_iter().map(|(name, _)| name).collect();
        for name in &found {
            assert!(NAMES.contains(name), "{name} is not used");
        }
        assert_eq!(found.len(), NAMES.len());
        assert_eq!(Sql::ALL.len(), NAMES.len());
        assert_eq!(Sql::Begin.text(), "BEGIN IMMEDIATE");
        assert!(Sql::GiveBack.text().starts_with("UPDATE jobs"));
        assert!(
            schema()
                .iter()
                .all(|statement| statement.starts_with("CREATE"))
        );
        assert_eq!(application_id(), 0x4147_4e51);
        assert_eq!(version(), 1);
    }

    #[test]
    fn no_statement_needs_javascript() {
        for (name, text) in table("SQL").into_iter().chain(table("SCHEMA")) {
            assert!(!text.contains("${") && !text.contains('\\'), "{name}");
        }
    }
}
