//! What is known of HTML's elements: how the parser treats them and what the writer makes of them. Twin:
//! `tags.ts`.

use std::sync::OnceLock;

use super::names::Names;

// Has no content.
pub(super) const VOID: u16 = 1;
// Its start ends an open paragraph.
pub(super) const CLOSES_P: u16 = 2;
// The standard's category "special": end tags of ordinary elements do not reach beyond it.
pub(super) const SPECIAL: u16 = 4;
// End tags of blocks do not reach beyond it.
pub(super) const SCOPE: u16 = 8;
// Formatting: no element of the tree but a style of the text up to its end tag.
pub(super) const FORMAT: u16 = 16;
// Formatting that begins in it ends with it.
pub(super) const MARKER: u16 = 32;
// Its content is text up to its end tag, never shown.
pub(super) const RAW: u16 = 64;
// Ends foreign content (SVG, MathML).
pub(super) const BREAKOUT: u16 = 128;
// Rows, cells and the like: only within a table.
pub(super) const IN_TABLE: u16 = 256;
// Start and end tags mean nothing here.
pub(super) const IGNORED: u16 = 512;

// What the writer makes of an element.
pub(super) const INLINE: u8 = 0;
pub(super) const BLOCK: u8 = 1;
pub(super) const SKIP: u8 = 2;
pub(super) const HEADING: u8 = 3;
pub(super) const LIST: u8 = 4;
pub(super) const ITEM: u8 = 5;
pub(super) const QUOTE: u8 = 6;
pub(super) const PRE: u8 = 7;
pub(super) const TABLE: u8 = 8;
pub(super) const ROW: u8 = 9;
pub(super) const CELL: u8 = 10;
pub(super) const BR: u8 = 11;
pub(super) const HR: u8 = 12;
pub(super) const IMG: u8 = 13;
pub(super) const DD: u8 = 14;
pub(super) const DEL: u8 = 15;
pub(super) const INPUT: u8 = 16;
pub(super) const MATH: u8 = 17;
// Inline elements that are more than their text.
pub(super) const SUP: u8 = 18;
pub(super) const SUB: u8 = 19;
pub(super) const Q: u8 = 20;
pub(super) const RT: u8 = 21;
// Of formulas; elsewhere they are inline.
pub(super) const MFRAC: u8 = 22;
pub(super) const MSUP: u8 = 23;
pub(super) const MSUB: u8 = 24;
pub(super) const MSUBSUP: u8 = 25;
pub(super) const MSQRT: u8 = 26;
pub(super) const MROOT: u8 = 27;
pub(super) const MTABLE: u8 = 28;
pub(super) const MTR: u8 = 29;
pub(super) const MFENCED: u8 = 30;

// Elements that have rules of their own; their names come first in the table, in this order.
pub(super) const A: u32 = 1;
pub(super) const P: u32 = 2;
pub(super) const LI: u32 = 3;
pub(super) const DD_TAG: u32 = 4;
pub(super) const DT: u32 = 5;
pub(super) const H1: u32 = 6;
pub(super) const H6: u32 = 11;
pub(super) const TABLE_TAG: u32 = 12;
pub(super) const TD: u32 = 13;
pub(super) const TH: u32 = 14;
pub(super) const TR: u32 = 15;
pub(super) const TBODY: u32 = 16;
pub(super) const THEAD: u32 = 17;
pub(super) const TFOOT: u32 = 18;
pub(super) const CAPTION: u32 = 19;
pub(super) const UL: u32 = 20;
pub(super) const OL: u32 = 21;
pub(super) const B: u32 = 22;
pub(super) const STRONG_TAG: u32 = 23;
pub(super) const I: u32 = 24;
pub(super) const EM_TAG: u32 = 25;
pub(super) const CODE_TAG: u32 = 26;
pub(super) const TT: u32 = 27;
pub(super) const S: u32 = 28;
pub(super) const STRIKE_TAG: u32 = 29;
pub(super) const SVG: u32 = 30;
pub(super) const MATH_TAG: u32 = 31;
pub(super) const FOREIGN_OBJECT: u32 = 32;
pub(super) const BUTTON: u32 = 33;
pub(super) const FORM: u32 = 34;
pub(super) const MAIN: u32 = 35;
pub(super) const ARTICLE: u32 = 36;
pub(super) const NAV: u32 = 37;
pub(super) const ASIDE: u32 = 38;
pub(super) const HEADER: u32 = 39;
pub(super) const FOOTER: u32 = 40;
pub(super) const DIALOG: u32 = 41;
pub(super) const PRE_TAG: u32 = 42;
pub(super) const LISTING: u32 = 43;
pub(super) const PLAINTEXT: u32 = 44;
pub(super) const SCRIPT: u32 = 45;
pub(super) const BASE: u32 = 46;
pub(super) const BR_TAG: u32 = 47;
pub(super) const DIV: u32 = 48;
pub(super) const DL: u32 = 49;
pub(super) const TEMPLATE: u32 = 50;
pub(super) const ANNOTATION: u32 = 51;

// Each line: flags (V void, P closes a paragraph, S special, C scope, F formatting, M marker, R raw text, B breakout,
// T in a table, I ignored; - none), the number of the kind, the names.
const TABLE_OF_TAGS: &str = "F 0 a
PSB 1 p
PSB 5 li
PSB 14 dd
PSB 1 dt
PSB 3 h1 h2 h3 h4 h5 h6
PSCB 8 table
SCMT 10 td th
ST 9 tr
ST 1 tbody thead tfoot
SCMT 1 caption
PSB 4 ul ol
FB 0 b strong i em code tt s strike
B 2 svg
- 17 math
- 0 foreignobject
S 0 button
PS 1 form main article nav aside header footer dialog
PSB 7 pre listing
PS 7 plaintext
SR 2 script
VS 2 base
VSB 11 br
PSB 1 div dl
SCM 2 template
- 2 annotation
PSB 1 center
PS 1 section address details fieldset figcaption figure hgroup search summary
PSB 4 menu
PS 4 dir
PSB 6 blockquote
PS 7 xmp
ST 2 colgroup
VST 2 col
VPSB 12 hr
VSB 13 img image
VS 16 input
VS 2 area basefont bgsound embed link meta param source track keygen
VS 0 wbr
FB 0 big small u nobr
F 0 font
SR 2 style noscript iframe noembed noframes title textarea
SCM 2 applet object
SCM 1 marquee
S 2 select
- 2 canvas audio video datalist option optgroup annotation-xml rp
- 1 legend
- 15 del
B 0 span ruby var
B 18 sup
B 19 sub
- 20 q
- 21 rt
- 22 mfrac
- 23 msup mover
- 24 msub munder
- 25 msubsup munderover
- 26 msqrt
- 27 mroot
- 28 mtable
- 29 mtr mlabeledtr
- 30 mfenced
- 0 label abbr cite kbd samp mark ins time picture
I 0 html head body frameset frame";

const LETTERS: &str = "VPSCFMRBTI";

/// What is known of each element, by its number.
pub(super) struct Tags {
    /// The numbers of the names.
    pub(super) names: Names,
    /// How many numbers there are, with 0 for text.
    pub(super) known: u32,
    rules: Vec<u16>,
    kinds: Vec<u8>,
}

impl Tags {
    /// The flags of an element; none of one that is not known.
    #[inline]
    pub(super) fn rules(&self, tag: u32) -> u16 {
        self.rules.get(tag as usize).copied().unwrap_or(0)
    }

    /// The kind of an element.
    #[inline]
    pub(super) fn kind(&self, tag: u32) -> u8 {
        self.kinds.get(tag as usize).copied().unwrap_or(INLINE)
    }
}

/// The table, made at its first use.
pub(super) fn tags() -> &'static Tags {
    static TAGS: OnceLock<Tags> = OnceLock::new();
    TAGS.get_or_init(|| {
        let (mut names, mut rules, mut kinds) = (Vec::new(), vec![0], vec![INLINE]);
        for line in TABLE_OF_TAGS.lines() {
            let mut words = line.split(' ');
            let letters = words.next().unwrap_or_default();
            let kind = words
                .next()
                .and_then(|kind| kind.parse().ok())
                .unwrap_or(INLINE);
            let flags = letters
                .chars()
                .filter_map(|letter| LETTERS.find(letter))
                .fold(0, |flags, bit| flags | 1 << bit);
            for name in words {
                names.push(name);
                rules.push(flags);
                kinds.push(kind);
            }
        }
        Tags {
            known: rules.len() as u32,
            names: Names::new(&names),
            rules,
            kinds,
        }
    })
}
