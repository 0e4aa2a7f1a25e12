//! AGENT native library.
