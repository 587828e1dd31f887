//! What we publish of a record, and nothing else of it: our proxy and its aggregation, with the concepts that they name, as EDM.

use oxigraph::model::{NamedNode, NamedOrBlankNode, Term};

use super::{
    EdmDocument, EdmXml, PublicationError,
    edm_concept::describe_concept,
    edm_origin::{is_statement, published_statements},
    edm_thing::{Origin, Remarks, Thing, Value},
    edm_xml::rdf_document,
};
use crate::{
    rdf::ns::{prov, rdf},
    store::Listed,
    validation::edm_class::{AGGREGATION, BARE_CHO, CONCEPT, PROXY},
    vocab::Vocabularies,
};

impl EdmXml<'_> {
    /// The publication of one record, in the order of Europeana's internal schema, where a proxy has its place. Nothing where nothing is
    /// published.
    pub fn publication(&self, listed: &Listed) -> Result<Option<EdmDocument>, PublicationError> {
        let base = self.store.base();
        let statements = published_statements(self.store, &listed.key)?;
        if statements.is_empty() {
            return Ok(None);
        }
        let mut proxy = Thing::new(base.aggregator_proxy(&listed.key).as_str(), &PROXY);
        let mut aggregation = Thing::new(base.aggregator_aggregation(&listed.key).as_str(), &AGGREGATION);
        for triple in self.store.triples(&base.published_graph(&listed.key))? {
            let holds_together = !is_statement(&triple.predicate) || !matches!(triple.object, Term::NamedNode(_));
            if triple.predicate == rdf::TYPE || triple.predicate == prov::WAS_DERIVED_FROM {
                continue;
            }
            if is(&triple.subject, &base.aggregator_aggregation(&listed.key)) {
                aggregation.say(triple.predicate.as_str(), value(&triple.object), Origin::default());
            } else if is(&triple.subject, &base.aggregator_proxy(&listed.key)) && holds_together {
                proxy.say(triple.predicate.as_str(), value(&triple.object), Origin::default());
            }
        }
        let vocabularies = Vocabularies::new(self.store)?;
        let mut concepts: Vec<Thing> = Vec::new();
        for statement in statements {
            let iri = statement.concept.as_str();
            proxy.say(statement.property.as_str(), Value::Reference(iri.to_owned()), statement.origin);
            let mut concept = Thing::new(iri, &CONCEPT);
            if !concepts.iter().any(|c| c.is_about(iri)) && describe_concept(self.store, &vocabularies, iri, &mut concept)? {
                concepts.push(concept);
            }
        }
        let mut remarks = Remarks::default();
        let xml = rdf_document(|writer| {
            Thing::new(&listed.cho, &BARE_CHO).write(&BARE_CHO, writer, &mut remarks)?;
            concepts.iter().try_for_each(|concept| concept.write(&CONCEPT, writer, &mut remarks))?;
            aggregation.write(&AGGREGATION, writer, &mut remarks)?;
            proxy.write(&PROXY, writer, &mut remarks)
        })
        .map_err(|reason| PublicationError::Xml { record: listed.key.to_string(), reason })?;
        Ok(Some(EdmDocument { xml, left_out: remarks.left_out, missing: remarks.missing }))
    }
}

fn is(subject: &NamedOrBlankNode, node: &NamedNode) -> bool {
    matches!(subject, NamedOrBlankNode::NamedNode(subject) if subject == node)
}

fn value(term: &Term) -> Value {
    match term {
        Term::NamedNode(node) => Value::Reference(node.as_str().to_owned()),
        Term::Literal(literal) => Value::text(literal.value(), literal.language().unwrap_or_default()),
        other => Value::text(&other.to_string(), ""),
    }
}
