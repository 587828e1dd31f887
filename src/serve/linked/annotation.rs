//! An annotation in the words of the W3C's Web Annotation model: the same statements, in the JSON that annotation clients read.

use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term};
use serde_json::{Map, Value, json};

use super::{
    describe::{Description, ours},
    wanted::ANNO,
};
use crate::{
    rdf::{
        ns::{activity_streams, dcterms, dqv, enr, foaf, oa, prov, rdf, skos, soa, xsd},
        plain,
    },
    serve::{App, SourceError},
};

/// The model's context, and the few terms of ours that it does not have. Scores are text with a type, so that their digits stay as they are.
pub(super) fn context() -> Value {
    let node = |iri: NamedNodeRef<'_>| json!({ "@id": iri.as_str(), "@type": "@id" });
    let typed = |iri: NamedNodeRef<'_>, datatype: NamedNodeRef<'_>| json!({ "@id": iri.as_str(), "@type": datatype.as_str() });
    let word = |iri: NamedNodeRef<'_>| json!({ "@id": iri.as_str(), "@type": "@vocab" });
    json!([ANNO, {
        "proposedProperty": node(enr::PROPOSED_PROPERTY),
        "facet": enr::FACET.as_str(),
        "confidence": typed(soa::CONFIDENCE, xsd::DECIMAL),
        "rawScore": typed(enr::RAW_SCORE, xsd::DOUBLE),
        "scoreKind": word(enr::SCORE_KIND),
        "Sigmoid": enr::SIGMOID.as_str(),
        "Softmax": enr::SOFTMAX.as_str(),
        "Cosine": enr::COSINE.as_str(),
        "Raw": enr::RAW.as_str(),
        "LabelMatch": enr::LABEL_MATCH.as_str(),
        "Likeness": enr::LIKENESS.as_str(),
        "ServiceScore": enr::SERVICE_SCORE.as_str(),
        "Agreement": enr::AGREEMENT.as_str(),
        "method": enr::METHOD.as_str(),
        "sourceProperty": node(enr::SOURCE_PROPERTY),
        "votes": typed(enr::VOTES, xsd::INTEGER),
        "voters": typed(enr::VOTERS, xsd::INTEGER),
        "majority": typed(enr::MAJORITY, xsd::BOOLEAN),
        "Product": enr::PRODUCT.as_str(),
        "Mean": enr::MEAN.as_str(),
        "Likelihood": enr::LIKELIHOOD.as_str(),
        "QualityAnnotation": dqv::QUALITY_ANNOTATION.as_str(),
        "Statement": rdf::STATEMENT.as_str(),
        "subject": node(rdf::SUBJECT),
        "predicate": node(rdf::PREDICATE),
        "object": node(rdf::OBJECT),
        "depiction": node(foaf::DEPICTION),
        "rank": enr::RANK.as_str(),
        "modelLabel": enr::MODEL_LABEL.as_str(),
        "match": word(enr::MATCH),
        "exactMatch": skos::EXACT_MATCH.as_str(),
        "closeMatch": skos::CLOSE_MATCH.as_str(),
        "broadMatch": skos::BROAD_MATCH.as_str(),
        "labelMapping": node(enr::LABEL_MAPPING),
        "decoder": enr::DECODER.as_str(),
        "wasGeneratedBy": node(prov::WAS_GENERATED_BY),
        "wasDerivedFrom": node(prov::WAS_DERIVED_FROM),
        "hasReview": node(soa::HAS_REVIEW),
    }])
}

/// The annotation with its context.
pub(super) fn web_annotation(app: &App, iri: &NamedNode, description: &Description) -> Result<Value, SourceError> {
    let mut annotation = json!({ "@context": context() });
    if let (Value::Object(whole), Value::Object(item)) = (&mut annotation, item(app, iri, description)?) {
        whole.extend(item);
    }
    Ok(annotation)
}

/// The annotation as an item of a page, which has the context.
pub(super) fn item(app: &App, iri: &NamedNode, description: &Description) -> Result<Value, SourceError> {
    let all = |predicate: NamedNodeRef<'static>| -> Vec<Value> {
        let mut values: Vec<String> = description.objects(iri, predicate).map(plain).collect();
        values.sort_unstable();
        values.dedup();
        values.into_iter().map(Value::from).collect()
    };
    let one = |predicate: NamedNodeRef<'static>| all(predicate).into_iter().next();
    let mut item = Map::new();
    let mut say = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            item.insert(name.to_owned(), value);
        }
    };
    say("id", Some(iri.as_str().into()));
    let quality = description.objects(iri, rdf::TYPE).any(|t| *t == Term::from(dqv::QUALITY_ANNOTATION));
    say("type", Some(if quality { json!(["Annotation", "QualityAnnotation"]) } else { "Annotation".into() }));
    say("motivation", one(oa::MOTIVATED_BY).map(|m| local(&m, oa::NS)));
    say("creator", description.objects(iri, dcterms::CREATOR).next().map(|c| creator(app, c)).transpose()?);
    say("created", one(dcterms::CREATED));
    say("body", description.objects(iri, oa::HAS_BODY).next().map(|b| body(description, b)));
    say("target", description.objects(iri, oa::HAS_TARGET).next().map(|t| target(description, t)));
    say("proposedProperty", one(enr::PROPOSED_PROPERTY));
    say("facet", one(enr::FACET));
    say("confidence", one(soa::CONFIDENCE));
    say("rawScore", one(enr::RAW_SCORE));
    say("scoreKind", one(enr::SCORE_KIND).map(|k| local(&k, enr::NS)));
    let rank = one(enr::RANK).and_then(|r| r.as_str().and_then(|r| r.parse::<u32>().ok()));
    say("rank", rank.map(Value::from));
    say("modelLabel", one(enr::MODEL_LABEL));
    say("method", one(enr::METHOD));
    for (name, property) in [("votes", enr::VOTES), ("voters", enr::VOTERS), ("majority", enr::MAJORITY)] {
        say(name, one(property));
    }
    say("match", one(enr::MATCH).map(|m| local(&m, skos::NS)));
    say("labelMapping", one(enr::LABEL_MAPPING));
    say("decoder", one(enr::DECODER));
    say("wasGeneratedBy", one(prov::WAS_GENERATED_BY));
    say("wasDerivedFrom", Some(all(prov::WAS_DERIVED_FROM)).filter(|v| !v.is_empty()).map(Value::from));
    say("hasReview", Some(all(soa::HAS_REVIEW)).filter(|v| !v.is_empty()).map(Value::from));
    Ok(item.into())
}

fn local(iri: &Value, namespace: &str) -> Value {
    let iri = iri.as_str().unwrap_or_default();
    iri.strip_prefix(namespace).unwrap_or(iri).into()
}

/// The software or the person, with a name.
fn creator(app: &App, creator: &Term) -> Result<Value, SourceError> {
    let Term::NamedNode(creator) = creator else { return Ok(plain(creator).into()) };
    let (mut name, mut class) = (None, None);
    for quad in app.store.about(creator).map_err(ours)? {
        match &quad.object {
            Term::Literal(literal) if quad.predicate == foaf::NAME => name = Some(literal.value().to_owned()),
            Term::NamedNode(n) if quad.predicate == rdf::TYPE && *n == activity_streams::APPLICATION => class = Some("Software"),
            Term::NamedNode(n) if quad.predicate == rdf::TYPE && *n == foaf::PERSON => class = Some("Person"),
            _ => {}
        }
    }
    let mut told = json!({ "id": creator.as_str() });
    if let Some(class) = class {
        told["type"] = class.into();
    }
    if let Some(name) = name {
        told["name"] = name.into();
    }
    Ok(told)
}

/// A concept by its IRI; a caption with its text; a relation with the two regions that it joins.
fn body(description: &Description, body: &Term) -> Value {
    let Term::NamedNode(node) = body else { return plain(body).into() };
    let is = |class: NamedNodeRef<'_>| description.objects(node, rdf::TYPE).any(|t| *t == Term::from(class.into_owned()));
    let on = |predicate: NamedNodeRef<'static>| description.objects(node, predicate).next();
    if is(oa::TEXTUAL_BODY) {
        let mut told = json!({ "id": node.as_str(), "type": "TextualBody", "format": "text/plain" });
        if let Some(Term::Literal(text)) = on(rdf::VALUE) {
            told["value"] = text.value().into();
            if let Some(language) = text.language() {
                told["language"] = language.into();
            }
        }
        return told;
    }
    if is(rdf::STATEMENT) {
        let part = |predicate: NamedNodeRef<'static>| on(predicate).map(|t| target(description, t)).unwrap_or_default();
        return json!({
            "id": node.as_str(), "type": "Statement", "subject": part(rdf::SUBJECT),
            "predicate": on(rdf::PREDICATE).map(plain), "object": part(rdf::OBJECT),
        });
    }
    node.as_str().into()
}

/// The words that a target quotes, or the part of a picture that it is.
fn selector(description: &Description, selector: &Term) -> Option<Value> {
    let Term::NamedNode(node) = selector else { return None };
    let of = |predicate: NamedNodeRef<'static>| description.objects(node, predicate).next().map(plain);
    if let Some(region) = of(rdf::VALUE) {
        let conforms = of(dcterms::CONFORMS_TO).unwrap_or_default();
        return Some(json!({ "id": node.as_str(), "type": "FragmentSelector", "conformsTo": conforms, "value": region }));
    }
    let mut told = json!({ "id": node.as_str(), "type": "TextQuoteSelector", "exact": of(oa::EXACT)? });
    for (name, predicate) in [("prefix", oa::PREFIX), ("suffix", oa::SUFFIX)] {
        if let Some(text) = of(predicate) {
            told[name] = text.into();
        }
    }
    Some(told)
}

/// The picture, seen as a view of the object; or the words of a text.
fn target(description: &Description, target: &Term) -> Value {
    let Term::NamedNode(target) = target else { return plain(target).into() };
    let on = |predicate: NamedNodeRef<'static>| description.objects(target, predicate).next().map(plain);
    let is_specific = description.quads.iter().any(|q| {
        q.predicate == rdf::TYPE
            && matches!(&q.subject, NamedOrBlankNode::NamedNode(s) if s == target)
            && q.object == Term::from(oa::SPECIFIC_RESOURCE)
    });
    if !is_specific {
        return target.as_str().into();
    }
    let mut told = json!({ "id": target.as_str(), "type": "SpecificResource" });
    let told_of = [
        ("source", on(oa::HAS_SOURCE)),
        ("scope", on(oa::HAS_SCOPE)),
        ("depiction", on(foaf::DEPICTION)),
        ("sourceProperty", on(enr::SOURCE_PROPERTY)),
    ];
    for (name, value) in told_of {
        if let Some(value) = value {
            told[name] = value.into();
        }
    }
    if let Some(part) = description.objects(target, oa::HAS_SELECTOR).next().and_then(|s| selector(description, s)) {
        told["selector"] = part;
    }
    told
}
