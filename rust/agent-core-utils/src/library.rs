//! The export that belongs to no area.

/// The digest of the headers that this library was built with, by which a caller knows that its own
/// tables were made from the same.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_digest() -> u32 {
    crate::digest::DIGEST
}
