//! What an aggregator gets of a publication, as triples: read back from the XML that we send, so that nothing counts that is not sent.

use std::ops::ControlFlow;

use oxigraph::model::Triple;

use super::{EdmXml, PublicationError};
use crate::{
    records::{ReadSettings, Taken, read_document},
    store::Listed,
};

impl EdmXml<'_> {
    /// Our proxy and its aggregation, with the concepts that they name described. Nothing where nothing is published.
    pub fn publication_triples(&self, listed: &Listed) -> Result<Vec<Triple>, PublicationError> {
        let Some(document) = self.publication(listed)? else { return Ok(Vec::new()) };
        let settings = ReadSettings { relative_references: self.store.base().relative_references(), ..ReadSettings::default() };
        let (mut triples, mut refused) = (Vec::new(), None);
        read_document("published.xml", document.xml.as_bytes(), &settings, &mut |taken| {
            match taken {
                Taken::Record(record) => triples.extend(record.triples),
                Taken::Rejected(rejected) => refused = Some(rejected.reason),
                Taken::Skipped { .. } => {}
            }
            ControlFlow::Continue(())
        })
        .map_err(|reason| PublicationError::ReadBack { record: listed.key.to_string(), reason: reason.to_string() })?;
        match refused {
            Some(reason) => Err(PublicationError::ReadBack { record: listed.key.to_string(), reason }),
            None => Ok(triples),
        }
    }
}
