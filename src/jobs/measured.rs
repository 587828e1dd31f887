//! Whether a policy asks for confidences where there are only scores: then it would publish nothing and nobody would know why.

use anyhow::bail;
use oxigraph::model::{NamedNode, NamedOrBlankNode};

use super::House;
use crate::{
    publication::{Policy, Rule, Status},
    rdf::{
        ns::{dcterms, enr, rdf},
        text_of,
    },
};

/// A tagger as the store knows it.
struct Known {
    name: String,
    status: Status,
    /// The facets that are calibrated.
    calibrated: Vec<String>,
    /// The facets that it has said something in.
    facets: Vec<String>,
}

/// Refuses a rule that wants a confidence in a facet in which no tagger of its status has any, though taggers have spoken there: a softmax's
/// score has no absolute threshold (its whole is shared by however many labels there are), and is never compared with one.
pub(super) fn refuse_scores(house: &House, policy: &Policy) -> anyhow::Result<()> {
    let asked = |rule: &&Rule| rule.least_confidence.is_some() && rule.facet.is_some();
    if !policy.rules.iter().any(|r| asked(&r)) {
        return Ok(());
    }
    let known = known(house)?;
    for (number, rule) in policy.rules.iter().enumerate().filter(|(_, r)| asked(r)) {
        let (Some(facet), Some(least)) = (&rule.facet, rule.least_confidence) else { continue };
        let speaking: Vec<&Known> = known.iter().filter(|k| k.status == rule.status && k.facets.contains(facet)).collect();
        if let (Some(first), true) = (speaking.first(), speaking.iter().all(|k| !k.calibrated.contains(facet))) {
            bail!(
                "rule {} wants a confidence of {least} in `{facet}`, but {} gives scores there that are not calibrated, and a score has no absolute threshold: calibrate it (`calibration` in its manifest), or take the best by rank (`best_ranks = 1`)",
                number + 1,
                first.name
            );
        }
    }
    Ok(())
}

fn known(house: &House) -> anyhow::Result<Vec<Known>> {
    let (store, meta) = (&house.store, house.store.meta_graph());
    let mut all = Vec::new();
    for agent in store.subjects(rdf::TYPE, enr::TAGGER, &meta)? {
        let NamedOrBlankNode::NamedNode(agent) = agent else { continue };
        let status = match store.object(&agent, enr::TAGGER_STATUS, &meta)?.map(text_of).unwrap_or_default() {
            s if s == enr::APPROVED.as_str() => Status::Approved,
            s if s == enr::CANDIDATE.as_str() => Status::Candidate,
            _ => Status::Demo,
        };
        let calibrated = store.objects(&agent, enr::CALIBRATED_ON, &meta)?.into_iter().map(text_of);
        // "facet: what it was fitted on"
        let calibrated = calibrated.filter_map(|told| told.split_once(": ").map(|(facet, _)| facet.to_owned())).collect();
        let name = store.object(&agent, dcterms::IDENTIFIER, &meta)?.map(text_of).unwrap_or_default();
        all.push(Known { name, status, calibrated, facets: facets(house, &agent)? });
    }
    Ok(all)
}

/// The facets in which a tagger has said something: a few hundred of its annotations tell.
fn facets(house: &House, agent: &NamedNode) -> anyhow::Result<Vec<String>> {
    let mut facets: Vec<String> = Vec::new();
    let said = house.store.quads().quads_for_pattern(None, Some(dcterms::CREATOR), Some(agent.as_ref().into()), None);
    for quad in said.take(500) {
        let quad = quad?;
        let facet = house
            .store
            .quads()
            .quads_for_pattern(Some(quad.subject.as_ref()), Some(enr::FACET), None, Some(quad.graph_name.as_ref()))
            .next();
        if let Some(facet) = facet.transpose()?.map(|q| text_of(q.object))
            && !facets.contains(&facet)
        {
            facets.push(facet);
        }
    }
    Ok(facets)
}
