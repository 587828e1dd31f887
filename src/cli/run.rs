//! From words to a job, and to whoever does it: the process that serves the store, or this one.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context as _, bail};

use super::{
    args::{Arguments, Command, Judged, ModelCommand, ReviewCommand, VocabularyCommand},
    bar::{self, Bar, Out},
    config, demo, harvest, inspect, logs, serve, validate,
};
use crate::{
    config::Settings,
    images::Mirror,
    jobs::{
        Delete, Dereference, Dump, Export, House, ImportTags, Ingest, Job, Link, LinkReport, ListObsolete, Listener, MeasureLinks,
        ModelJob, PictureSources, Publish, Query, ReadTable, Report, ReportForm, Review, Tag, Validate, VocabularyJob, absolute, hand_over,
    },
    publication::Policy,
    records::table::Mapping,
    review::Decision,
    store::Store,
    telemetry::SystemClock,
    vocab::LoadRequest,
};

/// What a command has at hand: settings, a place to wait for the network, and whether somebody pressed Ctrl-C.
pub(super) struct Bench {
    pub settings: Settings,
    pub waiting: tokio::runtime::Runtime,
    pub stop: Arc<AtomicBool>,
    pub json: bool,
}

/// Does what the command line says; the exit code.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let settings = Settings::gather(arguments.config.as_deref(), arguments.store.as_deref())?;
    logs::begin(&settings.log);
    let waiting = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    let bench = Bench { settings, waiting, stop: Arc::new(AtomicBool::new(false)), json: arguments.json };
    match &arguments.command {
        Command::Serve { listen, write_listen } => serve::run(&bench, listen.as_deref(), write_listen.as_deref()),
        Command::Demo { data, listen, no_serve } => demo::run(&bench, data, listen.as_deref(), !no_serve),
        Command::Config { defaults } => config::run(&bench, *defaults),
        Command::Inspect { file } => inspect::run(&bench, file),
        Command::Validate { store_records: false, output, .. } => {
            bench.listen_for_stop();
            let Job::Validate(job) = job(&arguments.command, &bench.settings)? else { bail!("this command is no validation") };
            validate::run(&bench, &job, output.as_deref())
        }
        command => {
            // A query is stopped by ending its process; everything else stops where nothing is lost.
            if !matches!(command, Command::Query { .. }) {
                bench.listen_for_stop();
            }
            let output = match command {
                Command::Pictures { csv, .. }
                | Command::Dereference { csv, .. }
                | Command::Vocabulary(VocabularyCommand::Obsolete { csv, .. }) => csv.as_deref(),
                Command::Export { output, .. } | Command::Validate { output, .. } => output.as_deref(),
                _ => None,
            };
            let taken = match command {
                Command::Query { .. } | Command::Export { .. } => true,
                Command::Validate { format, .. } => format != "text",
                _ => false,
            };
            let report = bench.run(&job(command, &bench.settings)?, output)?;
            bar::show(&report, bench.json, taken && output.is_none());
            Ok(report.exit_code())
        }
    }
}

impl Bench {
    /// The first Ctrl-C stops the job where nothing is lost.
    pub(super) fn listen_for_stop(&self) {
        let stop = Arc::clone(&self.stop);
        self.waiting.spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                if stop.swap(true, Ordering::AcqRel) {
                    std::process::exit(130);
                }
                tracing::warn!("stopping where nothing is lost; press Ctrl-C once more to break off");
            }
        });
    }

    /// Opens the store and the house around it.
    pub(super) fn house(&self) -> anyhow::Result<House> {
        let base = self.settings.base()?;
        // The store's engine opens its files more than once: for the writer, and for each walk over what is there.
        if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
            tracing::debug!(%error, "no more files may be open than before");
        }
        let store = Store::open(&self.settings.store, &base, self.settings.quads.clone(), Arc::new(SystemClock))?;
        Ok(House { store: Arc::new(store), settings: self.settings.for_jobs(), waiting: self.waiting.handle().clone() })
    }

    /// Hands the job to the process that serves the store, or does it here.
    fn run(&self, job: &Job, output: Option<&Path>) -> anyhow::Result<Report> {
        let progress = Bar::new(Arc::clone(&self.stop));
        let outlet = Out::to(output).with_context(|| format!("making {}", output.unwrap_or(Path::new("")).display()))?;
        let listener = Listener { progress: &progress, outlet: &outlet };
        let folder = absolute(&self.settings.store)?;
        let handed = hand_over(&folder, job, listener);
        let report = match handed {
            Ok(Some(report)) => Ok(report),
            Ok(None) => self.house().and_then(|house| house.run(job, listener)),
            Err(error) => Err(error),
        };
        progress.clear();
        outlet.finish()?;
        report
    }
}

fn job(command: &Command, settings: &Settings) -> anyhow::Result<Job> {
    Ok(match command {
        Command::Load { files, scheme, release, date, source, licence, author, method, mapping, replace } => Job::Load(LoadRequest {
            files: all_absolute(files)?,
            scheme: scheme.clone(),
            release: release.clone(),
            date: date.clone(),
            source: source.clone(),
            licence: licence.clone(),
            max_bad_lines: None,
            authors: author.clone(),
            method: method.clone(),
            mapping: *mapping,
            replace: *replace,
        }),
        Command::Vocabulary(command) => Job::Vocabulary(vocabulary_job(command)),
        Command::Ingest { paths, data_set, mapping: Some(mapping), words } => Job::Table(ReadTable {
            paths: all_absolute(paths)?,
            mapping: Box::new(Mapping::open(mapping)?),
            data_set: data_set.clone(),
            words: words.as_deref().map(absolute).transpose()?,
        }),
        Command::Ingest { paths, data_set, .. } => Job::Ingest(Ingest { paths: all_absolute(paths)?, data_set: data_set.clone() }),
        Command::Harvest(command) => Job::Harvest(harvest::job(command)?),
        Command::Tag { tagger, device, data_set, limit, mirror, prompt, pictures, allow_private } => Job::Tag(Tag {
            tagger: tagger.clone(),
            device: *device,
            data_set: data_set.clone(),
            limit: *limit,
            sources: PictureSources {
                mirrors: mirror.iter().map(|m| parse_mirror(m)).collect::<Result<_, _>>()?,
                folders: all_absolute(pictures)?,
                allow_private: *allow_private,
            },
            prompts: prompt.iter().map(|p| parse_prompt(p)).collect::<Result<_, _>>()?,
        }),
        Command::Pictures { check, data_set, csv, allow_private } => Job::Pictures(LinkReport {
            check: *check,
            data_set: data_set.clone(),
            csv: csv.is_some(),
            sources: PictureSources { allow_private: *allow_private, ..PictureSources::default() },
        }),
        Command::Dereference { fetch, data_set, limit, csv, allow_private } => Job::Dereference(Dereference {
            fetch: *fetch,
            data_set: data_set.clone(),
            limit: *limit,
            csv: csv.is_some(),
            allow_private: *allow_private,
        }),
        Command::Link { data_set, limit, language } => {
            Job::Link(Link { data_set: data_set.clone(), limit: *limit, language: language.clone() })
        }
        Command::ImportTags { file, agent, agent_version, format, prefix, facet, language, stop_list } => Job::ImportTags(ImportTags {
            file: absolute(file)?,
            agent: agent.clone(),
            version: agent_version.clone(),
            format: *format,
            prefix: prefix.clone(),
            facet: facet.clone(),
            language: language.clone(),
            stop_list: stop_list.as_deref().map(absolute).transpose()?,
        }),
        Command::MeasureLinks { files, property, language, within } => Job::MeasureLinks(MeasureLinks {
            files: all_absolute(files)?,
            property: Some(property.clone()),
            language: Some(language.clone()),
            within: *within,
        }),
        Command::Publish { policy } => Job::Publish(Publish { policy: policy_of(policy.as_deref(), settings)? }),
        Command::Review(review) => Job::Review(review_job(review)),
        Command::Retract { run } => Job::Retract { run: run.clone() },
        Command::Delete { records, data_set } => Job::Delete(Delete { records: records.clone(), data_set: data_set.clone() }),
        Command::Runs => Job::Runs,
        Command::Query { file, format } => Job::Query(Query { text: query_text(file)?, format: format.clone() }),
        Command::Export { format, graph, published, .. } => {
            Job::Export(Export { format: format.clone(), graph: graph.clone(), published: *published })
        }
        Command::Dump { keep } => Job::Dump(Dump { keep: keep.unwrap_or(settings.serve.dumps_kept) }),
        Command::Model(model) => Job::Model(model_job(model)?),
        Command::Validate { paths, set, shapes, format, .. } => Job::Validate(Validate {
            paths: all_absolute(paths)?,
            data_set: set.clone(),
            shapes: shapes.as_deref().map(absolute).transpose()?,
            form: ReportForm::parse(format).unwrap_or_default(),
        }),
        Command::Check => Job::Check,
        Command::Serve { .. } | Command::Demo { .. } | Command::Config { .. } | Command::Inspect { .. } | Command::QueryWorker { .. } => {
            bail!("this command is no job")
        }
    })
}

fn all_absolute(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    paths
        .iter()
        .map(|path| {
            if !path.exists() {
                bail!("there is no {}", path.display());
            }
            Ok(absolute(path)?)
        })
        .collect()
}

pub(super) fn parse_mirror(text: &str) -> anyhow::Result<Mirror> {
    let Some((prefix, folder)) = text.rsplit_once('=') else {
        bail!("--mirror takes PREFIX=DIR, as in --mirror http://museum.example/pictures/=pictures; `{text}` has no `=`");
    };
    Ok(Mirror { prefix: prefix.to_owned(), folder: absolute(Path::new(folder))? })
}

/// A policy that was named; else, where the configuration changes the built-in one, that.
fn policy_of(file: Option<&Path>, settings: &Settings) -> anyhow::Result<Option<Policy>> {
    match file {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("reading the policy {}", file.display()))?;
            Ok(Some(Policy::from_toml(&text, &file.display().to_string())?))
        }
        None => Ok((settings.policy != Policy::default()).then(|| settings.policy.clone())),
    }
}

/// An address or a name at a hub is fetched; everything else is a path here.
fn model_source(from: &str, sha256: Option<&String>, manifest: Option<&Path>) -> anyhow::Result<ModelJob> {
    let address = from.starts_with("http://") || from.starts_with("https://");
    let at_hub = !Path::new(from).exists() && from.matches('/').count() == 1 && !from.starts_with(['.', '/']);
    if address || at_hub {
        let manifest = manifest.map(absolute).transpose()?;
        return Ok(ModelJob::Fetch { from: from.to_owned(), sha256: sha256.cloned(), manifest });
    }
    if sha256.is_some() || manifest.is_some() {
        bail!("--sha256 belongs to an address, and --manifest to a name at a hub; `{from}` is a path");
    }
    Ok(ModelJob::Add { folder: absolute(Path::new(from))? })
}

fn parse_prompt(text: &str) -> anyhow::Result<(String, String)> {
    let (facet, template) = text.split_once('=').with_context(|| format!("`{text}` is not FACET=TEMPLATE"))?;
    Ok((facet.to_owned(), template.to_owned()))
}

fn review_job(review: &ReviewCommand) -> Review {
    let of = |decision, judged: &Judged, to: Option<&String>| Review {
        decision,
        annotation: judged.annotation.clone(),
        to: to.cloned(),
        who: judged.who.clone(),
    };
    match review {
        ReviewCommand::Accept(judged) => of(Decision::Accept, judged, None),
        ReviewCommand::Reject(judged) => of(Decision::Reject, judged, None),
        ReviewCommand::Correct { judged, to } => of(Decision::Correct, judged, Some(to)),
    }
}

fn model_job(model: &ModelCommand) -> anyhow::Result<ModelJob> {
    Ok(match model {
        ModelCommand::Add { from, sha256, manifest } => model_source(from, sha256.as_ref(), manifest.as_deref())?,
        ModelCommand::Compare { id, gold } => ModelJob::Compare { id: id.clone(), gold: absolute(gold)? },
        ModelCommand::List => ModelJob::List,
        ModelCommand::Show { id } => ModelJob::Show { id: id.clone() },
        ModelCommand::Check { id, ignore_checksums } => ModelJob::Check { id: id.clone(), ignore_checksums: *ignore_checksums },
        ModelCommand::Remove { id } => ModelJob::Remove { id: id.clone() },
    })
}

fn vocabulary_job(command: &VocabularyCommand) -> VocabularyJob {
    match command {
        VocabularyCommand::List => VocabularyJob::List,
        VocabularyCommand::Obsolete { data_set, csv } => {
            VocabularyJob::Obsolete(ListObsolete { data_set: data_set.clone(), csv: csv.is_some() })
        }
        VocabularyCommand::Equivalents { concept } => VocabularyJob::Equivalents { concept: concept.clone() },
        VocabularyCommand::Retract { name, release } => VocabularyJob::Retract { name: name.clone(), release: release.clone() },
    }
}

fn query_text(file: &Path) -> anyhow::Result<String> {
    if file == Path::new("-") {
        return std::io::read_to_string(std::io::stdin()).context("reading the query from standard input");
    }
    std::fs::read_to_string(file).with_context(|| format!("reading the query {}", file.display()))
}
