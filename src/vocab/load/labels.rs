//! SKOS-XL: labels that are resources of their own get their plain form too, so that every label is found the plain way.
//!
//! A label's text (`skosxl:literalForm`) and its concept (`skosxl:prefLabel` and its kin, `gvp:prefLabelGVP`) may stand far apart in the
//! files. Both kinds of statement are put aside on disk in 64 parts by a hash of the label; when the files are at their end each part is
//! joined in memory and goes on in the same stream. So memory holds a 64th of the labels, and the release still arrives whole or not at all.
//! SKOS-XL's own rule (S55 to S57) is that the plain label follows; where it stands already, the store keeps it once.

use std::{
    collections::HashMap,
    fs::File,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{BufReader, BufWriter, Seek as _, Write as _},
};

use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{NamedNodeRef, NamedOrBlankNode, Term, Triple},
};

use crate::{
    rdf::ns::{gvp, skos, skosxl},
    vocab::VocabError,
};

const PARTS: u64 = 64;

/// The plain property that follows from a SKOS-XL one.
fn plain(predicate: NamedNodeRef<'_>) -> Option<NamedNodeRef<'static>> {
    if predicate == skosxl::PREF_LABEL || predicate == gvp::PREF_LABEL_GVP {
        Some(skos::PREF_LABEL)
    } else if predicate == skosxl::ALT_LABEL {
        Some(skos::ALT_LABEL)
    } else if predicate == skosxl::HIDDEN_LABEL {
        Some(skos::HIDDEN_LABEL)
    } else {
        None
    }
}

/// Joins labels with their texts.
#[derive(Default)]
pub(super) struct LabelJoin {
    parts: Vec<BufWriter<File>>,
}

impl LabelJoin {
    /// Puts a statement aside if it is one half of a label.
    pub(super) fn see(&mut self, triple: &Triple) -> Result<(), VocabError> {
        let label = if plain(triple.predicate.as_ref()).is_some() && !matches!(triple.object, Term::Literal(_)) {
            triple.object.to_string()
        } else if triple.predicate == skosxl::LITERAL_FORM && matches!(triple.object, Term::Literal(_)) {
            triple.subject.to_string()
        } else {
            return Ok(());
        };
        while self.parts.len() < PARTS as usize {
            self.parts.push(BufWriter::new(tempfile::tempfile().map_err(aside())?));
        }
        let mut hash = DefaultHasher::new();
        label.hash(&mut hash);
        let part = (hash.finish() % PARTS) as usize;
        self.parts.get_mut(part).map_or(Ok(()), |part| writeln!(part, "{triple} .")).map_err(aside())
    }

    /// The plain labels of one more part, or nothing when there are no more parts.
    pub(super) fn next_part(&mut self) -> Result<Option<Vec<Triple>>, VocabError> {
        let Some(part) = self.parts.pop() else { return Ok(None) };
        let mut file = part.into_inner().map_err(|e| aside()(e.into_error()))?;
        file.rewind().map_err(aside())?;
        let mut texts: HashMap<NamedOrBlankNode, Vec<Term>> = HashMap::new();
        let mut links: Vec<(NamedOrBlankNode, NamedNodeRef<'static>, NamedOrBlankNode)> = Vec::new();
        for quad in RdfParser::from_format(RdfFormat::NTriples).lenient().for_reader(BufReader::new(file)) {
            let quad = quad.map_err(|e| aside()(e.into()))?;
            match (plain(quad.predicate.as_ref()), quad.object) {
                (Some(plain), Term::NamedNode(label)) => links.push((quad.subject, plain, label.into())),
                (Some(plain), Term::BlankNode(label)) => links.push((quad.subject, plain, label.into())),
                (_, text) => texts.entry(quad.subject).or_default().push(text),
            }
        }
        let joined = links.into_iter().flat_map(|(concept, plain, label)| {
            let texts = texts.get(&label).map(Vec::as_slice).unwrap_or_default();
            texts.iter().map(move |text| Triple::new(concept.clone(), plain, text.clone())).collect::<Vec<_>>()
        });
        Ok(Some(joined.collect()))
    }
}

fn aside() -> impl FnOnce(std::io::Error) -> VocabError {
    VocabError::file("put labels aside in", std::env::temp_dir())
}
