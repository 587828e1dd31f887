//! Candidates: the concepts of the loaded vocabularies that a zero-shot head chooses from, with the words that they are asked for by.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::TaggingError;
use crate::{
    model::{Candidate, CandidateSpec, OneOrMany, Wording},
    vocab::Vocabularies,
};

/// How many concepts are walked through at most, guide terms and those of other schemes included.
const MOST_WALKED: usize = 1_000_000;

/// The concepts below those that a head names, those nearest to the top first: guide terms are walked through and never chosen. Each comes
/// with its label in each of the prompts' languages that it has one in, and the labels of the candidates above it.
pub fn candidates(
    vocabularies: &Vocabularies<'_>,
    facet: &str,
    spec: &CandidateSpec,
    prompts: &BTreeMap<String, OneOrMany>,
) -> Result<Vec<Candidate>, TaggingError> {
    let refused = |reason: String| TaggingError::Candidates { facet: facet.to_owned(), reason };
    let languages: Vec<&str> = prompts.keys().map(String::as_str).collect();
    let mut seen: HashSet<String> = HashSet::new();
    let mut next: VecDeque<(String, usize, Option<usize>)> = VecDeque::new();
    for top in &spec.under {
        if !vocabularies.is_known(top)? {
            return Err(refused(format!(
                "<{top}>, below which it looks for concepts, is in none of the loaded vocabularies: load it first"
            )));
        }
        seen.insert(top.clone());
        next.push_back((top.clone(), 0, None));
    }
    let mut chosen: Vec<Candidate> = Vec::new();
    let mut above_of: Vec<Option<usize>> = Vec::new();
    while let Some((at, depth, above)) = next.pop_front() {
        let own = if depth > 0 && belongs(vocabularies, &at, spec)? { wordings(vocabularies, &at, &languages)? } else { None };
        let place = match own {
            Some((label, tags)) => {
                let wordings = tags.into_iter().map(|(language, tag)| (language, Wording { tag, above: Vec::new() })).collect();
                chosen.push(Candidate { iri: Some(at.clone()), label, wordings });
                above_of.push(above);
                Some(chosen.len() - 1)
            }
            None => above,
        };
        if chosen.len() == spec.limit || seen.len() > MOST_WALKED {
            break;
        }
        if spec.depth.is_none_or(|most| depth < most) {
            for below in vocabularies.narrower(&at, usize::MAX)? {
                if seen.insert(below.as_str().to_owned()) {
                    next.push_back((below.into_string(), depth + 1, place));
                }
            }
        }
    }
    if chosen.is_empty() {
        return Err(refused("no concept stands below those that it names and has a label in a language of its prompts".to_owned()));
    }
    add_paths(&mut chosen, &above_of);
    Ok(chosen)
}

fn belongs(vocabularies: &Vocabularies<'_>, iri: &str, spec: &CandidateSpec) -> Result<bool, TaggingError> {
    let of_scheme = match &spec.scheme {
        Some(scheme) => vocabularies.scheme_of(iri)?.as_ref() == Some(scheme),
        None => true,
    };
    Ok(of_scheme && vocabularies.is_taggable(iri)?)
}

/// A label for people, and the label in each language.
type Labelled = (String, Vec<(String, String)>);

/// The labels by language; nothing where it has none in any of them. What a vocabulary writes in brackets behind a word stays: it tells one
/// meaning from another.
fn wordings(vocabularies: &Vocabularies<'_>, iri: &str, languages: &[&str]) -> Result<Option<Labelled>, TaggingError> {
    let labels = vocabularies.labels(iri)?;
    let speaks =
        |language: &str, wanted: &str| language == wanted || language.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('-'));
    let in_language = |wanted: &&str| {
        let wanted = wanted.to_ascii_lowercase();
        let found =
            labels.iter().filter(|l| l.preferred).chain(labels.iter().filter(|l| !l.preferred)).find(|l| speaks(&l.language, &wanted));
        found.map(|label| (wanted, label.text.clone()))
    };
    let tags: Vec<(String, String)> = languages.iter().filter_map(in_language).collect();
    Ok(tags.first().map(|(_, first)| first.clone()).map(|first| (first, tags)))
}

/// Each candidate's wording gets the labels above it, from the top, in the same language.
fn add_paths(chosen: &mut [Candidate], above_of: &[Option<usize>]) {
    let tags: Vec<HashMap<String, String>> =
        chosen.iter().map(|c| c.wordings.iter().map(|(language, w)| (language.clone(), w.tag.clone())).collect()).collect();
    for (place, candidate) in chosen.iter_mut().enumerate() {
        let mut path = Vec::new();
        let mut at = above_of[place];
        while let Some(above) = at {
            path.push(above);
            at = above_of[above];
        }
        for (language, wording) in &mut candidate.wordings {
            wording.above = path.iter().rev().filter_map(|above| tags[*above].get(language).cloned()).collect();
        }
    }
}
