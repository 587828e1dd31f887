//! The way through all records, page by page in the order of their keys: in an order in which nothing moves while records change.

use oxigraph::model::NamedNode;

use crate::store::{Index, Listed, Listing, Store, StoreError};

/// How many records are listed at once.
const PAGE: usize = 200;

/// Walks through the records of a store, or of one data set. Never gives an empty page.
pub(super) struct Walk<'s> {
    index: &'s Index,
    data_set: Option<NamedNode>,
    last: Option<Listed>,
}

impl<'s> Walk<'s> {
    /// All records, or those of the data set with this name.
    pub(super) fn new(store: &'s Store, data_set: Option<&str>) -> Self {
        Self { index: store.index(), data_set: data_set.map(|name| store.base().data_set(name)), last: None }
    }

    /// Those of the data set with this IRI.
    pub(super) fn of_data_set(store: &'s Store, iri: NamedNode) -> Self {
        Self { index: store.index(), data_set: Some(iri), last: None }
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<Vec<Listed>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let listing = self.data_set.as_ref().map_or(Listing::ByKey, |set| Listing::DataSet(set.as_str()));
        match self.index.page(listing, self.last.as_ref(), PAGE) {
            Ok(page) => {
                self.last = Some(page.last()?.clone());
                Some(Ok(page))
            }
            Err(error) => Some(Err(error)),
        }
    }
}
