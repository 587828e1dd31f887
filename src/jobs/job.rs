//! What may be asked for: plain values that travel over the socket.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    Delete, Dereference, Dump, Export, Harvest, ImportTags, Ingest, Link, LinkReport, MeasureLinks, ModelJob, Publish, Query, ReadTable,
    Review, Tag, Validate, VocabularyJob,
};
use crate::vocab::LoadRequest;

/// One thing to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// Load a vocabulary release or an alignment table.
    Load(LoadRequest),
    /// Something about the vocabularies in the store.
    Vocabulary(VocabularyJob),
    /// Read records.
    Ingest(Ingest),
    /// Read tables by a mapping.
    Table(ReadTable),
    /// Ask a source for records.
    Harvest(Harvest),
    /// Look at their pictures.
    Tag(Tag),
    /// Report how the pictures' addresses are doing.
    Pictures(LinkReport),
    /// List or fetch the concepts that records name and no vocabulary has.
    Dereference(Dereference),
    /// Link what they say in words.
    Link(Link),
    /// Import what others said of them.
    ImportTags(ImportTags),
    /// Measure the linker on what cataloguers did.
    MeasureLinks(MeasureLinks),
    /// Derive what is published.
    Publish(Publish),
    /// Record a verdict.
    Review(Review),
    /// Take a run back whole.
    Retract {
        /// The run's IRI, or what stands behind the last slash of it.
        run: String,
    },
    /// Delete records.
    Delete(Delete),
    /// List the runs.
    Runs,
    /// Something about the models in the store.
    Model(ModelJob),
    /// Ask a SPARQL query.
    Query(Query),
    /// Write out what the store holds.
    Export(Export),
    /// Check records against rules.
    Validate(Validate),
    /// Make a dump.
    Dump(Dump),
    /// Look the store over.
    Check,
}

impl Job {
    /// Its name, as the command line has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Load(_) => "load",
            Self::Vocabulary(_) => "vocabulary",
            Self::Ingest(_) | Self::Table(_) => "ingest",
            Self::Harvest(_) => "harvest",
            Self::Tag(_) => "tag",
            Self::Pictures(_) => "pictures",
            Self::Dereference(_) => "dereference",
            Self::Link(_) => "link",
            Self::ImportTags(_) => "import-tags",
            Self::MeasureLinks(_) => "measure-links",
            Self::Publish(_) => "publish",
            Self::Review(_) => "review",
            Self::Retract { .. } => "retract",
            Self::Delete(_) => "delete",
            Self::Runs => "runs",
            Self::Model(_) => "model",
            Self::Query(_) => "query",
            Self::Export(_) => "export",
            Self::Validate(_) => "validate",
            Self::Dump(_) => "dump",
            Self::Check => "check",
        }
    }
}

/// A path that means the same to whoever does the job.
pub fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    std::path::absolute(path)
}
