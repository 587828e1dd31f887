//! Statements as they may go into the store: IRIs mended, language tags put right, blank nodes renamed the same way every time.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use oxigraph::model::{BlankNode, Literal, NamedNode, NamedOrBlankNode, Term, Triple};

use crate::rdf::{
    iri,
    mint::{digest, short_key},
};

/// What was done to a statement.
#[derive(Debug, Default)]
pub(super) struct Mending {
    /// In words, what was mended.
    pub(super) mended: Vec<String>,
}

/// Cleans the statements of one document.
pub(super) struct Cleaner {
    blank: BlankNames,
}

impl Cleaner {
    pub(super) fn new(blank: BlankNames) -> Self {
        Self { blank }
    }

    /// The statement as it may stand in the store, or why it cannot.
    pub(super) fn clean(&mut self, triple: Triple, mending: &mut Mending) -> Result<Triple, String> {
        let subject = match triple.subject {
            NamedOrBlankNode::NamedNode(node) => NamedOrBlankNode::NamedNode(named(node, mending)?),
            NamedOrBlankNode::BlankNode(node) => NamedOrBlankNode::BlankNode(self.blank.rename(&node)),
        };
        let predicate = named(triple.predicate, mending)?;
        let object = match triple.object {
            Term::NamedNode(node) => Term::NamedNode(named(node, mending)?),
            Term::BlankNode(node) => Term::BlankNode(self.blank.rename(&node)),
            Term::Literal(literal) => Term::Literal(tagged(literal, mending)?),
            Term::Triple(_) => return Err("a triple term, which vocabularies do not need".to_owned()),
        };
        Ok(Triple { subject, predicate, object })
    }
}

fn named(node: NamedNode, mending: &mut Mending) -> Result<NamedNode, String> {
    let Err(error) = oxiri::Iri::parse(node.as_str()) else { return Ok(node) };
    match iri::mend(node.as_str()).map(NamedNode::new) {
        Some(Ok(better)) => {
            mending.mended.push(format!("<{}> is no IRI ({error}); it was mended to {better}", node.as_str()));
            Ok(better)
        }
        _ => Err(format!("<{}> is no IRI: {error}", node.as_str())),
    }
}

/// Language tags are checked (the parsers were told not to) and stored in lower case, as the store compares them.
fn tagged(literal: Literal, mending: &mut Mending) -> Result<Literal, String> {
    let Some(language) = literal.language() else {
        let datatype = literal.datatype();
        if oxiri::Iri::parse(datatype.as_str()).is_err() {
            return Err(format!("<{}> is no datatype", datatype.as_str()));
        }
        return Ok(literal);
    };
    let language = language.to_owned();
    if let Ok(good) = Literal::new_language_tagged_literal(literal.value(), language.as_str()) {
        return Ok(good);
    }
    let better = language.trim().replace('_', "-");
    if let Ok(good) = Literal::new_language_tagged_literal(literal.value(), better.as_str()) {
        mending.mended.push(format!("the language tag `{language}` was mended to `{better}`"));
        return Ok(good);
    }
    mending.mended.push(format!("the language tag `{language}` is none; the text is kept without it"));
    Ok(Literal::new_simple_literal(literal.value()))
}

/// New names for the blank nodes of one document: the same document in the same graph gives the same names, and no other does.
pub(super) enum BlankNames {
    /// Where every blank node has a label in the file (N-Triples, N-Quads): a hash of the label. Needs no memory.
    Labelled {
        /// What stands before each name.
        prefix: String,
    },
    /// Where the parser makes up labels: numbers in the order of appearance, at 16 bytes of memory a blank node.
    Numbered {
        /// What stands before each name.
        prefix: String,
        /// The numbers given so far, by a hash of the parser's label.
        numbers: HashMap<u64, u32>,
    },
}

impl BlankNames {
    pub(super) fn new(graph: &NamedNode, checksum: &str, member: &str, labelled: bool) -> Self {
        let mut prefix = digest([graph.as_str(), checksum, member]);
        prefix.truncate(16);
        let prefix = format!("n{prefix}x");
        if labelled { Self::Labelled { prefix } } else { Self::Numbered { prefix, numbers: HashMap::new() } }
    }

    fn rename(&mut self, node: &BlankNode) -> BlankNode {
        match self {
            Self::Labelled { prefix } => BlankNode::new_unchecked(format!("{prefix}{}", &short_key([node.as_str()])[..16])),
            Self::Numbered { prefix, numbers } => {
                let mut hash = DefaultHasher::new();
                node.as_str().hash(&mut hash);
                let next = numbers.len() as u32;
                let number = *numbers.entry(hash.finish()).or_insert(next);
                BlankNode::new_unchecked(format!("{prefix}{number}"))
            }
        }
    }
}
