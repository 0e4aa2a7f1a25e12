//! A page's conversion. Twin: `src/http/pages/pure.ts`.

use std::borrow::Cow;
use std::collections::HashSet;

use agent_markdown::convert_page;
use agent_shared::Control;
use agent_tokens::Vocabulary;
use encoding_rs::REPLACEMENT;

use super::charset;
use super::head::{self, Head};

pub use agent_markdown::Error;

/// A body without a media type is text if there is no NUL in so many bytes.
const SNIFFED: usize = 1024;

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// HTML or XHTML.
    Html,
    /// Text or Markdown, which stays as it is.
    Text,
    /// JSON, which becomes a block of code.
    Json,
    /// Nobody said.
    Unknown,
}

/// What is wanted of a body.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// What the body is.
    pub kind: Kind,
    /// The label of the charset that the server declared, or "".
    pub label: &'r str,
    /// The page's address, absolute, without a fragment.
    pub url: &'r str,
    /// Only the main content.
    pub main: bool,
}

/// A page that was converted; head and title as they stand there.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The encoding's name in lower case; `binary` if the body is no text, `replacement` if nobody may decode it.
    pub charset: String,
    /// The words of `<title>`.
    pub title: String,
    /// The same of `og:title`.
    pub og_title: String,
    /// The description.
    pub description: String,
    /// What `<html lang>` says.
    pub language: String,
    /// The Markdown.
    pub markdown: String,
    /// The other pages that it links to, with a line feed between two.
    pub links: String,
    /// How many tokens the Markdown has.
    pub tokens: usize,
}

/// Converts a body.
pub fn convert(
    body: &[u8],
    request: Request<'_>,
    vocabulary: &Vocabulary,
    control: &dyn Control,
) -> Result<Page, Error> {
    let Request {
        kind,
        label,
        url,
        main,
    } = request;
    let may_be_markup = kind == Kind::Html || (kind == Kind::Unknown && is_markup(body));
    let (encoding, skip) = charset::find(body, label, may_be_markup);
    let name = encoding.name().to_ascii_lowercase();
    let mut page = Page::default();
    if kind == Kind::Unknown && !may_be_markup && !name.starts_with("utf-16") && is_binary(body) {
        page.charset = "binary".into();
        return Ok(page);
    }
    page.charset = name;
    if encoding == REPLACEMENT {
        return Ok(page);
    }
    let (text, _) = encoding.decode_without_bom_handling(&body[skip..]);
    if may_be_markup {
        let Head {
            title,
            og_title,
            description,
            language,
        } = head::read(&text);
        let wanted = agent_markdown::Request {
            main,
            base_url: url,
        };
        let (markdown, links) = convert_page(&text, wanted, control)?;
        page = Page {
            title,
            og_title,
            description,
            language,
            markdown,
            links: links_to(&links, url),
            ..page
        };
    } else if kind == Kind::Json {
        page.markdown = fenced(&text);
    } else {
        page.markdown = plain(&text).into_owned();
    }
    page.tokens = vocabulary.count(&page.markdown);
    Ok(page)
}

/// Whether a body begins as markup does.
fn is_markup(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let start = body.iter().position(|&byte| !is_space(byte));
    let start = &body[start.unwrap_or(body.len())..];
    matches!(start, [b'<', next, ..] if matches!(next, b'!' | b'?') || next.is_ascii_alphabetic())
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0c | b'\r')
}

fn is_binary(body: &[u8]) -> bool {
    body[..body.len().min(SNIFFED)].contains(&0)
}

/// The addresses of other pages, each once.
fn links_to(targets: &[String], url: &str) -> String {
    let mut seen = HashSet::new();
    let mut links = String::new();
    for target in targets {
        let end = target.find('#').unwrap_or(target.len());
        let link = &target[..end];
        if link != url && is_web(link) && seen.insert(link) {
            if !links.is_empty() {
                links.push('\n');
            }
            links.push_str(link);
        }
    }
    links
}

fn is_web(link: &str) -> bool {
    let after = |scheme: &str| {
        let start = link.as_bytes().get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
            && link.len() > scheme.len()
    };
    after("http://") || after("https://")
}

/// A text with line feeds only, and none at its end.
fn plain<'t>(text: &'t str) -> Cow<'t, str> {
    let is_end = |character: char| matches!(character, ' ' | '\t' | '\n' | '\x0c' | '\r');
    let text = text.trim_end_matches(is_end);
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// JSON as a block of code.
fn fenced(text: &str) -> String {
    let text = plain(text);
    let inner = text.trim_start_matches([' ', '\t', '\n', '\x0c', '\r']);
    let (mut longest, mut run) = (2, 0);
    for byte in inner.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    format!("{fence}json\n{inner}\n{fence}")
}
