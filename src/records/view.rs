//! A record to be asked: its titles, subjects, rights and web resources, the same whether it came as external or as internal EDM.

use std::collections::HashSet;

use oxigraph::model::{NamedNodeRef, NamedOrBlankNodeRef, TermRef, Triple};

use crate::rdf::ns::{self, dc, dcterms, ebucore, edm, ore, rdf, svcs};

/// What a web resource is to its aggregation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// `edm:isShownBy`: the provider's best view.
    IsShownBy,
    /// `edm:hasView`: a further view.
    HasView,
    /// `edm:object`: the picture from which a preview is made.
    Object,
}

/// A digital view of the CHO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebResource<'r> {
    /// Where it is.
    pub iri: NamedNodeRef<'r>,
    /// What it is to the aggregation.
    pub role: Role,
    /// Its own `edm:rights`, where stated; otherwise those of the aggregation hold.
    pub rights: Option<TermRef<'r>>,
    /// Its media type, where stated.
    pub mime_type: Option<&'r str>,
    /// Its IIIF image service (`svcs:has_service`), where stated.
    pub service: Option<NamedNodeRef<'r>>,
    /// The IIIF manifest that shows it (`dcterms:isReferencedBy`), where stated.
    pub manifest: Option<NamedNodeRef<'r>>,
    /// Its width and height in pixels, where both are stated.
    pub size: Option<(u32, u32)>,
}

/// A record's triples, read without copying. Triples from the store serve as well as those of a record that was just read.
///
/// External EDM states what is known on the CHO, internal EDM on the provider's proxy: both are asked. Europeana's proxy, and proxies of
/// aggregators (those with `ore:lineage`), are not the provider's words and are left aside.
#[derive(Clone, Debug)]
pub struct RecordView<'r> {
    cho: NamedNodeRef<'r>,
    triples: &'r [Triple],
    describing: Vec<NamedOrBlankNodeRef<'r>>,
    aggregations: Vec<NamedOrBlankNodeRef<'r>>,
    europeana: Vec<NamedOrBlankNodeRef<'r>>,
}

impl<'r> RecordView<'r> {
    /// The record of this CHO in these triples.
    pub fn new(cho: NamedNodeRef<'r>, triples: &'r [Triple]) -> Self {
        let mut view = Self { cho, triples, describing: vec![cho.into()], aggregations: Vec::new(), europeana: Vec::new() };
        let mut aggregations = view.parties(ore::AGGREGATION, edm::AGGREGATED_CHO);
        let mut europeana = view.parties(edm::EUROPEANA_AGGREGATION, edm::AGGREGATED_CHO);
        europeana.retain(|s| view.has_type(*s, edm::EUROPEANA_AGGREGATION));
        aggregations.retain(|s| !europeana.contains(s) || view.has_type(*s, ore::AGGREGATION));
        let mut proxies = view.parties(ore::PROXY, ore::PROXY_FOR);
        proxies.retain(|p| view.is_providers(*p) && *p != NamedOrBlankNodeRef::from(cho));
        view.describing.extend(proxies);
        view.aggregations = aggregations;
        view.europeana = europeana;
        view
    }

    /// The thing described.
    pub fn cho(&self) -> NamedNodeRef<'r> {
        self.cho
    }

    /// The provider's proxies; none in external EDM.
    pub fn proxies(&self) -> &[NamedOrBlankNodeRef<'r>] {
        self.describing.get(1..).unwrap_or_default()
    }

    /// The provider's aggregations.
    pub fn aggregations(&self) -> &[NamedOrBlankNodeRef<'r>] {
        &self.aggregations
    }

    /// `dc:title`.
    pub fn titles(&self) -> Vec<TermRef<'r>> {
        self.said(dc::TITLE)
    }

    /// `dc:description`.
    pub fn descriptions(&self) -> Vec<TermRef<'r>> {
        self.said(dc::DESCRIPTION)
    }

    /// `dc:type`.
    pub fn types(&self) -> Vec<TermRef<'r>> {
        self.said(dc::TYPE)
    }

    /// `dc:subject`.
    pub fn subjects(&self) -> Vec<TermRef<'r>> {
        self.said(dc::SUBJECT)
    }

    /// `dc:creator`.
    pub fn creators(&self) -> Vec<TermRef<'r>> {
        self.said(dc::CREATOR)
    }

    /// `dcterms:medium`.
    pub fn media(&self) -> Vec<TermRef<'r>> {
        self.said(dcterms::MEDIUM)
    }

    /// Every value that the provider gives the CHO for a property, each once.
    pub fn said(&self, property: NamedNodeRef<'_>) -> Vec<TermRef<'r>> {
        self.values(&self.describing, property)
    }

    /// `edm:type`: IMAGE, TEXT, SOUND, VIDEO or 3D.
    pub fn edm_type(&self) -> Option<&'r str> {
        self.said(edm::TYPE).into_iter().find_map(text)
    }

    /// `edm:rights` of the aggregation.
    pub fn rights(&self) -> Option<TermRef<'r>> {
        self.values(&self.aggregations, edm::RIGHTS).into_iter().next()
    }

    /// `edm:dataProvider`: a name, or the IRI of an organisation.
    pub fn data_provider(&self) -> Option<TermRef<'r>> {
        self.values(&self.aggregations, edm::DATA_PROVIDER).into_iter().next()
    }

    /// `edm:provider`: a name, or the IRI of an organisation.
    pub fn provider(&self) -> Option<TermRef<'r>> {
        self.values(&self.aggregations, edm::PROVIDER).into_iter().next()
    }

    /// `edm:isShownAt`: the page on which the provider shows the CHO. It is no picture.
    pub fn is_shown_at(&self) -> Option<NamedNodeRef<'r>> {
        self.values(&self.aggregations, edm::IS_SHOWN_AT).into_iter().find_map(named)
    }

    /// The name of the data set: what an aggregation says, or the middle part of a Europeana item's IRI.
    pub fn data_set(&self) -> Option<&'r str> {
        let parties: Vec<_> = self.europeana.iter().chain(&self.aggregations).copied().collect();
        let stated = [edm::DATASET_NAME, edm::COLLECTION_NAME].into_iter().flat_map(|p| self.values(&parties, p)).find_map(text);
        stated.or_else(|| {
            let path = self.cho.as_str().strip_prefix(ns::EUROPEANA_ITEM)?;
            path.split_once('/').map(|(set, _)| set).filter(|set| !set.is_empty())
        })
    }

    /// The web resources in order of preference: `edm:isShownBy`, `edm:hasView`, `edm:object`, and by IRI where there are several, since a
    /// store keeps no order. A resource with several roles has the best of them.
    pub fn web_resources(&self) -> Vec<WebResource<'r>> {
        let mut known = HashSet::new();
        let mut all = Vec::new();
        for (role, property) in [(Role::IsShownBy, edm::IS_SHOWN_BY), (Role::HasView, edm::HAS_VIEW), (Role::Object, edm::OBJECT)] {
            let mut these: Vec<_> = self.values(&self.aggregations, property).into_iter().filter_map(named).collect();
            these.sort_unstable_by_key(|iri| iri.as_str());
            all.extend(these.into_iter().filter(|iri| known.insert(*iri)).map(|iri| self.web_resource(iri, role)));
        }
        all
    }

    /// The web resource that shows the CHO best.
    pub fn best_web_resource(&self) -> Option<WebResource<'r>> {
        self.web_resources().into_iter().next()
    }

    fn web_resource(&self, iri: NamedNodeRef<'r>, role: Role) -> WebResource<'r> {
        let of = |property| self.values(&[iri.into()], property);
        let technical = of(ebucore::HAS_MIME_TYPE).into_iter().find_map(text);
        let format = || of(dc::FORMAT).into_iter().filter_map(text).find(|f| is_media_type(f));
        let pixels = |property| of(property).into_iter().find_map(text).and_then(|t| t.parse::<u32>().ok()).filter(|side| *side > 0);
        WebResource {
            iri,
            role,
            rights: of(edm::RIGHTS).into_iter().next(),
            mime_type: technical.or_else(format),
            service: of(svcs::HAS_SERVICE).into_iter().find_map(named),
            manifest: of(dcterms::IS_REFERENCED_BY).into_iter().find_map(named),
            size: pixels(ebucore::WIDTH).zip(pixels(ebucore::HEIGHT)),
        }
    }

    /// The things of a class, or with a property whose value is the CHO; one that is for another CHO is not ours.
    fn parties(&self, class: NamedNodeRef<'_>, property: NamedNodeRef<'_>) -> Vec<NamedOrBlankNodeRef<'r>> {
        let mut all = Vec::new();
        for triple in self.triples {
            let subject = triple.subject.as_ref();
            let typed = triple.predicate == rdf::TYPE && triple.object.as_ref() == class.into();
            let linked = triple.predicate == property && triple.object.as_ref() == self.cho.into();
            let foreign = || {
                let of = self.values(&[subject], property);
                !of.is_empty() && !of.contains(&self.cho.into()) && of.iter().any(|o| self.is_cho(*o))
            };
            if (linked || (typed && !foreign())) && !all.contains(&subject) {
                all.push(subject);
            }
        }
        all
    }

    fn is_cho(&self, term: TermRef<'_>) -> bool {
        self.triples
            .iter()
            .any(|t| t.predicate == rdf::TYPE && t.object.as_ref() == edm::PROVIDED_CHO.into() && TermRef::from(t.subject.as_ref()) == term)
    }

    fn is_providers(&self, proxy: NamedOrBlankNodeRef<'r>) -> bool {
        let of_europeana =
            self.values(&[proxy], edm::EUROPEANA_PROXY).into_iter().filter_map(text).any(|v| matches!(v.trim(), "true" | "1"));
        !of_europeana && self.values(&[proxy], ore::LINEAGE).is_empty()
    }

    fn has_type(&self, subject: NamedOrBlankNodeRef<'r>, class: NamedNodeRef<'_>) -> bool {
        self.values(&[subject], rdf::TYPE).contains(&class.into())
    }

    fn values(&self, subjects: &[NamedOrBlankNodeRef<'r>], property: NamedNodeRef<'_>) -> Vec<TermRef<'r>> {
        let mut all = Vec::new();
        for triple in self.triples.iter().filter(|t| t.predicate.as_ref() == property && subjects.contains(&t.subject.as_ref())) {
            let value = triple.object.as_ref();
            if !all.contains(&value) {
                all.push(value);
            }
        }
        all
    }
}

fn text(term: TermRef<'_>) -> Option<&str> {
    match term {
        TermRef::Literal(literal) => Some(literal.value().trim()).filter(|v| !v.is_empty()),
        _ => None,
    }
}

fn named(term: TermRef<'_>) -> Option<NamedNodeRef<'_>> {
    match term {
        TermRef::NamedNode(node) => Some(node),
        _ => None,
    }
}

/// `image/jpeg`, but not `30 x 40 cm`.
fn is_media_type(text: &str) -> bool {
    let part = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'));
    text.split_once('/').is_some_and(|(kind, rest)| part(kind) && part(rest))
}
