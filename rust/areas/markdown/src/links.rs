//! Where the links of a page lead, and their titles. In `walk.ts` the walker knows it.

use super::link::{BaseUrl, push_title, target};
use super::tree::{HREF, TITLE, Tree};

/// Where the links of a page lead; each is looked at once.
pub(super) struct Links<'t> {
    tree: &'t Tree<'t>,
    base: Option<BaseUrl>,
    urls: Vec<Option<String>>,
    /// The links that were written, in order, some several times.
    pub(super) written: Vec<u32>,
}

impl<'t> Links<'t> {
    pub(super) fn new(tree: &'t Tree<'t>, base: Option<BaseUrl>) -> Self {
        Self {
            tree,
            base,
            urls: Vec::new(),
            written: Vec::new(),
        }
    }

    /// The address of a value of an attribute.
    pub(super) fn target(&self, value: &str) -> String {
        target(value, self.base.as_ref())
    }

    /// Where a link leads; "" for nowhere.
    pub(super) fn url(&mut self, link: u32) -> &str {
        let (tree, base) = (self.tree, self.base.as_ref());
        let index = link as usize - 1;
        if self.urls.len() <= index {
            self.urls.resize(tree.links.len(), None);
        }
        self.urls[index].get_or_insert_with(|| {
            let at = tree.find(tree.links[index], HREF);
            at.map_or_else(String::new, |at| target(&tree.value_at(at), base))
        })
    }

    /// Appends a link's title as it stands behind the address; whether it has none.
    pub(super) fn push_title(&self, out: &mut String, link: u32) -> bool {
        let at = self.tree.find(self.tree.links[link as usize - 1], TITLE);
        let title = at.map(|at| self.tree.value_at(at)).unwrap_or_default();
        push_title(out, &title);
        title.is_empty()
    }
}
