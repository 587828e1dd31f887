//! The edges of a hierarchy: every statement with one of the predicates that say what is broader and what is part of what.

use std::{
    io::{self, BufReader, Read as _},
    path::Path,
};

use oxigraph::{
    model::{GraphName, NamedNodeRef, NamedOrBlankNode, Quad, Term},
    store::{StorageError, Store as Quads},
};

use super::names::{Names, put_number, put_text, take_number, take_text, write_file};
use crate::rdf::ns::{dcterms, gvp, rdfs, skos};

/// The predicates along which closures are asked for.
pub(crate) const HIERARCHY: [NamedNodeRef<'static>; 15] = [
    skos::BROADER,
    skos::NARROWER,
    skos::BROADER_TRANSITIVE,
    skos::NARROWER_TRANSITIVE,
    gvp::BROADER,
    gvp::BROADER_PREFERRED,
    gvp::BROADER_NON_PREFERRED,
    gvp::BROADER_GENERIC,
    gvp::BROADER_PARTITIVE,
    gvp::BROADER_INSTANTIAL,
    gvp::BROADER_EXTENDED,
    gvp::BROADER_PREFERRED_EXTENDED,
    dcterms::IS_PART_OF,
    dcterms::HAS_PART,
    rdfs::SUB_CLASS_OF,
];

/// How many edges of one predicate are kept in memory.
const MOST: usize = 4_000_000;
/// The first bytes of a file, which change with its layout.
const MARK: &[u8; 4] = b"GlE1";

/// The edges of one predicate: subject, object, and the graph (0 is the default graph, others are a name's number and one).
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// Whether all of them lead from IRI to IRI, and there are not too many: otherwise the engine has to answer.
    pub(super) whole: bool,
    pub(super) edges: Vec<[u32; 3]>,
}

impl Edges {
    /// Reads the edges of a predicate from the quads.
    pub(super) fn gather(quads: &Quads, predicate: NamedNodeRef<'_>, names: &mut Names) -> Result<Self, StorageError> {
        let mut edges = Vec::new();
        for quad in quads.quads_for_pattern(None, Some(predicate), None, None) {
            let Quad { subject: NamedOrBlankNode::NamedNode(subject), object: Term::NamedNode(object), graph_name, .. } = quad? else {
                return Ok(Self::default());
            };
            let graph = match graph_name {
                GraphName::DefaultGraph => 0,
                GraphName::NamedNode(graph) => names.number(graph.as_str()) + 1,
                GraphName::BlankNode(_) => return Ok(Self::default()),
            };
            if edges.len() == MOST {
                return Ok(Self::default());
            }
            edges.push([names.number(subject.as_str()), names.number(object.as_str()), graph]);
        }
        Ok(Self { whole: true, edges })
    }

    /// Reads them from a file; nothing where there is none that can be read.
    pub(super) fn read(path: &Path, names: &mut Names) -> Option<Self> {
        let mut file = BufReader::new(std::fs::File::open(path).ok()?);
        Self::parse(&mut file, names).ok()
    }

    fn parse(file: &mut BufReader<std::fs::File>, names: &mut Names) -> io::Result<Self> {
        let mut mark = [0; 4];
        file.read_exact(&mut mark)?;
        if mark != *MARK {
            return Err(io::Error::other("another layout"));
        }
        let whole = take_number(file)? == 1;
        let mut own = Vec::new();
        for _ in 0..take_number(file)? {
            own.push(names.number(&take_text(file)?));
        }
        let name_of = |number: u32| own.get(number as usize).copied().ok_or_else(|| io::Error::other("a number without a name"));
        let mut edges = Vec::new();
        for _ in 0..take_number(file)? {
            let (subject, object, graph) = (name_of(take_number(file)?)?, name_of(take_number(file)?)?, take_number(file)?);
            let graph = if graph == 0 { 0 } else { name_of(graph - 1)? + 1 };
            edges.push([subject, object, graph]);
        }
        Ok(Self { whole, edges })
    }

    /// Leaves them in a file.
    pub(super) fn write(&self, path: &Path, names: &Names) -> io::Result<()> {
        // The file has names and numbers of its own.
        let mut own = Names::default();
        let name = |number: u32| names.name(number).map(|n| &**n).unwrap_or_default();
        let mut edges = Vec::with_capacity(self.edges.len());
        for [subject, object, graph] in &self.edges {
            let graph = if *graph == 0 { 0 } else { own.number(name(graph - 1)) + 1 };
            edges.push([own.number(name(*subject)), own.number(name(*object)), graph]);
        }
        write_file(path, |out| {
            out.write_all(MARK)?;
            put_number(out, usize::from(self.whole))?;
            put_number(out, own.len())?;
            own.texts().iter().try_for_each(|text| put_text(out, text))?;
            put_number(out, edges.len())?;
            edges.iter().flatten().try_for_each(|number| put_number(out, *number as usize))
        })
    }
}

#[cfg(test)]
mod tests {
    use oxigraph::model::{BlankNode, NamedNode};

    use super::*;

    #[test]
    fn what_was_left_in_a_file_is_read_again() {
        let quads = Quads::new().expect("quads");
        let node = |name: &str| NamedNode::new_unchecked(format!("http://e.example/{name}"));
        for (a, b, graph) in [("1", "2", node("g").into()), ("2", "3", GraphName::DefaultGraph), ("1", "2", node("h").into())] {
            quads.insert(&Quad::new(node(a), skos::BROADER, node(b), graph)).expect("inserted");
        }
        let mut names = Names::default();
        let edges = Edges::gather(&quads, skos::BROADER, &mut names).expect("gathered");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("edges");
        edges.write(&path, &names).expect("written");
        let mut others = Names::default();
        others.number("something else");
        let again = Edges::read(&path, &mut others).expect("read");
        let told = |edges: &Edges, names: &Names| {
            let name = |n: u32| names.name(n).expect("a name").to_string();
            let mut all: Vec<_> = edges.edges.iter().map(|[s, o, g]| (name(*s), name(*o), g.checked_sub(1).map(name))).collect();
            all.sort();
            all
        };
        assert_eq!(told(&edges, &names), told(&again, &others));
        assert!(again.whole && again.edges.len() == 3);
        quads.insert(&Quad::new(BlankNode::default(), skos::BROADER, node("3"), GraphName::DefaultGraph)).expect("inserted");
        assert!(!Edges::gather(&quads, skos::BROADER, &mut names).expect("gathered").whole);
        std::fs::write(&path, b"nonsense").expect("written");
        assert!(Edges::read(&path, &mut names).is_none());
    }
}
