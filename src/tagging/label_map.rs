//! A head's label map, joined with the part of the hierarchy that stands above its concepts. It is prepared once for each tagger.

use std::collections::{BTreeSet, HashMap};

use oxigraph::model::NamedNode;

use super::{Hierarchy, Mapping, TaggingError};
use crate::model::Head;

/// The concepts of one head and all that stand above them.
#[derive(Clone, Debug)]
pub(crate) struct LabelMap {
    /// The concepts; those of the label map come first, in its order.
    pub(crate) concepts: Vec<Concept>,
    /// The concept of each output; none for the reject class and for labels without a concept.
    pub(crate) rows: Vec<Option<usize>>,
    /// The label of the reject class, where there is exactly one output without a concept.
    pub(crate) reject: Option<String>,
}

/// One concept.
#[derive(Clone, Debug)]
pub(crate) struct Concept {
    pub(crate) iri: NamedNode,
    pub(crate) label: String,
    /// How near it is to the network's label; `None` for a concept that only stands above those of the label map.
    pub(crate) mapping: Option<Mapping>,
    pub(crate) taggable: bool,
    pub(crate) known: bool,
    /// The least value at which it is stated; the head's own where there is none.
    pub(crate) threshold: Option<f64>,
    /// All concepts above it, along every broader. Sorted.
    pub(crate) ancestors: Vec<usize>,
    /// The concepts above it along the preferred parents, from the nearest on.
    pub(crate) preferred: Vec<usize>,
}

impl LabelMap {
    pub(crate) fn new(head: &Head, hierarchy: &dyn Hierarchy) -> Result<Self, TaggingError> {
        let mut map = Self { concepts: Vec::new(), rows: Vec::with_capacity(head.labels.len()), reject: None };
        let mut places = HashMap::new();
        map.add_rows(head, hierarchy, &mut places)?;
        map.add_ancestors(hierarchy, &mut places);
        map.connect(hierarchy, &places);
        let mut without = head.labels.iter().filter(|row| row.iri.is_none());
        map.reject = without.next().filter(|_| without.next().is_none()).map(|row| row.label.clone());
        Ok(map)
    }

    /// The concepts of the label map. Rows that share an IRI share a concept; of their mappings the farthest holds.
    fn add_rows(&mut self, head: &Head, hierarchy: &dyn Hierarchy, places: &mut HashMap<NamedNode, usize>) -> Result<(), TaggingError> {
        for row in &head.labels {
            let Some(iri) = &row.iri else {
                self.rows.push(None);
                continue;
            };
            let concept = NamedNode::new(iri).map_err(|e| TaggingError::Iri {
                facet: head.facet.clone(),
                index: row.index,
                iri: iri.clone(),
                reason: e.to_string(),
            })?;
            let place = *places.entry(concept.clone()).or_insert_with(|| self.add(concept, row.label.clone(), hierarchy));
            let concept = &mut self.concepts[place];
            concept.mapping = concept.mapping.max(Some(row.mapping));
            concept.threshold = [concept.threshold, row.threshold].into_iter().flatten().reduce(f64::min);
            self.rows.push(Some(place));
        }
        Ok(())
    }

    fn add_ancestors(&mut self, hierarchy: &dyn Hierarchy, places: &mut HashMap<NamedNode, usize>) {
        for place in 0..self.concepts.len() {
            let concept = self.concepts[place].iri.clone();
            for above in hierarchy.ancestors(&concept).into_iter().chain(hierarchy.preferred_parent(&concept)) {
                if !places.contains_key(&above) {
                    let label = hierarchy.label(&above).unwrap_or_else(|| last_segment(&above));
                    places.insert(above.clone(), self.add(above, label, hierarchy));
                }
            }
        }
    }

    fn add(&mut self, iri: NamedNode, label: String, hierarchy: &dyn Hierarchy) -> usize {
        let (taggable, known) = (hierarchy.taggable(&iri), hierarchy.knows(&iri));
        self.concepts.push(Concept {
            iri,
            label,
            mapping: None,
            taggable,
            known,
            threshold: None,
            ancestors: Vec::new(),
            preferred: Vec::new(),
        });
        self.concepts.len() - 1
    }

    /// Turns IRIs into places. A cycle, which a vocabulary ought not to have, ends a walk and makes nothing its own ancestor.
    fn connect(&mut self, hierarchy: &dyn Hierarchy, places: &HashMap<NamedNode, usize>) {
        for place in 0..self.concepts.len() {
            let concept = self.concepts[place].iri.clone();
            let mut preferred: Vec<usize> = Vec::new();
            let mut at = hierarchy.preferred_parent(&concept);
            while let Some(above) = at.as_ref().and_then(|iri| places.get(iri)).copied() {
                if above == place || preferred.contains(&above) {
                    break;
                }
                preferred.push(above);
                at = hierarchy.preferred_parent(&self.concepts[above].iri);
            }
            let any = hierarchy.ancestors(&concept);
            let any = any.iter().filter_map(|iri| places.get(iri)).chain(&preferred).filter(|above| **above != place);
            let ancestors: BTreeSet<usize> = any.copied().collect();
            self.concepts[place].ancestors = ancestors.into_iter().collect();
            self.concepts[place].preferred = preferred;
        }
    }
}

fn last_segment(iri: &NamedNode) -> String {
    iri.as_str().rsplit(['/', '#']).next().unwrap_or_default().to_owned()
}
