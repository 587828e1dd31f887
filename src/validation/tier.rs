//! The metadata tier of a record, as the Europeana Publishing Framework counts it: 0, A, B or C, the lowest of three parts.
//!
//! How many of the describing properties say their language; how many enabling elements there are, in how many groups; how many kinds
//! of contextual entities are described well enough. What Europeana adds itself does not count; what an aggregator publishes does.

use std::collections::{BTreeSet, HashMap, HashSet};

use oxigraph::model::{NamedNodeRef, NamedOrBlankNodeRef, TermRef, Triple};
use serde::{Deserialize, Serialize};

use crate::rdf::{
    ns::{edm, ore, rdf, skos},
    prefixed,
};

/// How good a record's metadata are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tier {
    /// Not enough.
    #[default]
    #[serde(rename = "0")]
    Zero,
    /// To be found.
    A,
    /// To be explored.
    B,
    /// A platform for knowledge.
    C,
}

impl Tier {
    /// All four, the lowest first.
    pub const ALL: [Self; 4] = [Self::Zero, Self::A, Self::B, Self::C];

    /// The letter.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Zero => "0",
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.letter())
    }
}

/// A record's metadata tier with its three parts, and what they rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataTier {
    /// The whole: the lowest of the three.
    pub tier: Tier,
    /// The share of describing properties that say their language: A from 25 %, B from 50 %, C from 75 %.
    pub language: Tier,
    /// The enabling elements: A with one, B with three in two groups, C with four in two groups.
    pub enabling_elements: Tier,
    /// The kinds of contextual entities that are linked and described: A with none, B with one, C with two.
    pub contextual_classes: Tier,
    /// The describing properties that are there and say no language.
    pub without_language: Vec<String>,
    /// How many describing properties are there.
    pub describing: usize,
    /// The enabling elements that are there.
    pub elements: Vec<String>,
    /// The groups that they belong to.
    pub groups: Vec<String>,
    /// The kinds of contextual entities that count.
    pub classes: Vec<String>,
}

/// The properties whose language is asked for.
const DESCRIBING: [&str; 22] = [
    "dc:coverage",
    "dc:description",
    "dc:format",
    "dc:relation",
    "dc:rights",
    "dc:source",
    "dc:subject",
    "dc:title",
    "dc:type",
    "dcterms:alternative",
    "dcterms:hasPart",
    "dcterms:isPartOf",
    "dcterms:isReferencedBy",
    "dcterms:medium",
    "dcterms:provenance",
    "dcterms:references",
    "dcterms:spatial",
    "dcterms:tableOfContents",
    "dcterms:temporal",
    "edm:currentLocation",
    "edm:hasType",
    "edm:isRelatedTo",
];

/// What people look for, and in which way: each element with its group, whatever its value.
const ENABLING: [(&str, &str); 11] = [
    ("dcterms:created", TIME),
    ("dcterms:issued", TIME),
    ("dcterms:temporal", TIME),
    ("dc:format", CONCEPT),
    ("dc:type", CONCEPT),
    ("dcterms:medium", CONCEPT),
    ("dc:creator", AGENT),
    ("dc:contributor", AGENT),
    ("dc:publisher", AGENT),
    ("dcterms:spatial", PLACE),
    ("edm:currentLocation", PLACE),
];

/// Elements that count only where they link to an entity of a group.
const ENABLING_BY_LINK: [(&str, &[&str]); 2] = [("edm:hasMet", &[TIME, AGENT]), ("dc:subject", &[CONCEPT, AGENT, PLACE])];

const TIME: &str = "edm:TimeSpan";
const CONCEPT: &str = "skos:Concept";
const AGENT: &str = "edm:Agent";
const PLACE: &str = "edm:Place";

/// The metadata tier of the record of this CHO.
pub fn metadata_tier(cho: NamedNodeRef<'_>, triples: &[Triple]) -> MetadataTier {
    let graph = Graph::of(cho, triples);
    let (language, describing, without_language) = graph.language();
    let (enabling_elements, elements, groups) = graph.enabling_elements();
    let classes = graph.contextual_classes();
    let contextual_classes = match classes.len() {
        0 => Tier::A,
        1 => Tier::B,
        _ => Tier::C,
    };
    MetadataTier {
        tier: language.min(enabling_elements).min(contextual_classes),
        language,
        enabling_elements,
        contextual_classes,
        without_language,
        describing,
        elements,
        groups,
        classes: classes.into_iter().map(str::to_owned).collect(),
    }
}

/// The record's statements, by what they are about.
struct Graph<'g> {
    said: HashMap<NamedOrBlankNodeRef<'g>, Vec<(String, TermRef<'g>)>>,
    /// What describes the CHO: itself, and every proxy that is not Europeana's.
    describing: Vec<NamedOrBlankNodeRef<'g>>,
}

impl<'g> Graph<'g> {
    fn of(cho: NamedNodeRef<'g>, triples: &'g [Triple]) -> Self {
        let mut said: HashMap<_, Vec<_>> = HashMap::new();
        let mut proxies = Vec::new();
        for triple in triples {
            let (subject, object) = (triple.subject.as_ref(), triple.object.as_ref());
            said.entry(subject).or_default().push((prefixed(triple.predicate.as_str()), object));
            let is_proxy = triple.predicate == ore::PROXY_FOR && object == cho.into();
            let is_typed = triple.predicate == rdf::TYPE && object == ore::PROXY.into();
            if (is_proxy || is_typed) && !proxies.contains(&subject) {
                proxies.push(subject);
            }
        }
        let mut graph = Self { said, describing: vec![cho.into()] };
        let flag = prefixed(edm::EUROPEANA_PROXY.as_str());
        proxies.retain(|p| !graph.values(*p, &flag).any(|v| matches!(text(v), Some("true" | "1"))));
        graph.describing.extend(proxies);
        graph
    }

    fn values(&self, subject: NamedOrBlankNodeRef<'g>, property: &str) -> impl Iterator<Item = TermRef<'g>> {
        let all = self.said.get(&subject).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(move |(name, _)| name == property).map(|(_, value)| *value)
    }

    /// What is said of the CHO by a property, empty text aside.
    fn described(&self, property: &str) -> Vec<TermRef<'g>> {
        self.describing.iter().flat_map(|d| self.values(*d, property)).filter(|v| says_something(*v)).collect()
    }

    fn has(&self, subject: NamedOrBlankNodeRef<'g>, property: &str) -> bool {
        self.values(subject, property).any(says_something)
    }

    fn is_a(&self, subject: NamedOrBlankNodeRef<'g>, class: &str) -> bool {
        self.values(subject, &prefixed(rdf::TYPE.as_str())).any(|c| matches!(c, TermRef::NamedNode(n) if prefixed(n.as_str()) == class))
    }

    fn language(&self) -> (Tier, usize, Vec<String>) {
        let (mut there, mut without) = (0, Vec::new());
        for property in DESCRIBING {
            let values = self.described(property);
            if values.is_empty() {
                continue;
            }
            there += 1;
            if !values.into_iter().any(|v| self.says_its_language(v)) {
                without.push(property.to_owned());
            }
        }
        // Quarters, so that no rounding decides.
        let quarters = (there - without.len()) * 4;
        let tier = match there {
            0 => Tier::Zero,
            _ if quarters >= there * 3 => Tier::C,
            _ if quarters >= there * 2 => Tier::B,
            _ if quarters >= there => Tier::A,
            _ => Tier::Zero,
        };
        (tier, there, without)
    }

    /// A text with a language tag, or a link to a concept, place or time span with a label that has one.
    fn says_its_language(&self, value: TermRef<'g>) -> bool {
        if let TermRef::Literal(literal) = value {
            return literal.language().is_some();
        }
        let label = prefixed(skos::PREF_LABEL.as_str());
        node(value).is_some_and(|entity| {
            [CONCEPT, PLACE, TIME].into_iter().any(|class| self.is_a(entity, class))
                && self.values(entity, &label).any(|l| says_something(l) && matches!(l, TermRef::Literal(l) if l.language().is_some()))
        })
    }

    fn enabling_elements(&self) -> (Tier, Vec<String>, Vec<String>) {
        let (mut elements, mut groups) = (Vec::new(), BTreeSet::new());
        for (element, group) in ENABLING {
            if !self.described(element).is_empty() {
                elements.push(element.to_owned());
                groups.insert(group);
            }
        }
        for (element, candidates) in ENABLING_BY_LINK {
            let linked: Vec<_> = self.described(element).into_iter().filter_map(node).collect();
            let found: Vec<&str> =
                candidates.iter().copied().filter(|group| linked.iter().any(|entity| self.is_a(*entity, group))).collect();
            if !found.is_empty() {
                elements.push(element.to_owned());
                groups.extend(found);
            }
        }
        let tier = match (elements.len(), groups.len()) {
            (4.., 2..) => Tier::C,
            (3, 2..) => Tier::B,
            (1.., 1..) => Tier::A,
            _ => Tier::Zero,
        };
        (tier, elements, groups.into_iter().map(str::to_owned).collect())
    }

    /// The kinds of entities that are linked from the description and say enough of themselves.
    fn contextual_classes(&self) -> Vec<&'static str> {
        let linked: HashSet<NamedOrBlankNodeRef<'g>> =
            self.describing.iter().filter_map(|d| self.said.get(d)).flatten().filter_map(|(_, value)| node(*value)).collect();
        let counts = |class: &str| linked.iter().any(|entity| self.is_a(*entity, class) && self.says_enough(*entity, class));
        [AGENT, CONCEPT, PLACE, TIME].into_iter().filter(|class| counts(class)).collect()
    }

    fn says_enough(&self, entity: NamedOrBlankNodeRef<'g>, class: &str) -> bool {
        let has = |property: &str| self.has(entity, property);
        let label = || has("skos:prefLabel");
        match class {
            AGENT => {
                let facts = [
                    "edm:begin",
                    "rdaGr2:dateOfBirth",
                    "rdaGr2:placeOfBirth",
                    "edm:end",
                    "rdaGr2:dateOfDeath",
                    "rdaGr2:placeOfDeath",
                    "rdaGr2:professionOrOccupation",
                ];
                label() && facts.into_iter().any(has)
            }
            CONCEPT => {
                let relations = ["skos:note", "skos:broader", "skos:narrower", "skos:exactMatch", "skos:closeMatch", "skos:related"];
                label() && relations.into_iter().any(has)
            }
            PLACE => label() && has("wgs84_pos:lat") && has("wgs84_pos:long"),
            _ => has("edm:begin") && has("edm:end"),
        }
    }
}

fn text(term: TermRef<'_>) -> Option<&str> {
    match term {
        TermRef::Literal(literal) => Some(literal.value().trim()),
        _ => None,
    }
}

fn says_something(term: TermRef<'_>) -> bool {
    text(term).is_none_or(|text| !text.is_empty())
}

fn node(term: TermRef<'_>) -> Option<NamedOrBlankNodeRef<'_>> {
    match term {
        TermRef::NamedNode(node) => Some(node.into()),
        TermRef::BlankNode(node) => Some(node.into()),
        TermRef::Literal(_) | TermRef::Triple(_) => None,
    }
}
