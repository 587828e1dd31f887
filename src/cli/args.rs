//! The command line: words that a data officer can follow.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::{linking::tags::TagFormat, model::Device};

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
    /// Load a vocabulary release (SKOS in any RDF syntax, Getty's AAT, Europeana's entities) or a mapping set (SSSOM, a table of IRIs)
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
        /// Who made it: a name, or an IRI such as an ORCID; may be given again
        #[arg(long, value_name = "WHO")]
        author: Vec<String>,
        /// For a mapping set, how it was made: "by hand", "labels compared by …"
        #[arg(long, value_name = "TEXT")]
        method: Option<String>,
        /// It is a mapping set, although it is RDF: alignments between vocabularies, and no vocabulary
        #[arg(long)]
        mapping: bool,
        /// Take every other release of this mapping set back once this one is in
        #[arg(long)]
        replace: bool,
    },
    /// The vocabularies and mapping sets in the store
    #[command(subcommand)]
    Vocabulary(VocabularyCommand),
    /// Read EDM records from files, folders, zip and tar.gz archives
    ///
    /// What is only untidy is mended with a note, what is broken goes to quarantine with its reason; a record that did not change
    /// changes nothing. With --mapping, tables (CSV, TSV, JSON, JSON Lines) become records by a mapping from their columns to EDM.
    Ingest {
        /// Files, folders and archives; with --mapping, tables
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// The data set that they belong to [default: what each record says, else `default`]
        #[arg(long, value_name = "NAME")]
        data_set: Option<String>,
        /// A mapping in TOML from the columns of tables to EDM
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
        /// Where to list words without a concept, for review [default: a file beside the store]
        #[arg(long, value_name = "FILE", requires = "mapping")]
        words: Option<PathBuf>,
    },
    /// Ask a source for records: what is new, changed or gone there is new, changed or gone here
    ///
    /// Only what changed since the last harvest is asked for, where the source can tell. A harvest that was stopped, or killed, goes on
    /// where it was when the same command is run again.
    #[command(subcommand)]
    Harvest(HarvestCommand),
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
    /// Report how the pictures' addresses are doing: alive, failing, dead, by provider, with when each was last seen
    Pictures {
        /// Ask each of them now, politely and without fetching the picture
        #[arg(long)]
        check: bool,
        /// Only records of this data set
        #[arg(long, value_name = "NAME")]
        data_set: Option<String>,
        /// Write all of them into a table
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
        /// Allow private and loopback addresses
        #[arg(long)]
        allow_private: bool,
    },
    /// List the concepts that records name and no loaded vocabulary has, or fetch them
    ///
    /// Only the hosts in `dereference.hosts` are asked; what they say lands in a vocabulary graph for each host.
    Dereference {
        /// Fetch them
        #[arg(long)]
        fetch: bool,
        /// Only those that records of this data set name
        #[arg(long, value_name = "NAME")]
        data_set: Option<String>,
        /// At most so many, those that most records name first
        #[arg(long, value_name = "N")]
        limit: Option<u64>,
        /// Write all of them into a table
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
        /// Allow private and loopback addresses
        #[arg(long)]
        allow_private: bool,
    },
    /// Link what the records say (types, media, subjects, titles) to concepts, by the concepts' labels
    ///
    /// A label that is the text, has one meaning and is in the text's language is sure; everything else is a suggestion, for review.
    Link {
        /// Only records of this data set
        #[arg(long, value_name = "NAME")]
        data_set: Option<String>,
        /// At most so many records
        #[arg(long, value_name = "N")]
        limit: Option<u64>,
        /// The language of texts without a tag, where the record does not tell it [default: as configured]
        #[arg(long, value_name = "TAG")]
        language: Option<String>,
    },
    /// Import what a service or a crowd said of pictures, as claims of that agent, for review
    ///
    /// A label that names one concept is linked to it, any other is kept as text. JSON in the shapes of Google Vision, Amazon Rekognition,
    /// Azure and Watson, or objects with `image` and `label`; tables with columns such as image, label, score, annotator, votes, concept.
    ImportTags {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Who said so: "Google Cloud Vision", "Zooniverse"
        #[arg(long, value_name = "NAME")]
        agent: String,
        /// Which version of them
        #[arg(long, value_name = "VERSION", default_value = "1")]
        agent_version: String,
        /// csv or json [default: told from the content]
        #[arg(long, value_name = "FORMAT")]
        format: Option<TagFormat>,
        /// What stands before names that are no IRIs
        #[arg(long, value_name = "PREFIX")]
        prefix: Option<String>,
        /// The facet that the tags answer
        #[arg(long, value_name = "FACET", default_value = "subjects")]
        facet: String,
        /// The language of labels that tell none
        #[arg(long, value_name = "TAG")]
        language: Option<String>,
        /// Labels that are never linked, one a line [default: a list of our own]
        #[arg(long, value_name = "FILE")]
        stop_list: Option<PathBuf>,
    },
    /// Measure the linker on texts that cataloguers have linked: how many of the sure links are right, how often the right one comes first
    MeasureLinks {
        /// Tables with a header: text (or term), concept (or `aat_id`), and perhaps property
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The property of texts that name none
        #[arg(long, value_name = "NAME", default_value = "dc:type")]
        property: String,
        /// The language of the texts
        #[arg(long, value_name = "TAG", default_value = "en")]
        language: String,
        /// Concepts of the property's branches first, as with records; otherwise over everything
        #[arg(long)]
        within: bool,
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
        /// nq, trig, nt, ttl, rdf, jsonld; edm (a zip of EDM-external XML, as Metis takes it); europeana, ntua, iiif2, iiif3 (annotations as others
        /// exchange them, a document a line); write-back (a table for a museum's own system)
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
    /// Make files of everything, version by version, to be fetched at /dumps
    Dump {
        /// How many dumps are kept, this one among them [default: as configured]
        #[arg(long, value_name = "N")]
        keep: Option<usize>,
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
    /// Check records against Europeana's rules, and count their metadata tiers
    ///
    /// The report is for the provider: by rule and by provider, with lines and words that a cataloguer understands. It ends with exit code 3
    /// where something needs mending.
    Validate {
        /// Files, folders, zip and tar.gz archives
        #[arg(value_name = "PATH", required_unless_present = "store_records")]
        paths: Vec<PathBuf>,
        /// The records in the store instead, with what is published of them
        #[arg(long, conflicts_with = "paths")]
        store_records: bool,
        /// Only the store's records of this data set
        #[arg(long, value_name = "NAME", requires = "store_records")]
        set: Option<String>,
        /// Shapes of your own, in Turtle (SHACL Core), in the place of Europeana's rules
        #[arg(long, value_name = "FILE")]
        shapes: Option<PathBuf>,
        /// text, json, ttl (a sh:ValidationReport), html (a page that needs nothing beside it)
        #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json", "ttl", "html"])]
        format: String,
        /// Where the report goes [default: standard output]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
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

/// Vocabularies and mapping sets.
#[derive(Debug, Subcommand)]
pub enum VocabularyCommand {
    /// List them, with who made them, when, how and under which licence
    List,
    /// List what rests on concepts that a newer release replaced, withdrew, moved to another facet, or no longer has
    ///
    /// Annotations, publications and verdicts by record, and the label maps of taggers, each with what stands in the concept's place. Nothing is
    /// changed.
    Obsolete {
        /// Only of records of this data set
        #[arg(long, value_name = "NAME")]
        data_set: Option<String>,
        /// Write all of them into a table
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
    },
    /// List what is the same as a concept, and which mapping set or release says so
    Equivalents {
        /// The concept's IRI
        #[arg(value_name = "IRI")]
        concept: String,
    },
    /// Take a vocabulary release or a mapping set back whole
    Retract {
        /// Its name, or the IRI of its graph
        name: String,
        /// The release, where there are several
        #[arg(long, value_name = "NAME")]
        release: Option<String>,
    },
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

/// Sources.
#[derive(Debug, Subcommand)]
pub enum HarvestCommand {
    /// An OAI-PMH 2.0 provider
    Oai {
        /// Its base URL
        url: String,
        /// The metadata prefix under which it gives EDM
        #[arg(long, value_name = "PREFIX", default_value = "edm")]
        prefix: String,
        /// Only this set
        #[arg(long, value_name = "SET")]
        set: Option<String>,
        /// Only what changed from then on: a day, or a time in UTC [default: since the last harvest]
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// Only what changed until then
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
        /// List headers, then get each record by itself: where a provider's lists of records are broken
        #[arg(long)]
        each: bool,
        #[command(flatten)]
        /// How
        how: HarvestOptions,
    },
    /// A zip, tar or tar.gz archive at an http(s) address, as Europeana's ingestion takes them
    Archive {
        /// Its address
        url: String,
        /// The SHA-256 that it must have, in hexadecimal
        #[arg(long, value_name = "HEX")]
        sha256: Option<String>,
        #[command(flatten)]
        /// How
        how: HarvestOptions,
    },
    /// Europeana's Search and Record APIs; the key is taken from the environment (`EUROPEANA_API_KEY`)
    Europeana {
        /// What to search for
        #[arg(long, value_name = "QUERY", default_value = "*")]
        query: String,
        /// A filter of the query; may be given again
        #[arg(long, value_name = "FILTER")]
        qf: Vec<String>,
        /// Rights: open, restricted, permission, or the IRI of a licence; may be given again
        #[arg(long, value_name = "RIGHTS")]
        rights: Vec<String>,
        /// At most so many items
        #[arg(long, value_name = "N")]
        limit: Option<u64>,
        /// Ask for the API's own JSON instead of JSON-LD
        #[arg(long)]
        rich: bool,
        /// Write the items as a table: `category,skos_concept,URI,ID,URL`
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
        /// A category and its concept, searched for by itself; may be given again
        #[arg(long, value_name = "NAME=IRI")]
        category: Vec<String>,
        /// A JSON file of categories and their concepts' IRIs: `{"building": "http://…/concept/29"}`
        #[arg(long, value_name = "FILE")]
        categories: Option<PathBuf>,
        /// Write the table alone, and leave the records
        #[arg(long, requires = "csv")]
        no_records: bool,
        /// Another API [default: as configured]
        #[arg(long, value_name = "URL")]
        api: Option<String>,
        #[command(flatten)]
        /// How
        how: HarvestOptions,
    },
    /// A IIIF manifest or collection, Presentation API 2 or 3
    Iiif {
        /// Its address
        url: String,
        /// The data provider, where the manifests name none
        #[arg(long, value_name = "NAME")]
        data_provider: Option<String>,
        /// The rights, where the manifests state none: the IRI of a licence
        #[arg(long, value_name = "IRI")]
        rights: Option<String>,
        #[command(flatten)]
        /// How
        how: HarvestOptions,
    },
    /// List the sources that were harvested, and how far
    Sources,
}

/// How to harvest.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, clap::Args)]
pub struct HarvestOptions {
    /// The data set that the records belong to [default: what each says, else one named after the source]
    #[arg(long, value_name = "NAME")]
    pub data_set: Option<String>,
    /// Ask for everything, and delete what the source no longer lists
    #[arg(long)]
    pub full: bool,
    /// Delete what is no longer listed even if that is most of what we hold from the source
    #[arg(long)]
    pub accept_deletions: bool,
    /// Let records that came from another source become this one's
    #[arg(long)]
    pub take_over: bool,
    /// Allow addresses of this machine and of private networks
    #[arg(long)]
    pub allow_private: bool,
}
