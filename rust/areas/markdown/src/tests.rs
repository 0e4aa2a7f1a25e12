//! What only this side can go wrong in; what comes out is tested for both twins in `tests/`.

use agent_shared::{Control, Uncontrolled};

use super::{Error, Request, convert};

struct GivenUp;

impl Control for GivenUp {
    fn is_cancelled(&self) -> bool {
        true
    }
}

const ALL: Request<'_> = Request {
    main: false,
    base_url: "",
};

#[test]
fn a_long_page_can_be_given_up() {
    assert_eq!(
        convert(&"<p>a".repeat(10_000), ALL, &GivenUp),
        Err(Error::Cancelled)
    );
    assert_eq!(
        convert(&"a<br>".repeat(10_000), ALL, &GivenUp),
        Err(Error::Cancelled)
    );
}

#[test]
fn no_place_is_within_a_character() {
    let pieces = [
        "é",
        "\u{a0}",
        "😀",
        "\u{c2}",
        "<b>",
        "</b>",
        "*",
        "<a href='é'>",
        "&eacute;",
        "`",
    ];
    let mut state = 1u32;
    for _ in 0..20_000 {
        let mut html = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            html.push_str(pieces[state as usize / 7919 % pieces.len()]);
        }
        for main in [false, true] {
            let request = Request {
                main,
                base_url: "https://h.example/ü",
            };
            convert(&html, request, &Uncontrolled).unwrap();
        }
    }
}
