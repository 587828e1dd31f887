//! The tree of a vocabulary, seen from one concept: the way down to it, what stands beside each step, and what is right below.

use oxigraph::model::{GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef};

use super::{Shown, ours, words::concept_link};
use crate::{
    rdf::ns::{gvp, rdf, skos},
    serve::{
        SourceError, Visitor,
        pages::{Level, TreeNode, TreeView, Trunk},
    },
    vocab::{ConceptKind, Release, Vocabularies},
};

/// How many stand below one another on a page.
const MOST: usize = 300;

impl Shown {
    pub(super) fn tree_view(&self, visitor: &Visitor, iri: Option<&str>) -> Result<TreeView, SourceError> {
        let vocabularies = self.vocabularies()?;
        let Some(iri) = iri else {
            let mut trunks = Vec::new();
            for release in vocabularies.releases() {
                let tops = self.tops(&vocabularies, visitor, release)?;
                trunks.push(Trunk { name: format!("{} {}", release.scheme, release.release), tops });
            }
            return Ok(TreeView { trunks, ..TreeView::default() });
        };
        let Some(kind) = vocabularies.kind(iri).map_err(ours)? else {
            return Err(SourceError::NotFound(format!("<{iri}> is in none of the vocabularies that are loaded here")));
        };
        let mut path: Vec<String> = vocabularies.path_to_facet(iri).map_err(ours)?.iter().rev().map(|n| n.as_str().to_owned()).collect();
        path.push(iri.to_owned());
        let mut levels = Vec::new();
        for (place, step) in path.iter().enumerate() {
            let beside = match place.checked_sub(1).and_then(|above| path.get(above)) {
                Some(above) => below(&vocabularies, visitor, above)?,
                None => Below::default(),
            };
            let siblings: Vec<TreeNode> = beside.nodes.into_iter().filter(|node| node.concept.iri != *step).collect();
            levels.push(Level { step: tree_node(&vocabularies, visitor, step)?, siblings, more: beside.more });
        }
        let Below { nodes: children, more: more_children } = below(&vocabularies, visitor, iri)?;
        let here = concept_link(&vocabularies, visitor, iri)?;
        Ok(TreeView { here: Some(here), taggable: kind.is_taggable(), levels, children, more_children, trunks: Vec::new() })
    }

    /// Where a release's trees begin: its facets, or what it says is at the top.
    fn tops(&self, vocabularies: &Vocabularies<'_>, visitor: &Visitor, release: &Release) -> Result<Vec<TreeNode>, SourceError> {
        let graph = GraphNameRef::from(release.graph.as_ref());
        let find = |predicate: NamedNodeRef<'_>, object: Option<TermRef<'_>>, objects: bool| -> Result<Vec<NamedNode>, SourceError> {
            let mut found = Vec::new();
            for quad in self.store().quads().quads_for_pattern(None, Some(predicate), object, Some(graph)).take(MOST) {
                let quad = quad.map_err(ours)?;
                match (objects, quad.subject, quad.object) {
                    (true, _, Term::NamedNode(node)) | (false, NamedOrBlankNode::NamedNode(node), _) => found.push(node),
                    _ => {}
                }
            }
            Ok(found)
        };
        let mut tops = find(rdf::TYPE, Some(gvp::FACET.into()), false)?;
        if tops.is_empty() {
            tops = find(skos::HAS_TOP_CONCEPT, None, true)?;
            tops.extend(find(skos::TOP_CONCEPT_OF, None, false)?);
        }
        if tops.is_empty() {
            // Nothing says what is on top: the first few that have nothing above them.
            for concept in find(rdf::TYPE, Some(skos::CONCEPT.into()), false)? {
                if vocabularies.broader(concept.as_str()).map_err(ours)?.is_empty() {
                    tops.push(concept);
                }
            }
        }
        tops.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        tops.dedup();
        let mut nodes = tops.iter().map(|top| tree_node(vocabularies, visitor, top.as_str())).collect::<Result<Vec<_>, _>>()?;
        nodes.sort_by(|a, b| a.concept.label.text.cmp(&b.concept.label.text));
        Ok(nodes)
    }
}

#[derive(Default)]
struct Below {
    nodes: Vec<TreeNode>,
    more: bool,
}

fn below(vocabularies: &Vocabularies<'_>, visitor: &Visitor, iri: &str) -> Result<Below, SourceError> {
    let found = vocabularies.narrower(iri, MOST + 1).map_err(ours)?;
    let more = found.len() > MOST;
    let mut nodes = found.iter().take(MOST).map(|n| tree_node(vocabularies, visitor, n.as_str())).collect::<Result<Vec<_>, _>>()?;
    nodes.sort_by(|a, b| (a.is_guide, &a.concept.label.text).cmp(&(b.is_guide, &b.concept.label.text)));
    Ok(Below { nodes, more })
}

fn tree_node(vocabularies: &Vocabularies<'_>, visitor: &Visitor, iri: &str) -> Result<TreeNode, SourceError> {
    let kind = vocabularies.kind(iri).map_err(ours)?;
    let leads_on = !vocabularies.narrower(iri, 1).map_err(ours)?.is_empty();
    Ok(TreeNode { concept: concept_link(vocabularies, visitor, iri)?, is_guide: kind == Some(ConceptKind::GuideTerm), leads_on })
}
