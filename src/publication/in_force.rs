//! The policy in force: written down in the store when something is published by it, so that reviewing and retracting obey it.

use oxigraph::model::{Literal, Quad, Term};

use super::{Policy, PublicationError};
use crate::{
    rdf::ns::{dcterms, enr, rdf},
    store::{Change, Store},
};

/// The policy by which the store publishes, if it ever did.
pub fn policy_in_force(store: &Store) -> Result<Option<Policy>, PublicationError> {
    let meta = store.meta_graph();
    let Some(Term::NamedNode(policy)) = store.object(&store.base().store(), enr::POLICY_IN_FORCE, &meta)? else { return Ok(None) };
    let Some(Term::Literal(rules)) = store.object(&policy, enr::RULES, &meta)? else { return Ok(None) };
    serde_json::from_str(rules.value()).map(Some).map_err(|e| PublicationError::Policy {
        name: policy.into_string(),
        reason: format!("what the store holds of it cannot be read: {e}"),
    })
}

/// Adds to a change what makes this policy the one in force.
pub fn describe_policy(store: &Store, policy: &Policy, change: &mut Change) -> Result<(), PublicationError> {
    let (meta, subject) = (store.meta_graph(), store.base().store());
    let iri = store.base().policy(&policy.name, &policy.digest());
    for old in store.objects(&subject, enr::POLICY_IN_FORCE, &meta)? {
        if old != Term::from(iri.clone()) {
            change.remove.push(Quad::new(subject.clone(), enr::POLICY_IN_FORCE, old, meta.clone()));
        }
    }
    let rules = serde_json::to_string(policy).map_err(|e| PublicationError::Policy { name: policy.name.clone(), reason: e.to_string() })?;
    change.add(subject, enr::POLICY_IN_FORCE, iri.clone(), meta.clone());
    change.add(iri.clone(), rdf::TYPE, enr::POLICY, meta.clone());
    change.add(iri.clone(), dcterms::TITLE, Literal::new_simple_literal(&policy.name), meta.clone());
    change.add(iri, enr::RULES, Literal::new_simple_literal(rules), meta);
    Ok(())
}
