//! Taggers compared on pictures of which people said what they show: whether an ensemble is worth its members.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context as _, bail};
use serde_json::json;

use super::{House, Listener, Report, opened::Prompts};
use crate::{
    images::{Picture, decode},
    tagging::{Figures, Ranking, compare, read_gold, warnings},
};

/// How many pictures are decoded at once.
const AT_ONCE: usize = 8;

/// Compares a tagger, and where it is an ensemble its members, on a list of pictures with their concepts.
pub(super) fn run(house: &House, id: &str, gold: &Path, listener: Listener<'_>) -> anyhow::Result<Report> {
    let text = std::fs::read_to_string(gold).with_context(|| format!("reading {}", gold.display()))?;
    let lines = read_gold(&text, gold)?;
    let folder = gold.parent().unwrap_or(Path::new("."));
    let pictures: BTreeSet<String> = lines.iter().map(|l| l.picture.clone()).collect();
    if pictures.is_empty() {
        bail!("{} names no picture", gold.display());
    }
    let members: Vec<String> = house.ensemble(Some(id))?.iter().flat_map(|e| e.spec.members.iter().map(|m| m.tagger.clone())).collect();
    listener.progress.begin("comparing", Some((pictures.len() * (members.len() + 1)) as u64));
    let measure = |id: &str| -> anyhow::Result<BTreeMap<String, Figures>> {
        let ranked = rank(house, id, folder, &pictures, listener)?;
        Ok(compare(&lines, &ranked))
    };
    let own = measure(id)?;
    let of_members = members.iter().map(|m| Ok((m.clone(), measure(m)?))).collect::<anyhow::Result<Vec<_>>>()?;
    let mut report = Report::default();
    let mut rows = Vec::new();
    for (name, figures) in std::iter::once((id, &own)).chain(of_members.iter().map(|(name, figures)| (name.as_str(), figures))) {
        for (facet, f) in figures {
            report.line(format!(
                "{name:<40} {facet:<16} R-Precision {:.3}  Acc@1 {:.3}  ({} pictures)",
                f.r_precision, f.accuracy, f.pictures
            ));
            rows.push(
                json!({ "tagger": name, "facet": facet, "r_precision": f.r_precision, "accuracy": f.accuracy, "pictures": f.pictures }),
            );
        }
    }
    let told = warnings(&own, &of_members);
    report.figure("figures", rows);
    report.figure("warnings", told.clone());
    report.lines.extend(told);
    Ok(report)
}

fn rank(
    house: &House,
    id: &str,
    folder: &Path,
    pictures: &BTreeSet<String>,
    listener: Listener<'_>,
) -> anyhow::Result<BTreeMap<String, Vec<Ranking>>> {
    let mut opened = house.open_tagger(Some(id), None, &Prompts::new(), listener.progress)?;
    let mut ranked = BTreeMap::new();
    let names: Vec<&String> = pictures.iter().collect();
    for part in names.chunks(AT_ONCE) {
        let read = |name: &&String| -> anyhow::Result<Picture> {
            let bytes = std::fs::read(folder.join(name.as_str())).with_context(|| format!("reading the picture {name}"))?;
            decode(&bytes, &house.settings.images.limits).with_context(|| format!("the picture {name}"))
        };
        let decoded = part.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
        let scores = opened.scorer.score(&decoded.iter().collect::<Vec<_>>())?;
        for (name, scores) in part.iter().zip(&scores) {
            ranked.insert((*name).clone(), opened.tagger.rank(scores));
        }
        listener.progress.advance(part.len() as u64);
        if listener.progress.stopped() {
            bail!("stopped: nothing was compared");
        }
    }
    Ok(ranked)
}
