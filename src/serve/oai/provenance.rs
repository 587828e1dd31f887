//! Where a publication comes from: the policy that let it through, and the annotations with their runs, taggers and models, as PROV.

use oxigraph::{
    io::{RdfFormat, RdfSerializer},
    model::{Literal, NamedNode, NamedNodeRef, Term, Triple},
};

use super::record::Unwritten;
use crate::{
    enrichment::annotation,
    rdf::{
        RecordKey,
        ns::{PREFIXES, dcterms, oa, prov, rdf, soa},
        xml::clean,
    },
    store::Store,
};

/// What is told of an annotation or a verdict besides its provenance.
const TOLD: [NamedNodeRef<'static>; 4] = [oa::HAS_BODY, soa::CONFIDENCE, dcterms::CREATOR, dcterms::CREATED];

/// The prefixes in it.
const USED: [&str; 10] = ["dcterms", "enr", "foaf", "mls", "oa", "prov", "rdf", "soa", "spdx", "xsd"];

/// The provenance of what is published for a record, as RDF/XML.
pub(super) fn of(store: &Store, record: &RecordKey) -> Result<String, Unwritten> {
    let (meta, published) = (store.meta_graph(), store.base().published_graph(record));
    let proxy = store.base().aggregator_proxy(record);
    let mut said = Said { store, meta, triples: Vec::new() };
    for policy in store.objects(&published, prov::WAS_DERIVED_FROM, &said.meta)? {
        said.triples.push(Triple::new(proxy.clone(), prov::WAS_DERIVED_FROM, policy.clone()));
        said.all_about(policy)?;
    }
    for ground in store.objects(&proxy, prov::WAS_DERIVED_FROM, &published)? {
        said.triples.push(Triple::new(proxy.clone(), prov::WAS_DERIVED_FROM, ground.clone()));
        if let Term::NamedNode(ground) = ground {
            said.ground(&ground)?;
        }
    }
    said.written()
}

/// What is said.
struct Said<'s> {
    store: &'s Store,
    meta: NamedNode,
    triples: Vec<Triple>,
}

impl Said<'_> {
    /// An annotation with the run, the tagger and the model that made it; or a verdict with who decided.
    fn ground(&mut self, ground: &NamedNode) -> Result<(), Unwritten> {
        let about = self.store.about(ground)?;
        let told = about.into_iter().filter(|q| q.predicate == rdf::TYPE || TOLD.contains(&q.predicate.as_ref()));
        self.triples.extend(told.map(Triple::from));
        let Some(annotation) = annotation(self.store, ground).map_err(|error| Unwritten::Ours(error.to_string()))? else { return Ok(()) };
        for made_by in [prov::WAS_GENERATED_BY, prov::WAS_ATTRIBUTED_TO] {
            for maker in self.store.objects(&annotation.graph, made_by, &self.meta)? {
                self.triples.push(Triple::new(ground.clone(), made_by, maker.clone()));
                for used in self.all_about(maker)? {
                    self.all_about(used)?;
                }
            }
        }
        Ok(())
    }

    /// Everything that the graph of runs and models says of something; hands back the models that it used.
    fn all_about(&mut self, thing: Term) -> Result<Vec<Term>, Unwritten> {
        let Term::NamedNode(thing) = thing else { return Ok(Vec::new()) };
        let about: Vec<Triple> =
            self.store.about(&thing)?.into_iter().filter(|q| q.graph_name == self.meta.clone().into()).map(Triple::from).collect();
        let base = self.store.base();
        let is_model = |term: &Term| matches!(term, Term::NamedNode(n) if base.local(n.as_str()).is_some_and(|l| l.starts_with("model/")));
        let models = about.iter().filter(|t| t.predicate == prov::USED && is_model(&t.object)).map(|t| t.object.clone()).collect();
        self.triples.extend(about);
        Ok(models)
    }

    /// RDF/XML, the same from the same triples.
    fn written(mut self) -> Result<String, Unwritten> {
        self.triples.sort_by_cached_key(ToString::to_string);
        self.triples.dedup();
        let mut serializer = RdfSerializer::from_format(RdfFormat::RdfXml);
        for (prefix, namespace) in PREFIXES.iter().filter(|(prefix, _)| USED.contains(prefix)) {
            serializer = serializer.with_prefix(*prefix, *namespace).map_err(|error| Unwritten::Ours(error.to_string()))?;
        }
        let mut writer = serializer.for_writer(Vec::new());
        for triple in &self.triples {
            writer.serialize_triple(clean_text(triple).as_ref())?;
        }
        String::from_utf8(writer.finish()?).map_err(|error| Unwritten::Record(error.to_string()))
    }
}

/// The serialiser writes what XML forbids: we do not let it.
fn clean_text(triple: &Triple) -> Triple {
    let Term::Literal(literal) = &triple.object else { return triple.clone() };
    let text = clean(literal.value());
    let literal = match literal.language() {
        Some(language) => Literal::new_language_tagged_literal_unchecked(text, language),
        None => Literal::new_typed_literal(text, literal.datatype()),
    };
    Triple::new(triple.subject.clone(), triple.predicate.clone(), literal)
}
