//! What there is, described for those who choose: `VoID` and DCAT about data sets, vocabularies and the endpoint.

use std::ops::ControlFlow;

use oxigraph::model::{GraphName, Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term};

use super::describe::ours;
use crate::{
    rdf::{
        Base,
        mint::short_key,
        ns::{IANA, dcat, dcterms, edm, enr, foaf, oa, ore, prov, rdf, sd, skos, soa, vcard, void, xsd},
    },
    serve::{Settings as ServeSettings, SourceError},
    store::{Listing, Store, query::Settings},
    vocab::{Release, Vocabularies},
};

/// How IRIs of researchers begin.
const ORCID: &str = "https://orcid.org/";
/// How many records of a data set are counted; beyond, a visitor would wait too long.
const COUNTED: u64 = 100_000;
/// The vocabularies whose words the records and annotations are said in.
const WORDS: [&str; 8] = [edm::NS, ore::NS, oa::NS, prov::NS, skos::NS, soa::NS, dcterms::NS, enr::NS];

/// What the catalogue as a whole is.
const WHOLE: &str = "Records of cultural heritage, each as its provider gave it, with what models and people say that it shows: concepts \
    with their confidence, where they come from, and what became of them in review. The vocabularies that hold the concepts are here too. \
    All of it can be asked over SPARQL, harvested over OAI-PMH, followed link by link, or taken whole from the dumps where there are any.";
/// SPARQL 1.1 Protocol.
const PROTOCOL: &str = "https://www.w3.org/TR/sparql11-protocol/";

/// Statements in the making, all in the default graph.
struct Said(Vec<Quad>);

impl Said {
    fn say(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        self.0.push(Quad::new(subject.clone(), predicate, object, GraphName::DefaultGraph));
    }

    fn text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, text: &str) {
        self.say(subject, predicate, Literal::new_language_tagged_literal_unchecked(text, "en"));
    }

    fn count(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, count: u64) {
        self.say(subject, predicate, Literal::new_typed_literal(count.to_string(), xsd::INTEGER));
    }
}

fn under(base: &Base, local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{}{local}", base.as_str()))
}

/// The whole: a catalogue of the data sets and vocabularies, and the endpoint that answers questions about them.
pub(super) fn whole(store: &Store, queries: &Settings, serve: &ServeSettings) -> Result<(NamedNode, Vec<Quad>), SourceError> {
    let base = store.base();
    let (document, catalogue, service) = (under(base, ".well-known/void"), under(base, ".well-known/void#all"), service(base));
    let mut said = Said(Vec::new());
    said.say(&document, rdf::TYPE, void::DATASET_DESCRIPTION);
    said.text(&document, dcterms::TITLE, "What there is");
    said.say(&document, foaf::PRIMARY_TOPIC, catalogue.clone());
    said.say(&catalogue, rdf::TYPE, void::DATASET);
    said.say(&catalogue, rdf::TYPE, dcat::CATALOG);
    said.text(&catalogue, dcterms::TITLE, "Records, what their pictures show, and the vocabularies that say it");
    said.text(&catalogue, dcterms::DESCRIPTION, WHOLE);
    said.say(&catalogue, void::SPARQL_ENDPOINT, under(base, "sparql"));
    said.say(&catalogue, void::URI_SPACE, Literal::new_simple_literal(base.as_str()));
    said.count(&catalogue, void::ENTITIES, store.index().len().map_err(ours)?);
    for words in WORDS {
        said.say(&catalogue, void::VOCABULARY, NamedNode::new_unchecked(words));
    }
    for format in ["Turtle", "JSON-LD", "N-Triples", "RDF_XML", "N-Quads", "TriG"] {
        said.say(&catalogue, void::FEATURE, NamedNode::new_unchecked(format!("http://www.w3.org/ns/formats/{format}")));
    }
    if let Some(example) = example(store)? {
        said.say(&catalogue, void::EXAMPLE_RESOURCE, example);
    }
    describe_service(base, queries, &service, &mut said);
    said.say(&catalogue, dcat::HAS_SERVICE, service.clone());
    let vocabularies = Vocabularies::new(store).map_err(ours)?;
    // Vocabularies are made by houses; alignments by whoever they are.
    let releases = vocabularies.releases().iter().map(|release| (release, foaf::ORGANIZATION));
    let alignments = vocabularies.mapping_sets().iter().map(|release| (release, foaf::AGENT));
    for (release, kind) in releases.chain(alignments) {
        said.say(&catalogue, void::SUBSET, release.graph.clone());
        said.say(&catalogue, dcat::HAS_DATASET, release.graph.clone());
        said.say(&service, dcat::SERVES_DATASET, release.graph.clone());
        describe_release(base, release, kind, &mut said);
    }
    if let Some(dump) = crate::jobs::dumps(store.folder()).first() {
        said.0.extend(dump.files.iter().flat_map(|file| crate::serve::dumps::distribution(base, dump, file)));
    }
    for set in store.subjects(rdf::TYPE, dcat::DATASET, &store.meta_graph()).map_err(ours)? {
        let NamedOrBlankNode::NamedNode(set) = set else { continue };
        said.say(&catalogue, void::SUBSET, set.clone());
        said.say(&catalogue, dcat::HAS_DATASET, set.clone());
        said.say(&service, dcat::SERVES_DATASET, set.clone());
        for title in store.objects(&set, dcterms::TITLE, &store.meta_graph()).map_err(ours)? {
            said.say(&set, dcterms::TITLE, title);
        }
        describe_set(store, &set, &mut said)?;
        // What it consists of was brought together here.
        said.say(&set, dcterms::CREATOR, publisher(base));
        if !serve.metadata_rights.is_empty() {
            said.say(&set, dcterms::LICENSE, licence(&serve.metadata_rights));
        }
    }
    license_distributions(serve, &mut said);
    say_who_publishes(base, &catalogue, serve, &mut said);
    Ok((document, said.0))
}

/// A distribution has the licence of its data set, or else that of the metadata: registers look for it there.
fn license_distributions(serve: &ServeSettings, said: &mut Said) {
    let of_set =
        |set: &NamedOrBlankNode| said.0.iter().find(|q| q.predicate == dcterms::LICENSE && q.subject == *set).map(|q| q.object.clone());
    let general = (!serve.metadata_rights.is_empty()).then(|| licence(&serve.metadata_rights));
    let distributions = said.0.iter().filter(|q| q.predicate == dcat::HAS_DISTRIBUTION);
    let licensed = distributions.filter_map(|q| {
        let Term::NamedNode(distribution) = &q.object else { return None };
        Some((distribution.clone(), of_set(&q.subject).or_else(|| general.clone())?))
    });
    for (distribution, licence) in licensed.collect::<Vec<_>>() {
        said.say(&distribution, dcterms::LICENSE, licence);
    }
}

fn publisher(base: &Base) -> NamedNode {
    under(base, ".well-known/void#publisher")
}

/// Who makes all of it available, and where they can be asked: registers of data sets take none without a publisher that has a name.
fn say_who_publishes(base: &Base, catalogue: &NamedNode, serve: &ServeSettings, said: &mut Said) {
    let publisher = publisher(base);
    let contact = contact(base, serve, said);
    let sets = said.0.iter().filter(|q| q.predicate == dcat::HAS_DATASET).map(|q| q.object.clone());
    let sets: Vec<NamedNode> = sets.filter_map(|set| if let Term::NamedNode(set) = set { Some(set) } else { None }).collect();
    for thing in sets.iter().chain([catalogue]) {
        said.say(thing, dcterms::PUBLISHER, publisher.clone());
        if let Some(contact) = &contact {
            said.say(thing, dcat::CONTACT_POINT, contact.clone());
        }
    }
    said.say(&publisher, rdf::TYPE, foaf::ORGANIZATION);
    said.text(&publisher, foaf::NAME, &serve.name);
}

/// Whom to ask. Nobody, where the operator has not said whom: the address that is set by default reaches nobody.
fn contact(base: &Base, serve: &ServeSettings, said: &mut Said) -> Option<NamedNode> {
    let address = NamedNode::new(format!("mailto:{}", serve.admin_email)).ok().filter(|a| !a.as_str().ends_with(".invalid"))?;
    let contact = under(base, ".well-known/void#contact");
    said.say(&contact, rdf::TYPE, vcard::KIND);
    said.text(&contact, vcard::FN, &serve.name);
    said.say(&contact, vcard::HAS_EMAIL, address);
    Some(contact)
}

/// What is said of one data set, counted now.
pub(super) fn data_set(store: &Store, queries: &Settings, set: &NamedNode) -> Result<Vec<Quad>, SourceError> {
    let mut said = Said(Vec::new());
    describe_set(store, set, &mut said)?;
    let service = service(store.base());
    describe_service(store.base(), queries, &service, &mut said);
    said.say(&service, dcat::SERVES_DATASET, set.clone());
    Ok(said.0)
}

fn service(base: &Base) -> NamedNode {
    under(base, "sparql#service")
}

fn describe_service(base: &Base, queries: &Settings, service: &NamedNode, said: &mut Said) {
    said.say(service, rdf::TYPE, dcat::DATA_SERVICE);
    said.say(service, rdf::TYPE, sd::SERVICE);
    said.text(service, dcterms::TITLE, "SPARQL");
    said.say(service, dcat::ENDPOINT_URL, under(base, "sparql"));
    said.say(service, dcat::ENDPOINT_DESCRIPTION, under(base, "sparql"));
    let limits = format!(
        "A query may take {} s and {} MB, and at most {} run at once; its text holds at most {} bytes.",
        queries.deadline_seconds, queries.worker_megabytes, queries.parallel, queries.guard.text
    );
    said.text(service, dcterms::DESCRIPTION, &limits);
}

/// One release, or one mapping set, by what was told when it was loaded. `kind` is what made it, where only a name is known.
fn describe_release(base: &Base, release: &Release, kind: NamedNodeRef<'static>, said: &mut Said) {
    let graph = &release.graph;
    said.say(graph, rdf::TYPE, void::DATASET);
    said.say(graph, rdf::TYPE, dcat::DATASET);
    said.say(graph, dcterms::TITLE, Literal::new_simple_literal(format!("{} {}", release.scheme, release.release)));
    let held = format!("{} in its release {}, as it was loaded here: {} triples.", release.scheme, release.release, release.triples);
    said.text(graph, dcterms::DESCRIPTION, &held);
    said.count(graph, void::TRIPLES, release.triples);
    reached_by_sparql(base, graph, said);
    if let Some(text) = &release.licence {
        said.say(graph, dcterms::LICENSE, licence(text));
    }
    if let Some(source) = &release.source {
        said.say(graph, dcterms::SOURCE, iri_or_text(source));
    }
    if let Some(date) = &release.date {
        said.say(graph, dcterms::ISSUED, Literal::new_simple_literal(date));
    }
    for maker in &release.authors {
        say_who_made(base, graph, maker, kind, said);
    }
}

/// Who made a release, by name or IRI. Registers want something that has a name, not a name.
fn say_who_made(base: &Base, graph: &NamedNode, maker: &str, kind: NamedNodeRef<'static>, said: &mut Said) {
    let maker = if let Ok(maker) = NamedNode::new(maker) {
        if maker.as_str().starts_with(ORCID) {
            said.say(&maker, rdf::TYPE, foaf::PERSON);
        }
        maker
    } else {
        let named = under(base, &format!(".well-known/void#maker-{}", short_key([maker])));
        said.say(&named, rdf::TYPE, kind);
        said.text(&named, foaf::NAME, maker);
        named
    };
    said.say(graph, dcterms::CREATOR, maker);
}

/// One data set: how many records it has, how many statements were made about them, and of how many something is published.
fn describe_set(store: &Store, set: &NamedNode, said: &mut Said) -> Result<(), SourceError> {
    let base = store.base();
    let (mut records, mut annotations, mut published, mut first) = (0_u64, 0_u64, 0_u64, None);
    store
        .index()
        .records(Listing::DataSet(set.as_str()), None, |listed| {
            first.get_or_insert_with(|| listed.key.clone());
            records += 1;
            annotations += u64::from(listed.annotations);
            published += u64::from(listed.published);
            if records < COUNTED { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .map_err(ours)?;
    said.say(set, rdf::TYPE, void::DATASET);
    said.say(set, rdf::TYPE, dcat::DATASET);
    if records < COUNTED {
        said.count(set, void::ENTITIES, records);
    }
    let at_least = if records < COUNTED { "" } else { "At least " };
    let counted = format!("{at_least}{records} records with {annotations} annotations; of {published} of them something is published.");
    said.text(set, dcterms::DESCRIPTION, &counted);
    if let Some(key) = first {
        said.say(set, void::EXAMPLE_RESOURCE, base.source_graph(&key));
    }
    reached_by_sparql(base, set, said);
    Ok(())
}

/// DCAT 3, section 6.8.11: a distribution that is reached through a service.
fn reached_by_sparql(base: &Base, set: &NamedNode, said: &mut Said) {
    said.say(set, void::SPARQL_ENDPOINT, under(base, "sparql"));
    let distribution = NamedNode::new_unchecked(format!("{}#sparql", set.as_str()));
    said.say(set, dcat::HAS_DISTRIBUTION, distribution.clone());
    said.say(&distribution, rdf::TYPE, dcat::DISTRIBUTION);
    said.text(&distribution, dcterms::TITLE, "SPARQL");
    said.say(&distribution, dcat::ACCESS_URL, under(base, "sparql"));
    said.say(&distribution, dcat::ACCESS_SERVICE, service(base));
    said.say(&distribution, dcat::MEDIA_TYPE, NamedNode::new_unchecked(format!("{IANA}application/sparql-query")));
    said.say(&distribution, dcterms::CONFORMS_TO, NamedNodeRef::new_unchecked(PROTOCOL));
}

/// An annotation to look at.
fn example(store: &Store) -> Result<Option<NamedNode>, SourceError> {
    let meta = store.meta_graph();
    let graphs = store.quads().quads_for_pattern(None, Some(rdf::TYPE), Some(enr::ENRICHMENT_GRAPH.into()), Some(meta.as_ref().into()));
    for graph in graphs.take(50) {
        let NamedOrBlankNode::NamedNode(graph) = graph.map_err(ours)?.subject else { continue };
        let first = store.quads().quads_for_pattern(None, Some(oa::HAS_BODY), None, Some(graph.as_ref().into())).next();
        if let Some(NamedOrBlankNode::NamedNode(annotation)) = first.transpose().map_err(ours)?.map(|q| q.subject) {
            return Ok(Some(annotation));
        }
    }
    Ok(None)
}

/// A licence by the IRI that registers know it by: Creative Commons' with `https:`, where Europeana's rights statements keep the older `http:`;
/// Open Data Commons' with `http:` and a dot in its number, where their own site has moved on.
fn licence(text: &str) -> Term {
    if let Some(rest) = text.strip_prefix("http://creativecommons.org/") {
        return iri_or_text(&format!("https://creativecommons.org/{rest}"));
    }
    match text.split_once("://opendatacommons.org/licenses/") {
        Some(("http" | "https", rest)) => iri_or_text(&format!("http://opendatacommons.org/licenses/{}", rest.replace('-', "."))),
        _ => iri_or_text(text),
    }
}

fn iri_or_text(text: &str) -> Term {
    NamedNode::new(text).map_or_else(|_| Literal::new_simple_literal(text).into(), Term::from)
}
