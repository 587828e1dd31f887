//! The JSON-LD in which SAGE, `CrowdHeritage` and MINT exchange annotations: who made them, how surely, for which property, and what became of them.

use serde_json::{Value, json};

use super::SharedStatement;
use crate::{
    rdf::ns::{activity_streams, dc, dcterms, edm, oa, skos, soa, xsd},
    review::{Decision, Verdict},
};

/// The statements as one document.
pub fn ntua(statements: &[SharedStatement]) -> Value {
    json!({ "@context": context(), "@graph": statements.iter().map(one).collect::<Vec<_>>() })
}

fn context() -> Value {
    let node = |iri: String| json!({ "@id": iri, "@type": "@id" });
    json!({
        "oa": oa::NS,
        "as": activity_streams::NS,
        "dc": dc::NS,
        "dcterms": dcterms::NS,
        "edm": edm::NS,
        "skos": skos::NS,
        "soa": soa::NS,
        "id": "@id",
        "type": "@type",
        "Annotation": oa::ANNOTATION.as_str(),
        "SpecificResource": oa::SPECIFIC_RESOURCE.as_str(),
        "Software": activity_streams::APPLICATION.as_str(),
        "Person": format!("{}Person", activity_streams::NS),
        "Validation": soa::VALIDATION.as_str(),
        "body": node(oa::HAS_BODY.as_str().to_owned()),
        "target": oa::HAS_TARGET.as_str(),
        "source": node(oa::HAS_SOURCE.as_str().to_owned()),
        "motivation": { "@id": oa::MOTIVATED_BY.as_str(), "@type": "@vocab" },
        "tagging": oa::TAGGING.as_str(),
        "creator": dcterms::CREATOR.as_str(),
        "name": format!("{}name", activity_streams::NS),
        "created": { "@id": dcterms::CREATED.as_str(), "@type": xsd::DATE_TIME.as_str() },
        "confidence": { "@id": soa::CONFIDENCE.as_str(), "@type": xsd::DECIMAL.as_str() },
        "scope": { "@id": format!("{}onProperty", soa::NS), "@type": "@vocab" },
        "review": soa::HAS_REVIEW.as_str(),
        "recommendation": { "@id": soa::RECOMMENDATION.as_str(), "@type": "@vocab" },
        "accept": soa::ACCEPT.as_str(),
        "reject": soa::REJECT.as_str(),
    })
}

fn one(statement: &SharedStatement) -> Value {
    let mut told = json!({
        "id": statement.iri.as_str(),
        "type": "Annotation",
        "motivation": "tagging",
        "creator": {
            "id": statement.creator.as_str(),
            "type": if statement.by_person { "Person" } else { "Software" },
            "name": statement.creator_name,
        },
        "body": statement.concept.as_str(),
        "target": { "type": "SpecificResource", "source": statement.cho },
        "scope": statement.property_name(),
    });
    if let Some(created) = &statement.created {
        told["created"] = json!(created);
    }
    if let Some(confidence) = statement.confidence {
        // Decimals are texts here, so that their digits stay as they are.
        told["confidence"] = json!(format!("{confidence:.4}"));
    }
    let reviews: Vec<Value> = statement.verdicts.iter().map(review).collect();
    if !reviews.is_empty() {
        told["review"] = reviews.into();
    }
    told
}

fn review(verdict: &Verdict) -> Value {
    json!({
        "id": verdict.iri.as_str(),
        "type": "Validation",
        "recommendation": if verdict.decision == Decision::Accept { "accept" } else { "reject" },
        "creator": { "id": verdict.who.as_str(), "type": "Person" },
        "created": verdict.at.to_string(),
    })
}
