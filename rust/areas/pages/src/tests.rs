//! What the TypeScript suites do not see: the parts by themselves.

use super::charset;
use super::head;

fn name(body: &[u8], label: &str) -> &'static str {
    charset::find(body, label, true).0.name()
}

#[test]
fn a_mark_wins_over_the_server_and_the_server_over_the_page() {
    let page = b"<meta charset=shift_jis>";
    assert_eq!(name(page, ""), "Shift_JIS");
    assert_eq!(name(page, " EUC-KR\n"), "EUC-KR");
    assert_eq!(name(b"\xff\xfe<\0", "euc-kr"), "UTF-16LE");
    assert_eq!(name(page, "no such thing"), "Shift_JIS");
}

#[test]
fn a_declaration_counts_only_within_the_first_1024_bytes_and_outside_of_comments() {
    let far = |spaces: usize| format!("{}<meta charset=koi8-r>", " ".repeat(spaces));
    assert_eq!(name(far(1024 - 21).as_bytes(), ""), "KOI8-R");
    assert_eq!(name(far(1024 - 20).as_bytes(), ""), "UTF-8");
    assert_eq!(name(b"<!-- <meta charset=koi8-r> -->", ""), "UTF-8");
    assert_eq!(name(b"<!--><meta charset=koi8-r>", ""), "KOI8-R");
}

#[test]
fn without_a_declaration_it_is_utf_8_if_it_can_be() {
    assert_eq!(name("é".as_bytes(), ""), "UTF-8");
    assert_eq!(name(b"\xe9", ""), "windows-1252");
}

#[test]
fn the_head_ends_with_the_body_and_scripts_are_none_of_it() {
    let page = "<html lang=de><script>'<title>no</title>'</script><TITLE>a &amp; b</title >\
                <meta name=Description content='d'><meta property=og:title content=t>\
                <body><title>no</title>";
    let head = head::read(page);
    assert_eq!(
        [
            &head.title[..],
            &head.og_title,
            &head.description,
            &head.language
        ],
        ["a & b", "t", "d", "de"]
    );
    assert_eq!(head::read("<title>never ends"), head::Head::default());
}
