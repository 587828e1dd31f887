//! `glossator demo`: the whole way once, on a small set that we made ourselves, ending with something to look at.

use std::path::Path;

use anyhow::{Context as _, bail};

use super::{
    bar::{self, Bar, Out},
    run::Bench,
    serve,
};
use crate::{
    images::Mirror,
    jobs::{House, Ingest, Job, Link, Listener, ModelJob, PictureSources, Publish, Tag, absolute},
    publication::Policy,
    vocab::LoadRequest,
};

/// Where the demonstration's records say that their pictures are.
const PICTURES: &str = "http://museum.example/pictures/";

pub(super) fn run(bench: &Bench, data: &Path, listen: Option<&str>, then_serve: bool) -> anyhow::Result<u8> {
    if !data.join("records").is_dir() {
        bail!("{} does not hold the demonstration: run this in the repository, or name its data folder with --data", data.display());
    }
    let house = bench.house()?;
    for (what, job) in steps(data)? {
        do_step(bench, &house, what, &job)?;
    }
    if !then_serve {
        return Ok(0);
    }
    serve::serve(bench, house, serve::Doors { listen, write_listen: None }, Some((PICTURES, &absolute(&data.join("pictures"))?)))
}

/// Who made what the vocabularies of the demonstration are excerpts of.
const GETTY: &str = "Getty Research Institute";
const EUROPEANA: &str = "Europeana Foundation";

fn steps(data: &Path) -> anyhow::Result<Vec<(&'static str, Job)>> {
    let vocabulary = absolute(&data.join("vocabulary"))?;
    let load = |file: &str, scheme: &str, author: &str, source: &str, licence: &str| {
        Job::Load(LoadRequest {
            files: vec![vocabulary.join(file)],
            scheme: Some(scheme.to_owned()),
            release: Some("demo".to_owned()),
            source: Some(source.to_owned()),
            licence: Some(licence.to_owned()),
            authors: vec![author.to_owned()],
            ..LoadRequest::default()
        })
    };
    let policy = data.join("policy.toml");
    let text = std::fs::read_to_string(&policy).with_context(|| format!("reading {}", policy.display()))?;
    let mirror = Mirror { prefix: PICTURES.to_owned(), folder: absolute(&data.join("pictures"))? };
    Ok(vec![
        (
            "an excerpt of the Art & Architecture Thesaurus",
            load("aat-excerpt.ttl", "aat", GETTY, "http://vocab.getty.edu/aat/", "https://opendatacommons.org/licenses/by/1-0/"),
        ),
        (
            "some concepts of Europeana",
            load(
                "europeana-excerpt.jsonld",
                "europeana",
                EUROPEANA,
                "http://data.europeana.eu/",
                "http://creativecommons.org/publicdomain/zero/1.0/",
            ),
        ),
        (
            "alignments between the two",
            load(
                "europeana-aat.csv",
                "europeana-aat",
                EUROPEANA,
                "http://data.europeana.eu/",
                "http://creativecommons.org/publicdomain/zero/1.0/",
            ),
        ),
        (
            "twelve records",
            Job::Ingest(Ingest { paths: vec![absolute(&data.join("records"))?], data_set: Some("demonstration".to_owned()) }),
        ),
        ("the demonstration's tagger", Job::Model(ModelJob::Add { folder: absolute(&data.join("tagger"))? })),
        (
            "what their pictures show",
            Job::Tag(Tag {
                data_set: Some("demonstration".to_owned()),
                tagger: Some("glossator-demo-architecture".to_owned()),
                sources: PictureSources { mirrors: vec![mirror], ..PictureSources::default() },
                ..Tag::default()
            }),
        ),
        ("what the records say in words", Job::Link(Link { data_set: Some("demonstration".to_owned()), ..Link::default() })),
        ("what is published of it", Job::Publish(Publish { policy: Some(Policy::from_toml(&text, &policy.display().to_string())?) })),
    ])
}

fn do_step(bench: &Bench, house: &House, what: &str, job: &Job) -> anyhow::Result<()> {
    bar::say(&format!("\n{what}"));
    let progress = Bar::new(std::sync::Arc::clone(&bench.stop));
    let outlet = Out::to(None)?;
    let report = house
        .run(job, Listener { progress: &progress, outlet: &outlet })
        .with_context(|| format!("the demonstration's step `{}`", job.name()))?;
    progress.clear();
    for line in &report.lines {
        bar::say(&format!("  {line}"));
    }
    Ok(())
}
