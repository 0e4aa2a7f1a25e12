//! The build script of the four libraries: links each so that it is never unmapped. A wait on another
//! thread may still be inside it when the host closes it or the isolate that loaded it ends.

fn main() {
    println!("cargo:rerun-if-changed=../build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
