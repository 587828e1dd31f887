//! From words to a harvest.

use std::path::Path;

use anyhow::{Context as _, bail};

use super::args::{HarvestCommand, HarvestOptions};
use crate::jobs::{FromArchive, FromEuropeana, FromIiif, FromOai, Harvest, HarvestFrom, Key, absolute};

/// Where Europeana's API key is looked for: in the environment, so that it stands in no list of processes and no history.
const KEY: &str = "EUROPEANA_API_KEY";
/// Europeana's words for how freely something may be used; other rights are licences.
const REUSABILITIES: [&str; 4] = ["open", "restricted", "permission", "uncategorized"];

pub(super) fn job(command: &HarvestCommand) -> anyhow::Result<Harvest> {
    let (from, how) = match command {
        HarvestCommand::Oai { url, prefix, set, from, until, each, how } => {
            let (url, prefix, set, from, until) = (url.clone(), prefix.clone(), set.clone(), from.clone(), until.clone());
            (HarvestFrom::Oai(FromOai { url, prefix, set, from, until, each: *each }), Some(how))
        }
        HarvestCommand::Archive { url, sha256, how } => {
            (HarvestFrom::Archive(FromArchive { url: url.clone(), sha256: sha256.clone() }), Some(how))
        }
        HarvestCommand::Europeana { how, .. } => (HarvestFrom::Europeana(europeana(command)?), Some(how)),
        HarvestCommand::Iiif { url, data_provider, rights, how } => {
            let (data_provider, rights) = (data_provider.clone(), rights.clone());
            (HarvestFrom::Iiif(FromIiif { url: url.clone(), data_provider, rights }), Some(how))
        }
        HarvestCommand::Sources => (HarvestFrom::Sources, None),
    };
    let said = |flag: fn(&HarvestOptions) -> bool| how.is_some_and(flag);
    Ok(Harvest {
        from,
        data_set: how.and_then(|h| h.data_set.clone()),
        full: said(|h| h.full),
        allow_private: said(|h| h.allow_private),
        accept_deletions: said(|h| h.accept_deletions),
        take_over: said(|h| h.take_over),
    })
}

fn europeana(command: &HarvestCommand) -> anyhow::Result<FromEuropeana> {
    let HarvestCommand::Europeana { query, qf, rights, limit, rich, csv, category, categories, no_records, api, .. } = command else {
        bail!("this command does not ask Europeana")
    };
    let (reusability, licences): (Vec<_>, Vec<_>) = rights.iter().cloned().partition(|r| REUSABILITIES.contains(&r.as_str()));
    let mut qf = qf.clone();
    if !licences.is_empty() {
        let quoted: Vec<String> = licences.iter().map(|l| format!("\"{}\"", l.replace('"', ""))).collect();
        qf.push(format!("RIGHTS:({})", quoted.join(" OR ")));
    }
    let mut all = categories.as_deref().map(categories_of).transpose()?.unwrap_or_default();
    for text in category {
        let Some((name, concept)) = text.split_once('=') else {
            bail!("--category takes NAME=IRI, as in --category building=http://data.europeana.eu/concept/29; `{text}` has no `=`");
        };
        all.push((name.to_owned(), concept.to_owned()));
    }
    Ok(FromEuropeana {
        query: query.clone(),
        qf,
        reusability,
        limit: *limit,
        api: api.clone(),
        key: Key(std::env::var(KEY).unwrap_or_default()),
        rich: *rich,
        csv: csv.as_deref().map(absolute).transpose()?,
        categories: all,
        no_records: *no_records,
    })
}

/// Categories in the file's own order.
fn categories_of(file: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading the categories {}", file.display()))?;
    let known: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text).with_context(|| format!("{} is no JSON object of categories and their concepts", file.display()))?;
    let text_of = |(name, concept): (String, serde_json::Value)| {
        let concept = concept.as_str().with_context(|| format!("the concept of `{name}` in {} is no text", file.display()))?.to_owned();
        Ok((name, concept))
    };
    known.into_iter().map(text_of).collect()
}
