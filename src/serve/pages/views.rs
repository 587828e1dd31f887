//! What the pages show, as plain values: whoever fills them knows the other rooms, the templates know nothing.

use super::{AsideView, Certainty, RegionView};

/// A text with its language tag, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub text: String,
    /// The language tag, or nothing.
    pub language: String,
}

/// Something with an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// What stands on the page.
    pub text: String,
    /// Where it leads. Empty: nowhere.
    pub href: String,
}

/// A concept as it is named on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConceptLink {
    /// Its IRI.
    pub iri: String,
    /// Its label in the visitor's language, or the nearest.
    pub label: Text,
}

impl ConceptLink {
    /// The address of its page.
    pub fn href(&self) -> String {
        format!("/concept?iri={}", crate::rdf::iri::encode_segment(&self.iri))
    }
}

/// One way from a facet's top down to a concept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The facet first, the concept last.
    pub steps: Vec<ConceptLink>,
}

/// What every visitor should know first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// In a few words: "A demonstration".
    pub heading: String,
    /// What that means: the tagger's status, who drew the pictures, what the tagger is worth.
    pub paragraphs: Vec<String>,
}

/// A figure on the start page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// How many.
    pub count: u64,
    /// Of what.
    pub of: String,
    /// Where they are listed; empty: nowhere.
    pub href: String,
}

/// A record in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordCard {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Text,
    /// The data provider.
    pub provider: String,
    /// Whether `/record/KEY/picture` has something to show.
    pub has_picture: bool,
    /// The first few concepts of its annotations.
    pub concepts: Vec<ConceptLink>,
    /// How many annotations it has.
    pub annotations: u32,
    /// Whether something is published for it.
    pub published: bool,
}

/// The start page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartView {
    /// Records, concepts, annotations, published.
    pub figures: Vec<Figure>,
    /// A dozen records.
    pub records: Vec<RecordCard>,
    /// Whether there is a tagger to look at a visitor's photograph.
    pub can_look: bool,
    /// Data sets, dumps, the harvesting door: whatever else there is.
    pub links: Vec<Link>,
}

/// A list of records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordsView {
    /// What the list is about: "All records", "Records of …", "Records with …".
    pub heading: String,
    /// The concept that they share, if that is what the list is about.
    pub concept: Option<ConceptLink>,
    /// The records.
    pub records: Vec<RecordCard>,
    /// How many there are in all, if that is known.
    pub total: Option<u64>,
    /// The address of what comes behind; nothing at the end.
    pub next: Option<String>,
}

/// A value that the provider gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// The text; for an IRI its label, or the IRI itself.
    pub text: Text,
    /// Where it leads, if it is an IRI.
    pub href: String,
    /// The datatype's short name, where it is not a plain text.
    pub datatype: String,
}

/// A property and its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropertyRow {
    /// The property: its short name and its IRI.
    pub property: Link,
    /// The values.
    pub values: Vec<Value>,
}

/// What the provider said about one thing: the CHO, a web resource, the aggregation, an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// What it is: "The object", "The aggregation".
    pub heading: String,
    /// Its IRI.
    pub iri: String,
    /// What is said.
    pub rows: Vec<PropertyRow>,
}

/// A verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerdictView {
    /// Who decided.
    pub who: Link,
    /// "accepted", "rejected", "corrected".
    pub decision: String,
    /// When.
    pub when: String,
    /// What should stand instead.
    pub correction: Option<ConceptLink>,
}

/// Why an annotation says what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// The words of the record that name the concept, and where they stand.
    pub words: String,
    /// The model's own label.
    pub model_label: String,
    /// How that maps to the concept: "exact", "close", "broad".
    pub mapping: String,
    /// The mapping set.
    pub mapping_set: Link,
    /// The tagger, and its version.
    pub tagger: Link,
    /// The version.
    pub tagger_version: String,
    /// "demo", "candidate", "approved".
    pub tagger_status: String,
    /// What it was calibrated on, if it was.
    pub calibrated_on: String,
    /// The network.
    pub model: Link,
    /// The run.
    pub run: Link,
    /// When it ran.
    pub date: String,
    /// The SHA-256 of the picture.
    pub picture_checksum: Link,
    /// What decoded it.
    pub decoder: String,
    /// What the network ran on.
    pub execution_provider: String,
    /// The vocabulary release.
    pub vocabulary: Link,
}

impl Reasons {
    /// The reasons by name, those that are known: what, and where it leads.
    pub fn rows(&self) -> Vec<(&'static str, Link)> {
        let plain = |text: &str| Link { text: text.to_owned(), href: String::new() };
        let tagger =
            Link { text: format!("{} {} ({})", self.tagger.text, self.tagger_version, self.tagger_status), href: self.tagger.href.clone() };
        let label = format!("“{}”, {} match", self.model_label, self.mapping);
        let rows = vec![
            ("The record’s words", plain(&self.words)),
            ("The model’s own label", if self.model_label.is_empty() { plain("") } else { plain(&label) }),
            ("Mapping set", self.mapping_set.clone()),
            ("Tagger", if self.tagger.text.is_empty() { plain("") } else { tagger }),
            ("Model", self.model.clone()),
            ("Calibrated on", plain(&self.calibrated_on)),
            ("Vocabulary", self.vocabulary.clone()),
            ("Run", self.run.clone()),
            ("Date", plain(&self.date)),
            ("Picture’s SHA-256", self.picture_checksum.clone()),
            ("Decoder", plain(&self.decoder)),
            ("Ran on", plain(&self.execution_provider)),
        ];
        rows.into_iter().filter(|(_, link)| !link.text.trim().is_empty()).collect()
    }
}

/// One annotation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnnotationView {
    /// Its IRI, and its page.
    pub page: Link,
    /// What it says.
    pub concept: ConceptLink,
    /// The property that it proposes.
    pub property: Link,
    /// How sure it is.
    pub certainty: Certainty,
    /// The ways down to the concept.
    pub paths: Vec<Path>,
    /// Why.
    pub reasons: Reasons,
    /// Where on the picture, if it is about a part of it.
    pub region: Option<RegionView>,
    /// What people decided about it.
    pub verdicts: Vec<VerdictView>,
    /// Whether it is published.
    pub published: bool,
    /// "accepted", "rejected", "disputed", or nothing where nobody decided.
    pub standing: String,
}

/// What Europeana's two attributes said about a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementView {
    /// The property of the statement.
    pub property: Link,
    /// Its value.
    pub value: Value,
    /// Europeana's `SoftwareAgent` or `Person`.
    pub generated_by: String,
    /// The confidence as it was written, or nothing.
    pub confidence: String,
}

/// One record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordView {
    /// Its metadata tier in words: as it came, and with what is published where that is better.
    pub tiers: Vec<String>,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Text,
    /// The CHO's IRI.
    pub cho: String,
    /// The data provider.
    pub provider: String,
    /// Where the provider shows it.
    pub shown_at: Option<Link>,
    /// Whether `/record/KEY/picture` has something to show.
    pub has_picture: bool,
    /// The rights statement of the picture.
    pub rights: Option<Link>,
    /// What the provider said, the object first.
    pub source: Vec<Section>,
    /// Whether a tagger has looked at its picture, or read its words.
    pub looked_at: bool,
    /// What we say.
    pub annotations: Vec<AnnotationView>,
    /// The height of the picture in thousandths of its width, where boxes are to be drawn on it.
    pub drawn_height: Option<u32>,
    /// What two things on the picture have to do with each other, and what was noticed about the digital picture.
    pub asides: Vec<AsideView>,
    /// What is published.
    pub published: Vec<PropertyRow>,
    /// What Europeana's attributes said.
    pub statements: Vec<StatementView>,
    /// What was mended or left out when the record was read.
    pub notes: Vec<String>,
    /// The graphs that hold all this.
    pub graphs: Vec<Link>,
    /// The query that shows the same.
    pub query: String,
}

impl RecordView {
    /// The address that runs the query.
    pub fn query_href(&self) -> String {
        format!("/query?query={}", crate::rdf::iri::encode_segment(&self.query))
    }
}

/// One concept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConceptView {
    /// Its IRI.
    pub iri: String,
    /// Its label for this visitor.
    pub label: Text,
    /// "concept", "guide term", "facet", "hierarchy".
    pub kind: String,
    /// What it means.
    pub notes: Vec<Text>,
    /// Preferred labels, by language.
    pub preferred: Vec<Text>,
    /// Other labels, by language.
    pub others: Vec<Text>,
    /// The ways down to it.
    pub paths: Vec<Path>,
    /// What is narrower.
    pub narrower: Vec<ConceptLink>,
    /// How many more are narrower than are listed.
    pub more_narrower: u64,
    /// Alignments, both ways: how ("exact match", "close match of"), and with what.
    pub alignments: Vec<(String, ConceptLink)>,
    /// Records with it or something narrower.
    pub records: Vec<RecordCard>,
    /// How many there are in all.
    pub records_total: u64,
    /// The release that it comes from.
    pub release: Link,
    /// The licence of the release.
    pub licence: Link,
}

impl ConceptView {
    /// The list of all its records.
    pub fn records_href(&self) -> String {
        format!("/records?concept={}", crate::rdf::iri::encode_segment(&self.iri))
    }

    /// The tree as it is seen from here.
    pub fn tree_href(&self) -> String {
        format!("/concepts?iri={}", crate::rdf::iri::encode_segment(&self.iri))
    }

    /// The concept as a link.
    pub fn link(&self) -> ConceptLink {
        ConceptLink { iri: self.iri.clone(), label: self.label.clone() }
    }
}

/// A concept in a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeNode {
    /// The concept.
    pub concept: ConceptLink,
    /// Whether it only orders the tree.
    pub is_guide: bool,
    /// Whether something is narrower.
    pub leads_on: bool,
}

impl TreeNode {
    /// The tree as it is seen from here.
    pub fn href(&self) -> String {
        format!("/concepts?iri={}", crate::rdf::iri::encode_segment(&self.concept.iri))
    }
}

/// One step of the way down, and what stands beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// The step.
    pub step: TreeNode,
    /// Its siblings.
    pub siblings: Vec<TreeNode>,
    /// Whether there are more.
    pub more: bool,
}

/// One vocabulary, where its trees begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trunk {
    /// The vocabulary and its release.
    pub name: String,
    /// The tops.
    pub tops: Vec<TreeNode>,
}

/// The tree seen from one concept, or where the trees begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeView {
    /// The concept, if it is seen from one.
    pub here: Option<ConceptLink>,
    /// Whether pictures may be tagged with it.
    pub taggable: bool,
    /// The way down to it.
    pub levels: Vec<Level>,
    /// What is right below.
    pub children: Vec<TreeNode>,
    /// Whether there is more below.
    pub more_children: bool,
    /// The vocabularies, where no concept is named.
    pub trunks: Vec<Trunk>,
}

/// A concept that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hit {
    /// The concept.
    pub concept: ConceptLink,
    /// The label that begins as was asked.
    pub found: Text,
    /// The nearest way down to it.
    pub path: Path,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchView {
    /// What was looked for.
    pub beginning: String,
    /// What was found.
    pub hits: Vec<Hit>,
    /// Whether there is more than is shown.
    pub more: bool,
}

/// What a photograph shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LookView {
    /// A small copy as a `data:` address, or nothing.
    pub preview: String,
    /// What is seen, the surest first.
    pub predictions: Vec<PredictionView>,
    /// The tagger.
    pub tagger: String,
    /// "demo", "candidate", "approved".
    pub tagger_status: String,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// One prediction about a photograph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PredictionView {
    /// The concept.
    pub concept: ConceptLink,
    /// How sure it is.
    pub certainty: Certainty,
    /// The facet that it answers.
    pub facet: String,
    /// The nearest way down to it.
    pub path: Path,
    /// The model's own label.
    pub model_label: String,
}

/// What one graph says, a section for each thing that it speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphView {
    /// The graph.
    pub graph: Link,
    /// What it says.
    pub sections: Vec<Section>,
}

/// Anything of ours, as it is described.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThingView {
    /// What it is called.
    pub heading: String,
    /// "annotation", "run", "graph".
    pub kind: String,
    /// Its IRI.
    pub iri: String,
    /// Whether it was taken back.
    pub gone: bool,
    /// What a reader should know first.
    pub notes: Vec<String>,
    /// What is said, by graph.
    pub graphs: Vec<GraphView>,
    /// How many statements more there are than are shown.
    pub more: u64,
    /// What points to it: the property, and what has it.
    pub pointing: Vec<PropertyRow>,
    /// Whether more points to it than is shown.
    pub more_pointing: bool,
    /// The same in other forms.
    pub forms: Vec<Link>,
    /// The query that shows more.
    pub query: Link,
}
