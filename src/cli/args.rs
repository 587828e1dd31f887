//! The command line: words that a data officer can follow.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::model::Device;

/// States which concepts the pictures of cultural heritage show, as EDM and SKOS with confidence and provenance.
#[derive(Debug, Parser)]
#[command(
    name = "glossator",
    version,
    about,
    max_term_width = 110,
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done, but some records were rejected.\n\nBegin with `glossator demo`, or: glossator load aat.nt.gz && glossator ingest records/ && glossator model add tagger/ && glossator tag && glossator publish && glossator serve"
)]
pub struct Arguments {
    /// The store's folder [default: ./glossator-store]
    #[arg(long, global = true, env = "GLOSSATOR_STORE", value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// A configuration file [default: ./glossator.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print the figures as one JSON object, the last line of standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Load a vocabulary release (SKOS in any RDF syntax, Getty's AAT, Europeana's entities) or a table of alignments
    ///
    /// The files together make one release in one named graph. Loading a release again replaces it whole; loading the same content again
    /// changes nothing. Files may be plain, .gz or .zip.
    Load {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The scheme's name in graph names (aat, europeana, …) [default: told from the content]
        #[arg(long, value_name = "NAME")]
        scheme: Option<String>,
        /// The release's name (2026-07, …) [default: made from the content]
        #[arg(long, value_name = "NAME")]
        release: Option<String>,
        /// The date of the release
        #[arg(long, value_name = "DATE")]
        date: Option<String>,
        /// Where it was got from, as an IRI
        #[arg(long, value_name = "IRI")]
        source: Option<String>,
        /// Its licence, as an IRI
        #[arg(long, value_name = "IRI")]
        licence: Option<String>,
    },
    /// Read EDM records from files, folders, zip and tar.gz archives
    ///
    /// What is only untidy is mended with a note, what is broken goes to quarantine with its reason; a record that did not change
    /// changes nothing.
    Ingest {
        /// Files, folders and archives
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// The data set that they belong to [default: what each record says, else `default`]
        #[arg(long, value_name = "NAME")]
        data_set: Option<String>,
    },
    /// Look at the pictures of the records with a tagger
    Tag {
        /// Which tagger: its id, or id@version [default: the only one]
        #[arg(long, value_name = "ID")]
        tagger: Option<String>,
        /// Where it runs: auto, cpu, cuda, tensorrt [default: as configured]
        #[arg(long, value_name = "DEVICE")]
        device: Option<Device>,
        /// Only records of this data set
        #[arg(long, value_name = "NAME")]
        data_set: Option<String>,
        /// At most so many pictures
        #[arg(long, value_name = "N")]
        limit: Option<u64>,
        /// Take pictures whose IRIs begin with PREFIX from a local folder
        #[arg(long, value_name = "PREFIX=DIR")]
        mirror: Vec<String>,
        /// Other words for a zero-shot facet: `materials=an image of an object made of {tag}`, `materials=1 tag`, `materials=all tags`
        #[arg(long, value_name = "FACET=TEMPLATE")]
        prompt: Vec<String>,
        /// Allow file: IRIs below this folder
        #[arg(long, value_name = "DIR")]
        pictures: Vec<PathBuf>,
        /// Allow pictures from private and loopback addresses
        #[arg(long)]
        allow_private: bool,
    },
    /// Derive the aggregator's proxies from what is sure enough or accepted
    Publish {
        /// A policy in TOML [default: the one in force, else `policy` of the configuration]
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
    },
    /// Record a person's verdict on an annotation
    #[command(subcommand)]
    Review(ReviewCommand),
    /// Take a run back whole: its annotations go, tombstones stay, publications follow
    Retract {
        /// The run's IRI, or its last part
        run: String,
    },
    /// Delete records, and what we said about them; harvesters are told for good that they were
    Delete {
        /// The IRIs of their CHOs, or their keys
        #[arg(value_name = "CHO", required_unless_present = "data_set")]
        records: Vec<String>,
        /// All those of this data set
        #[arg(long, value_name = "NAME")]
        data_set: Option<String>,
    },
    /// List the runs
    Runs,
    /// Ask a SPARQL query
    Query {
        /// A file with the query, or - for standard input
        file: PathBuf,
        /// json, xml, csv, tsv for tables; ttl, nt, nq, trig, rdf, jsonld for graphs
        #[arg(long, value_name = "FORMAT")]
        format: Option<String>,
    },
    /// Write out what the store holds
    Export {
        /// nq, trig, nt, ttl, rdf, jsonld, or edm (a zip of EDM-external XML, as Metis takes it)
        #[arg(long, value_name = "FORMAT")]
        format: String,
        /// Only this graph
        #[arg(long, value_name = "IRI")]
        graph: Option<String>,
        /// Only what is published
        #[arg(long)]
        published: bool,
        /// Where to [default: standard output]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// The taggers in the store
    #[command(subcommand)]
    Model(ModelCommand),
    /// Serve SPARQL and pages; while it runs, the other commands hand their jobs to it
    Serve {
        /// The address for the public [default: as configured]
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
        /// The address of a second door that also writes (updates, graphs), with the token in `GLOSSATOR_WRITE_TOKEN` [default: none]
        #[arg(long, value_name = "ADDR")]
        write_listen: Option<String>,
    },
    /// Load, tag, publish and serve the small demonstration set
    Demo {
        /// The demonstration's folder
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
        /// The address to serve on [default: as configured]
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
        /// Do everything but serve
        #[arg(long)]
        no_serve: bool,
    },
    /// Look the store over, and make its index anew
    Check,
    /// Print the settings in force, or the commented defaults
    Config {
        /// The commented defaults instead
        #[arg(long)]
        defaults: bool,
    },
    /// Look into a Turtle or N-Triples dump without storing it: triples by predicate, language and namespace
    Inspect {
        /// The file, plain or .gz
        file: PathBuf,
    },
    /// Answer queries over a snapshot (started by the server)
    #[command(hide = true)]
    QueryWorker {
        /// The snapshot's folder
        snapshot: PathBuf,
        /// Megabytes of address space
        memory_megabytes: u64,
    },
}

/// Verdicts.
#[derive(Debug, Subcommand)]
pub enum ReviewCommand {
    /// It is right
    Accept(Judged),
    /// It is wrong
    Reject(Judged),
    /// It is wrong, and another concept is right
    Correct {
        #[command(flatten)]
        /// Which annotation, and who says so
        judged: Judged,
        /// The concept that is right
        #[arg(long, value_name = "IRI")]
        to: String,
    },
}

/// Which annotation, and who says so.
#[derive(Debug, clap::Args)]
pub struct Judged {
    /// The annotation's IRI
    pub annotation: String,
    /// Who decides: a name, or an IRI such as an ORCID
    #[arg(long = "as", value_name = "WHO")]
    pub who: String,
}

/// Models.
#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// Take a bundle or an ensemble in, if it is what it says
    ///
    /// From a folder, an archive of one (zip, tar.gz), the address of such an archive, or a hub (owner/name@revision, with `model.hub` set). What
    /// was broken off goes on where it ended.
    Add {
        /// The folder, the archive, its address, or owner/name@revision
        #[arg(value_name = "SOURCE")]
        from: String,
        /// The SHA-256 of what the address gives
        #[arg(long, value_name = "HEX")]
        sha256: Option<String>,
        /// A manifest of your own for what the hub has; the files beside it (label maps, golden sample) come along
        #[arg(long, value_name = "FILE")]
        manifest: Option<PathBuf>,
    },
    /// Measure it on pictures with their concepts, an ensemble beside its members
    Compare {
        /// Its id, or id@version
        id: String,
        /// A table with tabs: picture, facet, concept
        #[arg(long, value_name = "FILE")]
        gold: PathBuf,
    },
    /// List them
    List,
    /// Show one of them, with its card
    Show {
        /// Its id, or id@version
        id: String,
    },
    /// Let its golden sample speak
    Check {
        /// Its id, or id@version
        id: String,
        /// Let the golden sample speak alone
        #[arg(long)]
        ignore_checksums: bool,
    },
    /// Take it out of the store
    Remove {
        /// Its id, or id@version
        id: String,
    },
}
