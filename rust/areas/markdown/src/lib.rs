//! HTML pages to Markdown: a parser and a writer in linear time. The files are those of
//! `src/text/markdown/`, which defines what comes out.
#![forbid(unsafe_code)]

mod around;
mod blocks;
mod build;
mod characters;
mod content;
mod formatting;
mod inline;
mod link;
mod links;
mod math;
mod names;
mod open_elements;
mod parse;
mod references;
mod references_data;
mod scripts;
mod tables;
mod tags;
mod text;
mod tree;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::TryReserveError;

use agent_shared::{Control, Packed, each};

pub use references::decode as decode_references;

/// What is wanted of a page.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// Only the main content.
    pub main: bool,
    /// The page's address, or "".
    pub base_url: &'r str,
}

/// Why there is no Markdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The caller gave up.
    Cancelled,
    /// The page has more elements, texts or attributes than one may have.
    TooMany,
    /// The Markdown is longer than a string may be.
    TooLong,
    /// Memory could not be had.
    OutOfMemory,
}

impl From<agent_shared::Error> for Error {
    fn from(error: agent_shared::Error) -> Self {
        match error {
            agent_shared::Error::Cancelled => Self::Cancelled,
            _ => Self::OutOfMemory,
        }
    }
}

impl From<TryReserveError> for Error {
    fn from(_: TryReserveError) -> Self {
        Self::OutOfMemory
    }
}

/// The most elements and texts, and the most attributes, of one page.
pub const MAX_NODES: usize = tree::MAX_NODES;
/// The longest Markdown, in UTF-16 units.
pub const MAX_UNITS: usize = blocks::MAX_UNITS;

/// Converts one page.
pub fn convert(html: &str, request: Request<'_>, control: &dyn Control) -> Result<String, Error> {
    with_walker(html, request, control, |walker| walker.take())
}

/// Converts one page: its Markdown, and the targets of the links in it, in order, as they stand there; one
/// that is there twice comes twice.
pub fn convert_page(
    html: &str,
    request: Request<'_>,
    control: &dyn Control,
) -> Result<(String, Vec<String>), Error> {
    with_walker(html, request, control, |mut walker| {
        let links = walker.links();
        Ok((walker.take()?, links))
    })
}

fn with_walker<T>(
    html: &str,
    request: Request<'_>,
    control: &dyn Control,
    take: impl FnOnce(walk::Walker<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut tree = parse::parse(html, control)?;
    around::hide_around(&mut tree);
    let base = base_of_page(&tree, request.base_url);
    let (title, body) = if request.main {
        let content = content::main_content(&mut tree)?;
        (content.title, content.body)
    } else {
        (None, 0..tree.count())
    };
    if tree.tables > 0 {
        tables::mark_layout(&mut tree, body.start, body.end);
    }
    let mut walker = walk::Walker::new(&tree, base);
    if let Some(title) = title {
        walker.walk(title.start, title.end, control)?;
    }
    walker.walk(body.start, body.end, control)?;
    take(walker)
}

/// Converts many pages over the threads of the current pool.
pub fn convert_many(
    pages: &Packed<'_>,
    request: Request<'_>,
    control: &dyn Control,
) -> Result<Vec<String>, Error> {
    each(pages.len(), control, |index| {
        convert(pages.get(index), request, control)
    })
}

fn base_of_page(tree: &tree::Tree<'_>, base_url: &str) -> Option<link::BaseUrl> {
    let base = link::base_of(base_url);
    let own = tree.find(tree.base, tree::HREF);
    let own = own.and_then(|at| link::base_of(&link::target(&tree.value_at(at), base.as_ref())));
    own.or(base)
}
