//! Dumps: the store at one version as files, with checksums, for those who want the data whole. The same version gives the same bytes.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use flate2::{Compression, GzBuilder, write::GzEncoder};
use jiff::Timestamp;
use oxigraph::{
    io::{RdfFormat, RdfSerializer},
    model::{GraphNameRef, NamedNode, NamedOrBlankNode, Quad, Term, TermRef},
    store::Store as Quads,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{House, Listener, Report, walk::Walk};
use crate::{
    publication::EdmXml,
    rdf::{
        RecordKey,
        ns::{PREFIXES, dcat, enr, rdf},
        syntax::JSON_LD,
    },
    store::open_snapshot,
};

/// Makes a dump of the newest version, where there is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dump {
    /// How many dumps are kept, this one among them; the oldest go.
    pub keep: usize,
}

/// What a dump holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpManifest {
    /// The version of the store.
    pub version: u64,
    /// When it was made.
    pub made: Timestamp,
    /// Its files.
    pub files: Vec<DumpFile>,
}

/// One file of a dump.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpFile {
    /// Its name.
    pub name: String,
    /// What it is.
    pub title: String,
    /// The media type of what is in it, once it is unpacked.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// How many statements or records it holds.
    pub count: u64,
    /// The data set that it is of, an IRI; the whole store where there is none.
    pub data_set: Option<String>,
}

/// How often the export of records is tried when others write in the meantime.
const TRIES: usize = 3;
const MANIFEST: &str = "dump.json";

/// Where a store's dumps lie.
pub fn dumps_folder(store: &Path) -> PathBuf {
    store.join("dumps")
}

/// The dumps of a store, the newest first. What cannot be read is none.
pub fn dumps(store: &Path) -> Vec<DumpManifest> {
    let Ok(folders) = std::fs::read_dir(dumps_folder(store)) else { return Vec::new() };
    let read = |folder: std::fs::DirEntry| serde_json::from_slice::<DumpManifest>(&std::fs::read(folder.path().join(MANIFEST)).ok()?).ok();
    let mut found: Vec<DumpManifest> = folders.filter_map(Result::ok).filter_map(read).collect();
    found.sort_by_key(|dump| std::cmp::Reverse(dump.version));
    found
}

/// The checksums of files, as `sha256sum --check` reads them.
pub fn sums(files: &[DumpFile]) -> String {
    files.iter().flat_map(|file| [file.sha256.as_str(), "  ", &file.name, "\n"]).collect()
}

/// The folder of the dump of a version.
pub fn dump_folder(store: &Path, version: u64) -> PathBuf {
    dumps_folder(store).join(format!("v{version}"))
}

pub(super) fn run(house: &House, job: &Dump, listener: Listener<'_>) -> anyhow::Result<Report> {
    let store = &house.store;
    let snapshot = store.fresh_snapshot()?;
    let version = snapshot.version();
    let mut report = Report::default();
    report.figure("version", version);
    if let Some(there) = dumps(store.folder()).into_iter().find(|dump| dump.version == version) {
        report.figure("files", there.files.len());
        report.line(format!("there is a dump of version {version} already"));
        return Ok(report);
    }
    let folder = dumps_folder(store.folder());
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    // Until all of it is there, it has another name: one that was broken off is never taken for whole.
    let making = tempfile::Builder::new().prefix(".making-").tempdir_in(&folder)?;
    let quads = open_snapshot(snapshot.folder())?;
    let mut making_of = Making { house, folder: making.path(), quads: &quads, version, listener, files: Vec::new(), notes: Vec::new() };
    making_of.whole()?;
    for set in data_sets(house, &quads)? {
        making_of.data_set(&set)?;
    }
    let Making { files, notes, .. } = making_of;
    std::fs::write(making.path().join("SHA256SUMS"), sums(&files))?;
    report.figure("files", files.len());
    report.figure("bytes", files.iter().map(|file| file.bytes).sum::<u64>());
    let manifest = DumpManifest { version, made: store.clock().now(), files };
    std::fs::write(making.path().join(MANIFEST), serde_json::to_vec_pretty(&manifest)?)?;
    let target = dump_folder(store.folder(), version);
    std::fs::rename(making.keep(), &target).with_context(|| format!("naming {}", target.display()))?;
    report.line(format!("version {version} is dumped in {}", target.display()));
    report.lines.extend(notes);
    for old in dumps(store.folder()).iter().skip(job.keep.max(1)) {
        let folder = dump_folder(store.folder(), old.version);
        std::fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
        report.line(format!("the dump of version {} is gone", old.version));
    }
    Ok(report)
}

fn data_sets(house: &House, quads: &Quads) -> anyhow::Result<Vec<NamedNode>> {
    let meta = house.store.meta_graph();
    let mut sets = Vec::new();
    for quad in quads.quads_for_pattern(None, Some(rdf::TYPE), Some(dcat::DATASET.into()), Some(meta.as_ref().into())) {
        if let NamedOrBlankNode::NamedNode(set) = quad?.subject {
            sets.push(set);
        }
    }
    sets.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    Ok(sets)
}

/// A dump in the making.
struct Making<'m> {
    house: &'m House,
    folder: &'m Path,
    quads: &'m Quads,
    version: u64,
    listener: Listener<'m>,
    files: Vec<DumpFile>,
    notes: Vec<String>,
}

impl Making<'_> {
    fn goes_on(&self) -> anyhow::Result<()> {
        if self.listener.progress.stopped() {
            bail!("stopped: there is no dump");
        }
        Ok(())
    }

    /// Everything, as N-Quads.
    fn whole(&mut self) -> anyhow::Result<()> {
        self.listener.progress.begin("everything as N-Quads", None);
        let mut out = packed(Checked::new(&self.folder.join("everything.nq.gz"))?);
        let mut writer = RdfSerializer::from_format(RdfFormat::NQuads).for_writer(&mut out);
        let mut count = 0_u64;
        for quad in self.quads {
            writer.serialize_quad(&quad?)?;
            count += 1;
            if count.is_multiple_of(100_000) {
                self.goes_on()?;
                self.listener.progress.advance(100_000);
            }
        }
        writer.finish()?;
        let file = DumpFile {
            name: "everything.nq.gz".to_owned(),
            title: "Everything, graph by graph, as N-Quads".to_owned(),
            media_type: "application/n-quads".to_owned(),
            ..out.finish()?.end(count, None)?
        };
        self.files.push(file);
        Ok(())
    }

    /// One data set: what providers said, what we say and what is published, as Turtle and JSON-LD; and its records as Europeana takes them.
    fn data_set(&mut self, set: &NamedNode) -> anyhow::Result<()> {
        let name = file_name(set.as_str());
        let records = self.records(set)?;
        self.listener.progress.begin(&format!("the data set {name}"), Some(records.len() as u64 * 3));
        for (ending, title, media_type, format) in
            [("ttl", "Turtle", "text/turtle", RdfFormat::Turtle), ("jsonld", "JSON-LD", "application/ld+json", JSON_LD)]
        {
            let file_name = format!("{name}.{ending}.gz");
            let mut out = packed(Checked::new(&self.folder.join(&file_name))?);
            let count = self.statements(&records, format, &mut out)?;
            self.files.push(DumpFile {
                name: file_name,
                title: format!("{name}: records, annotations and what is published, as {title}"),
                media_type: media_type.to_owned(),
                ..out.finish()?.end(count, Some(set))?
            });
        }
        self.europeana(set, &name)
    }

    /// The keys of a data set's records, in order.
    fn records(&self, set: &NamedNode) -> anyhow::Result<Vec<RecordKey>> {
        let meta = self.house.store.meta_graph();
        let mut keys = Vec::new();
        let sources = self.quads.quads_for_pattern(None, Some(enr::DATA_SET), Some(TermRef::from(set)), Some(meta.as_ref().into()));
        for source in sources {
            let NamedOrBlankNode::NamedNode(source) = source?.subject else { continue };
            let local = self.house.store.base().local(source.as_str()).and_then(|local| local.strip_prefix("graph/source/"));
            keys.extend(local.and_then(RecordKey::parse));
        }
        keys.sort_unstable();
        Ok(keys)
    }

    fn statements(&self, records: &[RecordKey], format: RdfFormat, out: &mut impl Write) -> anyhow::Result<u64> {
        let mut serializer = RdfSerializer::from_format(format);
        for (prefix, namespace) in PREFIXES {
            serializer = serializer.with_prefix(*prefix, *namespace)?;
        }
        let mut writer = serializer.for_writer(out);
        let base = self.house.store.base();
        let mut count = 0;
        for key in records {
            self.goes_on()?;
            let mut graphs = vec![base.source_graph(key), base.published_graph(key)];
            graphs.extend(self.enrichments(key)?);
            for graph in graphs {
                for quad in self.quads.quads_for_pattern(None, None, None, Some(GraphNameRef::from(graph.as_ref()))) {
                    writer.serialize_triple(oxigraph::model::Triple::from(quad?).as_ref())?;
                    count += 1;
                }
            }
            self.listener.progress.advance(1);
        }
        writer.finish()?;
        Ok(count)
    }

    fn enrichments(&self, key: &RecordKey) -> anyhow::Result<Vec<NamedNode>> {
        let (base, meta) = (self.house.store.base(), self.house.store.meta_graph());
        let own = Term::from(oxigraph::model::Literal::new_simple_literal(key.as_str()));
        let mut graphs = Vec::new();
        for quad in self.quads.quads_for_pattern(None, Some(enr::RECORD), Some(own.as_ref()), Some(meta.as_ref().into())) {
            let Quad { subject: NamedOrBlankNode::NamedNode(graph), .. } = quad? else { continue };
            if base.local(graph.as_str()).is_some_and(|local| local.starts_with("graph/enrichment/")) {
                graphs.push(graph);
            }
        }
        graphs.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        Ok(graphs)
    }

    /// The records of a data set as EDM-external XML in a zip. They are written from the store itself: where that moves on, once more.
    fn europeana(&mut self, set: &NamedNode, name: &str) -> anyhow::Result<()> {
        let file_name = format!("{name}.edm.zip");
        for _ in 0..TRIES {
            let mut zip = ZipWriter::new_stream(Checked::new(&self.folder.join(&file_name))?);
            let count = self.write_records(set, &mut zip)?;
            let file = DumpFile {
                name: file_name.clone(),
                title: format!("{name}: the records with what is published of them, as EDM for Europeana, an XML file each"),
                media_type: "application/rdf+xml".to_owned(),
                ..zip.finish()?.into_inner().end(count, Some(set))?
            };
            if self.house.store.version() == self.version {
                self.files.push(file);
                return Ok(());
            }
        }
        std::fs::remove_file(self.folder.join(&file_name))?;
        self.notes.push(format!("{file_name} was left out: others wrote all the while"));
        Ok(())
    }

    fn write_records(&self, set: &NamedNode, zip: &mut ZipWriter<zip::write::StreamWriter<Checked>>) -> anyhow::Result<u64> {
        let writer = EdmXml::new(&self.house.store);
        let mut count = 0;
        for page in Walk::of_data_set(&self.house.store, set.clone()) {
            let page = page?;
            for listed in &page {
                zip.start_file(format!("{}.xml", listed.key), SimpleFileOptions::default())?;
                zip.write_all(writer.record(listed)?.xml.as_bytes())?;
                count += 1;
            }
            self.goes_on()?;
            self.listener.progress.advance(page.len() as u64);
        }
        Ok(count)
    }
}

/// What a data set's files are called: the end of its IRI, in letters that every file system takes.
fn file_name(iri: &str) -> String {
    let last = iri.trim_end_matches('/').rsplit('/').next().unwrap_or("data-set");
    last.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' }).collect()
}

fn packed(out: Checked) -> GzEncoder<Checked> {
    // Neither a time nor a name stands in the head: the same content is the same file.
    GzBuilder::new().write(out, Compression::default())
}

/// A file that is counted and checked while it is written.
struct Checked {
    out: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Checked {
    fn new(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| format!("making {}", path.display()))?;
        Ok(Self { out: BufWriter::new(file), hash: Sha256::new(), bytes: 0 })
    }

    fn end(mut self, count: u64, set: Option<&NamedNode>) -> io::Result<DumpFile> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        Ok(DumpFile {
            name: String::new(),
            title: String::new(),
            media_type: String::new(),
            bytes: self.bytes,
            sha256: hex::encode(self.hash.finalize()),
            count,
            data_set: set.map(|set| set.as_str().to_owned()),
        })
    }
}

impl Write for Checked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
