//! What the provider said, sorted into the things that EDM's XML describes. What Europeana said itself in internal EDM is left aside.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use oxigraph::model::{NamedOrBlankNodeRef, Term, TermRef, Triple};

use super::edm_thing::{Origin, Remarks, Thing, Value, datatype};
use crate::{
    rdf::{
        Base, RecordKey,
        mint::short_key,
        ns::{edm, ore, rdf},
        prefixed,
    },
    records::RecordView,
    validation::edm_class::{AGGREGATION, BESIDE, CHO, Class, WEB_RESOURCE},
};

/// How deep the things without a name are looked into for their name's sake.
const DEEPEST: usize = 4;

/// The things of one record.
#[derive(Debug)]
pub(super) struct Source {
    /// The CHO, with all that the provider said of it.
    pub(super) cho: Thing,
    /// Web resources and contextual entities, by IRI.
    pub(super) beside: BTreeMap<String, Thing>,
    /// The provider's aggregations.
    pub(super) aggregations: Vec<Thing>,
}

/// Sorts a record's triples.
pub(super) fn read_source(
    base: &Base,
    record: &RecordKey,
    view: &RecordView<'_>,
    triples: &[Triple],
    origins: &HashMap<Triple, Origin>,
    remarks: &mut Remarks,
) -> Source {
    let reading = Reading { base, record, view, triples, origins, classes: classes(view, triples) };
    reading.tell_of_the_unclassed(remarks);
    let mut cho = Thing::new(view.cho().as_str(), &CHO);
    reading.describe(&mut cho, &reading.describing(), remarks);
    let mut aggregations = Vec::new();
    for aggregation in view.aggregations() {
        let mut thing = Thing::new(&reading.name(*aggregation), &AGGREGATION);
        thing.say(edm::AGGREGATED_CHO.as_str(), Value::Reference(view.cho().as_str().to_owned()), Origin::default());
        reading.describe(&mut thing, &[*aggregation], remarks);
        aggregations.push(thing);
    }
    let mut beside: BTreeMap<String, Thing> = BTreeMap::new();
    for (subject, classes) in &reading.classes {
        let name = reading.name(*subject);
        for class in classes {
            beside.entry(name.clone()).or_insert_with(|| Thing::new(&name, class)).is_also(class);
        }
        if let Some(thing) = beside.get_mut(&name) {
            reading.describe(thing, &[*subject], remarks);
        }
    }
    Source { cho, beside, aggregations }
}

struct Reading<'r> {
    base: &'r Base,
    record: &'r RecordKey,
    view: &'r RecordView<'r>,
    triples: &'r [Triple],
    origins: &'r HashMap<Triple, Origin>,
    classes: HashMap<NamedOrBlankNodeRef<'r>, Vec<&'static Class>>,
}

impl<'r> Reading<'r> {
    /// External EDM describes the CHO itself, internal EDM the provider's proxy.
    fn describing(&self) -> Vec<NamedOrBlankNodeRef<'r>> {
        let cho = NamedOrBlankNodeRef::from(self.view.cho());
        std::iter::once(cho).chain(self.view.proxies().iter().copied()).collect()
    }

    /// Adds to a thing what is said of these subjects.
    fn describe(&self, thing: &mut Thing, subjects: &[NamedOrBlankNodeRef<'r>], remarks: &mut Remarks) {
        for triple in self.triples.iter().filter(|t| subjects.contains(&t.subject.as_ref()) && !is_structure(t)) {
            let name = prefixed(triple.predicate.as_str());
            if triple.predicate == edm::AGGREGATED_CHO && thing.has(&name) && triple.object != Term::from(self.view.cho().into_owned()) {
                // One aggregation for several CHOs: each record is written for its own.
                remarks.left_out.push(format!("{name} of {}: {} is another CHO", triple.subject, triple.object));
                continue;
            }
            if !thing.has(&name) && self.roles(triple.subject.as_ref()).iter().any(|class| class.has(&name)) {
                // The same IRI names something else too, of which this is said.
                continue;
            }
            let origin = self.origins.get(triple).cloned().unwrap_or_default();
            match self.value(triple.object.as_ref()) {
                Some(value) => thing.say(triple.predicate.as_str(), value, origin),
                None => remarks
                    .left_out
                    .push(format!("{name} of {}: it names something without a name that EDM has no class for", triple.subject)),
            }
        }
    }

    /// Every class of element that is written for a subject.
    fn roles(&self, subject: NamedOrBlankNodeRef<'r>) -> Vec<&'static Class> {
        let mut roles = self.classes.get(&subject).cloned().unwrap_or_default();
        roles.extend(self.describing().contains(&subject).then_some(&CHO));
        roles.extend(self.view.aggregations().contains(&subject).then_some(&AGGREGATION));
        roles
    }

    fn value(&self, term: TermRef<'r>) -> Option<Value> {
        match term {
            TermRef::NamedNode(node) => Some(Value::Reference(node.as_str().to_owned())),
            TermRef::Literal(literal) => Some(Value::Text {
                language: literal.language().map(str::to_owned),
                text: literal.value().to_owned(),
                datatype: literal.language().is_none().then(|| datatype(literal.datatype().as_str())).flatten(),
            }),
            TermRef::BlankNode(node) => self.classes.contains_key(&node.into()).then(|| Value::Reference(self.name(node.into()))),
            TermRef::Triple(_) => None,
        }
    }

    /// The IRI of a thing; one without a name gets a name from what is said about it, the same whenever the record is written.
    fn name(&self, subject: NamedOrBlankNodeRef<'_>) -> String {
        match subject {
            NamedOrBlankNodeRef::NamedNode(node) => node.as_str().to_owned(),
            blank @ NamedOrBlankNodeRef::BlankNode(_) => self.base.unnamed(self.record, &self.content(blank, 0)).into_string(),
        }
    }

    fn content(&self, subject: NamedOrBlankNodeRef<'_>, depth: usize) -> String {
        let mut said: Vec<String> = Vec::new();
        for triple in self.triples.iter().filter(|t| t.subject.as_ref() == subject) {
            let object = match &triple.object {
                Term::BlankNode(node) if depth < DEEPEST => self.content(node.as_ref().into(), depth + 1),
                Term::BlankNode(_) => String::new(),
                other => other.to_string(),
            };
            said.push(format!("{} {object}", triple.predicate));
        }
        said.sort_unstable();
        short_key(said)
    }

    /// Things of a class that EDM's XML does not have, such as organisations.
    fn tell_of_the_unclassed(&self, remarks: &mut Remarks) {
        let ours: HashSet<_> = self.describing().into_iter().chain(self.view.aggregations().iter().copied()).collect();
        let theirs = reached(self.triples, &foreign_parties(self.view, self.triples), &HashSet::new());
        let mut told = BTreeSet::new();
        for triple in self.triples {
            let subject = triple.subject.as_ref();
            if !ours.contains(&subject) && !theirs.contains(&subject) && !self.classes.contains_key(&subject) {
                told.insert(format!("{subject}: the thing is of no class that EDM's XML has"));
            }
        }
        remarks.left_out.extend(told);
    }
}

/// What only says how the record hangs together: classes of things, and what a proxy is for.
fn is_structure(triple: &Triple) -> bool {
    let of_proxies = [ore::PROXY_FOR, ore::PROXY_IN, ore::LINEAGE, edm::EUROPEANA_PROXY];
    let class = |object: &Term| {
        let known = [edm::PROVIDED_CHO.as_str(), ore::PROXY.as_str(), ore::AGGREGATION.as_str(), edm::EUROPEANA_AGGREGATION.as_str()];
        matches!(object, Term::NamedNode(n) if known.contains(&n.as_str()) || class_of(n.as_str()).is_some())
    };
    of_proxies.contains(&triple.predicate.as_ref()) || (triple.predicate == rdf::TYPE && class(&triple.object))
}

fn class_of(iri: &str) -> Option<&'static Class> {
    let name = prefixed(iri);
    BESIDE.into_iter().find(|class| class.name == name)
}

/// The things beside the CHO and the aggregation, with their classes. Those to which only Europeana's own proxy and aggregation lead are
/// Europeana's words, and left aside.
fn classes<'r>(view: &RecordView<'r>, triples: &'r [Triple]) -> HashMap<NamedOrBlankNodeRef<'r>, Vec<&'static Class>> {
    let foreign = foreign_parties(view, triples);
    let mut own: HashSet<_> = view.proxies().iter().chain(view.aggregations()).copied().collect();
    own.insert(view.cho().into());
    let ours = reached(triples, &own, &foreign);
    let theirs = reached(triples, &foreign, &HashSet::new());
    let mut classes: HashMap<NamedOrBlankNodeRef<'r>, Vec<&'static Class>> = HashMap::new();
    let views = [edm::IS_SHOWN_BY, edm::IS_SHOWN_AT, edm::HAS_VIEW, edm::OBJECT];
    let mut shown = HashSet::new();
    for triple in triples {
        if triple.predicate == rdf::TYPE
            && let Term::NamedNode(class) = &triple.object
            && let Some(class) = class_of(class.as_str())
        {
            classes.entry(triple.subject.as_ref()).or_default().push(class);
        }
        if views.contains(&triple.predicate.as_ref())
            && let Some(node) = node(&triple.object)
        {
            shown.insert(node);
        }
    }
    // A view that is described without being called a web resource is one all the same.
    for triple in triples.iter().filter(|t| shown.contains(&t.subject.as_ref()) && !own.contains(&t.subject.as_ref())) {
        let known = classes.entry(triple.subject.as_ref()).or_default();
        if !known.iter().any(|c| c.name == WEB_RESOURCE.name) {
            known.push(&WEB_RESOURCE);
        }
    }
    classes.retain(|subject, _| ours.contains(subject) || !theirs.contains(subject));
    classes
}

/// The proxies and aggregations that are not the provider's.
fn foreign_parties<'r>(view: &RecordView<'r>, triples: &'r [Triple]) -> HashSet<NamedOrBlankNodeRef<'r>> {
    let parties = [ore::PROXY, ore::AGGREGATION, edm::EUROPEANA_AGGREGATION];
    let is_party = |t: &Triple| t.predicate == rdf::TYPE && parties.iter().any(|p| t.object == Term::from(p.into_owned()));
    let is_own = |s: &NamedOrBlankNodeRef<'_>| view.proxies().contains(s) || view.aggregations().contains(s) || *s == view.cho().into();
    triples.iter().filter(|t| is_party(t)).map(|t| t.subject.as_ref()).filter(|s| !is_own(s)).collect()
}

/// Everything that is described and to which these lead, themselves among it, without going through those.
fn reached<'r>(
    triples: &'r [Triple],
    from: &HashSet<NamedOrBlankNodeRef<'r>>,
    without: &HashSet<NamedOrBlankNodeRef<'r>>,
) -> HashSet<NamedOrBlankNodeRef<'r>> {
    let mut said: HashMap<NamedOrBlankNodeRef<'r>, Vec<&'r Term>> = HashMap::new();
    for triple in triples {
        said.entry(triple.subject.as_ref()).or_default().push(&triple.object);
    }
    let mut reached = from.clone();
    let mut ahead: Vec<_> = from.iter().copied().collect();
    while let Some(at) = ahead.pop() {
        for next in said.get(&at).into_iter().flatten().filter_map(|term| node(term)) {
            if said.contains_key(&next) && !without.contains(&next) && reached.insert(next) {
                ahead.push(next);
            }
        }
    }
    reached
}

fn node(term: &Term) -> Option<NamedOrBlankNodeRef<'_>> {
    match term {
        Term::NamedNode(node) => Some(node.as_ref().into()),
        Term::BlankNode(node) => Some(node.as_ref().into()),
        Term::Literal(_) | Term::Triple(_) => None,
    }
}
