//! Every IRI that Glossator knows by name, one module a vocabulary: the only place in the code where they are spelled.

/// Declares a namespace and its terms as constants.
macro_rules! namespace {
    ($(#[$doc:meta])* $module:ident = $iri:literal { $($(#[$term_doc:meta])* $name:ident = $local:literal),* $(,)? }) => {
        $(#[$doc])*
        pub mod $module {
            #![expect(missing_docs, reason = "the terms are documented by their vocabularies")]
            use oxigraph::model::NamedNodeRef;
            /// The namespace itself.
            pub const NS: &str = $iri;
            $($(#[$term_doc])* pub const $name: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(concat!($iri, $local));)*
            /// Every term named here, for the checks against the published ontologies.
            pub const ALL: &[NamedNodeRef<'static>] = &[$($name),*];
        }
    };
}

namespace!(
    /// Glossator's own few terms: `ontology/glossator.ttl`.
    enr = "https://w3id.org/glossator/ns#" {
        SOURCE_GRAPH = "SourceGraph",
        ENRICHMENT_GRAPH = "EnrichmentGraph",
        PUBLISHED_GRAPH = "PublishedGraph",
        VOCABULARY_GRAPH = "VocabularyGraph",
        MAPPING_GRAPH = "MappingGraph",
        TAGGER = "Tagger",
        POLICY = "Policy",
        TOMBSTONE = "Tombstone",
        ACCEPTED = "Accepted",
        REJECTED = "Rejected",
        CORRECTED = "Corrected",
        SIGMOID = "Sigmoid",
        SOFTMAX = "Softmax",
        COSINE = "Cosine",
        RAW = "Raw",
        PRODUCT = "Product",
        MEAN = "Mean",
        LIKELIHOOD = "Likelihood",
        MEMBER = "member",
        DEMO = "Demo",
        CANDIDATE = "Candidate",
        APPROVED = "Approved",
        SCORE_KIND = "scoreKind",
        RAW_SCORE = "rawScore",
        RANK = "rank",
        FACET = "facet",
        PROPOSED_PROPERTY = "proposedProperty",
        LABEL_MAPPING = "labelMapping",
        MODEL_LABEL = "modelLabel",
        MATCH = "match",
        TAGGER_STATUS = "taggerStatus",
        CALIBRATED_ON = "calibratedOn",
        DECODER = "decoder",
        PROVIDER = "executionProvider",
        CANONICAL_DIGEST = "canonicalDigest",
        ORIGINAL_DIGEST = "originalDigest",
        RECORD = "record",
        RELEASE = "release",
        VERSION = "version",
        CORRECTION = "correction",
        STAGING_FOR = "stagingFor",
        ABSTAINED = "abstained",
        NOTE = "note",
        DATA_SET = "dataSet",
        BASE = "base",
        RULES = "rules",
        POLICY_IN_FORCE = "policyInForce",
        CONCEPT = "concept",
        SOURCE = "Source",
        HARVEST = "Harvest",
        HARVESTED_FROM = "harvestedFrom",
        SOURCE_IDENTIFIER = "sourceIdentifier",
        SOURCE_DATESTAMP = "sourceDatestamp",
        HARVEST_STATE = "harvestState",
        FIGURES = "figures",
        METHOD = "method",
        SOURCE_PROPERTY = "sourceProperty",
        LABEL_MATCH = "LabelMatch",
        LIKENESS = "Likeness",
        SERVICE_SCORE = "ServiceScore",
        AGREEMENT = "Agreement",
        VOTE_CLASS = "Vote",
        VOTE = "vote",
        VOTES = "votes",
        VOTERS = "voters",
        MAJORITY = "majority",
    }
);
namespace!(
    /// RDF itself.
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" {
        TYPE = "type", VALUE = "value", JSON = "JSON", STATEMENT = "Statement", SUBJECT = "subject", PREDICATE = "predicate", OBJECT = "object",
        FIRST = "first", REST = "rest", NIL = "nil",
    }
);
namespace!(
    /// SHACL: shapes, and what is said about a graph that does not conform to them.
    sh = "http://www.w3.org/ns/shacl#" {
        VALIDATION_REPORT = "ValidationReport", VALIDATION_RESULT = "ValidationResult", CONFORMS = "conforms", RESULT = "result",
        FOCUS_NODE = "focusNode", RESULT_PATH = "resultPath", RESULT_SEVERITY = "resultSeverity", RESULT_MESSAGE = "resultMessage",
        SOURCE_SHAPE = "sourceShape", SOURCE_CONSTRAINT_COMPONENT = "sourceConstraintComponent", VALUE = "value",
        VIOLATION = "Violation", WARNING = "Warning", INFO = "Info",
        INVERSE_PATH = "inversePath", ALTERNATIVE_PATH = "alternativePath", ZERO_OR_MORE_PATH = "zeroOrMorePath",
        ONE_OR_MORE_PATH = "oneOrMorePath", ZERO_OR_ONE_PATH = "zeroOrOnePath",
        SPARQL = "sparql", TARGET = "target", VALIDATOR = "validator", NODE_VALIDATOR = "nodeValidator", PROPERTY_VALIDATOR = "propertyValidator",
    }
);
namespace!(
    /// RDF Schema.
    rdfs = "http://www.w3.org/2000/01/rdf-schema#" { LABEL = "label", COMMENT = "comment", SEE_ALSO = "seeAlso", SUB_CLASS_OF = "subClassOf" }
);
namespace!(
    /// XML Schema datatypes.
    xsd = "http://www.w3.org/2001/XMLSchema#" {
        DECIMAL = "decimal", DOUBLE = "double", INTEGER = "integer", DATE_TIME = "dateTime", DATE = "date", BOOLEAN = "boolean",
        ANY_URI = "anyURI", STRING = "string", G_YEAR = "gYear", G_YEAR_MONTH = "gYearMonth",
    }
);
namespace!(
    /// OWL.
    owl = "http://www.w3.org/2002/07/owl#" {
        SAME_AS = "sameAs", DEPRECATED = "deprecated", VERSION_INFO = "versionInfo",
        AXIOM = "Axiom", ANNOTATED_SOURCE = "annotatedSource", ANNOTATED_PROPERTY = "annotatedProperty", ANNOTATED_TARGET = "annotatedTarget",
    }
);
namespace!(
    /// SKOS: schemes, concepts, labels.
    skos = "http://www.w3.org/2004/02/skos/core#" {
        CONCEPT = "Concept", CONCEPT_SCHEME = "ConceptScheme", COLLECTION = "Collection", ORDERED_COLLECTION = "OrderedCollection",
        PREF_LABEL = "prefLabel", ALT_LABEL = "altLabel", HIDDEN_LABEL = "hiddenLabel", NOTATION = "notation",
        BROADER = "broader", NARROWER = "narrower", BROADER_TRANSITIVE = "broaderTransitive", NARROWER_TRANSITIVE = "narrowerTransitive", RELATED = "related", MEMBER = "member",
        IN_SCHEME = "inScheme", TOP_CONCEPT_OF = "topConceptOf", HAS_TOP_CONCEPT = "hasTopConcept",
        EXACT_MATCH = "exactMatch", CLOSE_MATCH = "closeMatch", BROAD_MATCH = "broadMatch", NARROW_MATCH = "narrowMatch", RELATED_MATCH = "relatedMatch",
        NOTE = "note", SCOPE_NOTE = "scopeNote", DEFINITION = "definition",
    }
);
namespace!(
    /// SKOS-XL: labels as resources.
    skosxl = "http://www.w3.org/2008/05/skos-xl#" {
        LABEL = "Label", PREF_LABEL = "prefLabel", ALT_LABEL = "altLabel", HIDDEN_LABEL = "hiddenLabel", LITERAL_FORM = "literalForm",
    }
);
namespace!(
    /// The Getty Vocabulary Program's ontology.
    gvp = "http://vocab.getty.edu/ontology#" {
        CONCEPT = "Concept", GUIDE_TERM = "GuideTerm", HIERARCHY = "Hierarchy", FACET = "Facet", SUBJECT = "Subject", OBSOLETE_SUBJECT = "ObsoleteSubject",
        BROADER = "broader", BROADER_PREFERRED = "broaderPreferred", BROADER_NON_PREFERRED = "broaderNonPreferred",
        BROADER_GENERIC = "broaderGeneric", BROADER_PARTITIVE = "broaderPartitive", BROADER_INSTANTIAL = "broaderInstantial",
        BROADER_EXTENDED = "broaderExtended", BROADER_PREFERRED_EXTENDED = "broaderPreferredExtended",
        PARENT_STRING = "parentString", PARENT_STRING_ABBREV = "parentStringAbbrev",
        PREF_LABEL_GVP = "prefLabelGVP", QUALIFIER = "qualifier", TERM = "term",
    }
);
namespace!(
    /// Full text as `GraphDB` and its kin offer it: what stands behind `luc:term` is looked for in the labels.
    luc = "http://www.ontotext.com/owlim/lucene#" { TERM = "term" }
);
namespace!(
    /// Dublin Core elements.
    dc = "http://purl.org/dc/elements/1.1/" {
        TITLE = "title", DESCRIPTION = "description", CREATOR = "creator", CONTRIBUTOR = "contributor", SUBJECT = "subject", TYPE = "type",
        FORMAT = "format", IDENTIFIER = "identifier", LANGUAGE = "language", RIGHTS = "rights", SOURCE = "source", DATE = "date",
        PUBLISHER = "publisher", COVERAGE = "coverage", RELATION = "relation",
    }
);
namespace!(
    /// Dublin Core terms.
    dcterms = "http://purl.org/dc/terms/" {
        TITLE = "title", MEDIUM = "medium", CREATED = "created", ISSUED = "issued", MODIFIED = "modified", CREATOR = "creator", SOURCE = "source",
        LICENSE = "license", IDENTIFIER = "identifier", IS_PART_OF = "isPartOf", HAS_PART = "hasPart", IS_REFERENCED_BY = "isReferencedBy",
        HAS_VERSION = "hasVersion", IS_VERSION_OF = "isVersionOf", CONFORMS_TO = "conformsTo",
        DESCRIPTION = "description", PUBLISHER = "publisher", SPATIAL = "spatial", TEMPORAL = "temporal", EXTENT = "extent", FORMAT = "format",
        IS_REPLACED_BY = "isReplacedBy", REPLACES = "replaces",
    }
);
namespace!(
    /// The Europeana Data Model.
    edm = "http://www.europeana.eu/schemas/edm/" {
        PROVIDED_CHO = "ProvidedCHO", WEB_RESOURCE = "WebResource", EUROPEANA_AGGREGATION = "EuropeanaAggregation",
        AGENT = "Agent", PLACE = "Place", TIME_SPAN = "TimeSpan",
        AGGREGATED_CHO = "aggregatedCHO", DATA_PROVIDER = "dataProvider", PROVIDER = "provider", INTERMEDIATE_PROVIDER = "intermediateProvider",
        IS_SHOWN_BY = "isShownBy", IS_SHOWN_AT = "isShownAt", HAS_VIEW = "hasView", OBJECT = "object", RIGHTS = "rights", TYPE = "type",
        EUROPEANA_PROXY = "europeanaProxy", DATASET_NAME = "datasetName", PREVIEW = "preview", COLLECTION_NAME = "collectionName",
        WAS_GENERATED_BY = "wasGeneratedBy", CONFIDENCE_LEVEL = "confidenceLevel", IS_REPRESENTATION_OF = "isRepresentationOf",
        IS_SIMILAR_TO = "isSimilarTo", HAS_TYPE = "hasType", COUNTRY = "country", LANGUAGE = "language",
    }
);
namespace!(
    /// OAI Object Reuse and Exchange: aggregations and proxies.
    ore = "http://www.openarchives.org/ore/terms/" {
        AGGREGATION = "Aggregation", PROXY = "Proxy", PROXY_FOR = "proxyFor", PROXY_IN = "proxyIn", LINEAGE = "lineage", AGGREGATES = "aggregates",
    }
);
namespace!(
    /// Web Annotation.
    oa = "http://www.w3.org/ns/oa#" {
        ANNOTATION = "Annotation", SPECIFIC_RESOURCE = "SpecificResource", FRAGMENT_SELECTOR = "FragmentSelector",
        MOTIVATED_BY = "motivatedBy", HAS_BODY = "hasBody", HAS_TARGET = "hasTarget", HAS_SOURCE = "hasSource", HAS_SCOPE = "hasScope",
        TEXT_QUOTE_SELECTOR = "TextQuoteSelector", EXACT = "exact", PREFIX = "prefix", SUFFIX = "suffix", TEXTUAL_BODY = "TextualBody",
        HAS_SELECTOR = "hasSelector", DESCRIBING = "describing", LINKING = "linking", CLASSIFYING = "classifying", TAGGING = "tagging",
        ASSESSING = "assessing", EDITING = "editing",
    }
);
namespace!(
    /// The annotation terms that SAGE, `CrowdHeritage` and MINT exchange.
    soa = "http://sw.islab.ntua.gr/annotation/" {
        CONFIDENCE = "confidence", HAS_REVIEW = "hasReview", VALIDATION = "Validation", RECOMMENDATION = "recommendation",
        ACCEPT = "Accept", REJECT = "Reject",
    }
);
namespace!(
    /// PROV-O.
    prov = "http://www.w3.org/ns/prov#" {
        ENTITY = "Entity", ACTIVITY = "Activity", SOFTWARE_AGENT = "SoftwareAgent", PERSON = "Person",
        STARTED_AT_TIME = "startedAtTime", ENDED_AT_TIME = "endedAtTime", USED = "used", WAS_ASSOCIATED_WITH = "wasAssociatedWith",
        WAS_GENERATED_BY = "wasGeneratedBy", WAS_DERIVED_FROM = "wasDerivedFrom", SPECIALIZATION_OF = "specializationOf", GENERATED_AT_TIME = "generatedAtTime", WAS_INFLUENCED_BY = "wasInfluencedBy",
        WAS_INVALIDATED_BY = "wasInvalidatedBy", INVALIDATED_AT_TIME = "invalidatedAtTime", ACTED_ON_BEHALF_OF = "actedOnBehalfOf",
        WAS_ATTRIBUTED_TO = "wasAttributedTo",
    }
);
namespace!(
    /// ML Schema.
    mls = "http://www.w3.org/ns/mls#" { RUN = "Run", MODEL = "Model" }
);
namespace!(
    /// Activity Streams 2.0.
    activity_streams = "https://www.w3.org/ns/activitystreams#" { APPLICATION = "Application", COLLECTION = "Collection", COLLECTION_PAGE = "CollectionPage", UPDATE = "Update", DELETE = "Delete", ITEMS = "items" }
);
namespace!(
    /// FOAF.
    foaf = "http://xmlns.com/foaf/0.1/" { AGENT = "Agent", ORGANIZATION = "Organization", NAME = "name", PAGE = "page", PERSON = "Person", DEPICTION = "depiction", PRIMARY_TOPIC = "primaryTopic" }
);
namespace!(
    /// SPDX checksums.
    spdx = "http://spdx.org/rdf/terms#" {
        CHECKSUM = "checksum", CHECKSUM_CLASS = "Checksum", ALGORITHM = "algorithm", CHECKSUM_VALUE = "checksumValue", SHA256 = "checksumAlgorithm_sha256",
    }
);
namespace!(
    /// Technical metadata of web resources.
    ebucore = "http://www.ebu.ch/metadata/ontologies/ebucore/ebucore#" { WIDTH = "width", HEIGHT = "height", HAS_MIME_TYPE = "hasMimeType" }
);
namespace!(
    /// The Data Quality Vocabulary.
    dqv = "http://www.w3.org/ns/dqv#" { QUALITY_ANNOTATION = "QualityAnnotation", QUALITY_ASSESSMENT = "qualityAssessment" }
);
namespace!(
    /// DCAT.
    dcat = "http://www.w3.org/ns/dcat#" {
        DATASET = "Dataset", DISTRIBUTION = "Distribution", HAS_DISTRIBUTION = "distribution", DOWNLOAD_URL = "downloadURL", MEDIA_TYPE = "mediaType",
        CATALOG = "Catalog", HAS_DATASET = "dataset", DATA_SERVICE = "DataService", HAS_SERVICE = "service", SERVES_DATASET = "servesDataset",
        ENDPOINT_URL = "endpointURL", ENDPOINT_DESCRIPTION = "endpointDescription", ACCESS_URL = "accessURL", ACCESS_SERVICE = "accessService",
        BYTE_SIZE = "byteSize", COMPRESS_FORMAT = "compressFormat", PACKAGE_FORMAT = "packageFormat", CONTACT_POINT = "contactPoint",
    }
);
namespace!(
    /// `vCard`: how somebody can be reached.
    vcard = "http://www.w3.org/2006/vcard/ns#" { KIND = "Kind", FN = "fn", HAS_EMAIL = "hasEmail" }
);
namespace!(
    /// The Simple Standard for Sharing Ontological Mappings.
    sssom = "https://w3id.org/sssom/" {
        MAPPING_SET = "MappingSet", CONFIDENCE = "confidence", MAPPING_JUSTIFICATION = "mapping_justification", MAPPING_TOOL = "mapping_tool",
        NO_TERM_FOUND = "NoTermFound",
    }
);
namespace!(
    /// Provenance, authoring and versioning: who made a mapping, and when.
    pav = "http://purl.org/pav/" { AUTHORED_BY = "authoredBy", AUTHORED_ON = "authoredOn" }
);
namespace!(
    /// Ways in which mappings are justified.
    semapv = "https://w3id.org/semapv/vocab/" { UNSPECIFIED_MATCHING = "UnspecifiedMatching" }
);
namespace!(
    /// `VoID`.
    void = "http://rdfs.org/ns/void#" {
        DATASET = "Dataset", LINKSET = "Linkset", TRIPLES = "triples", ENTITIES = "entities", SUBSET = "subset", SPARQL_ENDPOINT = "sparqlEndpoint",
        URI_SPACE = "uriSpace", EXAMPLE_RESOURCE = "exampleResource", VOCABULARY = "vocabulary", FEATURE = "feature",
        DATASET_DESCRIPTION = "DatasetDescription",
    }
);
namespace!(
    /// SPARQL 1.1 Service Description.
    sd = "http://www.w3.org/ns/sparql-service-description#" {
        SERVICE = "Service", ENDPOINT = "endpoint", SUPPORTED_LANGUAGE = "supportedLanguage", SPARQL_11_QUERY = "SPARQL11Query", FEATURE = "feature",
        UNION_DEFAULT_GRAPH = "UnionDefaultGraph", RESULT_FORMAT = "resultFormat", DEFAULT_DATASET = "defaultDataset", DATASET = "Dataset",
        DEFAULT_GRAPH = "defaultGraph", GRAPH = "Graph",
    }
);

namespace!(
    /// Services of web resources, as SIOC and EDM have them.
    svcs = "http://rdfs.org/sioc/services#" { SERVICE = "Service", HAS_SERVICE = "has_service" }
);
namespace!(
    /// What a service implements.
    doap = "http://usefulinc.com/ns/doap#" { IMPLEMENTS = "implements" }
);
namespace!(
    /// TREE: pages of things, and where they lead.
    tree = "https://w3id.org/tree#" {
        NODE = "Node", VIEW = "view", MEMBER = "member", RELATION = "relation", NODE_OF = "node", PATH = "path", VALUE = "value",
        GREATER_THAN_OR_EQUAL_TO_RELATION = "GreaterThanOrEqualToRelation",
    }
);
namespace!(
    /// Linked Data Event Streams.
    ldes = "https://w3id.org/ldes#" {
        EVENT_STREAM = "EventStream", TIMESTAMP_PATH = "timestampPath", VERSION_OF_PATH = "versionOfPath", RETENTION_POLICY = "retentionPolicy",
        LATEST_VERSION_SUBSET = "LatestVersionSubset", AMOUNT = "amount",
    }
);

/// What a IIIF image service conforms to.
pub const IIIF_IMAGE: &str = "http://iiif.io/api/image";
/// Below this our shapes are named, and so are the rules that they state.
pub const SHAPES: &str = "https://w3id.org/glossator/shapes/";
/// What media fragments conform to.
pub const MEDIA_FRAGMENTS: &str = "http://www.w3.org/TR/media-frags/";
/// Where Getty's AAT mints its subjects.
pub const AAT: &str = "http://vocab.getty.edu/aat/";
/// Where Europeana mints its concepts.
pub const EUROPEANA_CONCEPT: &str = "http://data.europeana.eu/concept/";
/// Everything that Europeana mints.
pub const EUROPEANA: &str = "http://data.europeana.eu/";
/// What a data set in the Europeana Data Model conforms to, as its harvester looks for it.
pub const EDM_PROFILE: &str = "http://www.europeana.eu/schemas/edm/";
/// Where IANA names media types.
pub const IANA: &str = "https://www.iana.org/assignments/media-types/";
/// Where Wikidata mints its items.
pub const WIKIDATA_ENTITY: &str = "http://www.wikidata.org/entity/";
/// Where `DBpedia` mints its resources.
pub const DBPEDIA_RESOURCE: &str = "http://dbpedia.org/resource/";
/// The pages that `DBpedia` shows about its resources.
pub const DBPEDIA_PAGE: &str = "http://dbpedia.org/page/";
/// Where Europeana's Entity API says that its JSON-LD context lies.
pub const EUROPEANA_ENTITY_CONTEXT: &str = "http://www.europeana.eu/schemas/context/entity.jsonld";
/// Where Europeana mints its items.
pub const EUROPEANA_ITEM: &str = "http://data.europeana.eu/item/";

/// The prefixes that pages, query examples and serialisations use.
pub const PREFIXES: &[(&str, &str)] = &[
    ("aat", AAT),
    ("dc", dc::NS),
    ("dcat", dcat::NS),
    ("dcterms", dcterms::NS),
    ("dqv", dqv::NS),
    ("ebucore", ebucore::NS),
    ("edm", edm::NS),
    ("enr", enr::NS),
    ("foaf", foaf::NS),
    ("gvp", gvp::NS),
    ("mls", mls::NS),
    ("oa", oa::NS),
    ("ore", ore::NS),
    ("owl", owl::NS),
    ("prov", prov::NS),
    ("rdf", rdf::NS),
    ("rdfs", rdfs::NS),
    ("sh", sh::NS),
    ("skos", skos::NS),
    ("skosxl", skosxl::NS),
    ("soa", soa::NS),
    ("spdx", spdx::NS),
    ("vcard", vcard::NS),
    ("void", void::NS),
    ("xsd", xsd::NS),
];

/// The terms that the query page offers: prefix, namespace, terms.
pub const TERMS: &[(&str, &str, &[oxigraph::model::NamedNodeRef<'static>])] = &[
    ("dc", dc::NS, dc::ALL),
    ("dcat", dcat::NS, dcat::ALL),
    ("dcterms", dcterms::NS, dcterms::ALL),
    ("edm", edm::NS, edm::ALL),
    ("enr", enr::NS, enr::ALL),
    ("foaf", foaf::NS, foaf::ALL),
    ("gvp", gvp::NS, gvp::ALL),
    ("oa", oa::NS, oa::ALL),
    ("ore", ore::NS, ore::ALL),
    ("prov", prov::NS, prov::ALL),
    ("rdf", rdf::NS, rdf::ALL),
    ("rdfs", rdfs::NS, rdfs::ALL),
    ("skos", skos::NS, skos::ALL),
    ("soa", soa::NS, soa::ALL),
    ("void", void::NS, void::ALL),
];

/// An IRI as people write it: `skos:exactMatch`; as it is where no prefix is known.
pub fn short(iri: &str) -> String {
    if let Some(local) = iri.strip_prefix(semapv::NS) {
        return format!("semapv:{local}");
    }
    let with = PREFIXES.iter().find_map(|(prefix, namespace)| Some((prefix, iri.strip_prefix(namespace)?)));
    match with {
        Some((prefix, local)) if !local.is_empty() && !local.contains(['/', '#']) => format!("{prefix}:{local}"),
        _ => iri.to_owned(),
    }
}

/// The further prefixes that Europeana's EDM needs in XML.
pub const EDM_PREFIXES: &[(&str, &str)] = &[
    ("cc", "http://creativecommons.org/ns#"),
    ("doap", "http://usefulinc.com/ns/doap#"),
    ("odrl", "http://www.w3.org/ns/odrl/2/"),
    ("rdaGr2", "http://rdvocab.info/ElementsGr2/"),
    ("schema", "https://schema.org/"),
    ("svcs", "http://rdfs.org/sioc/services#"),
    ("wgs84_pos", "http://www.w3.org/2003/01/geo/wgs84_pos#"),
];

/// The IRI of a prefixed name (`dc:title`), by the prefixes that pages and EDM's XML use.
pub fn expand(name: &str) -> Option<oxigraph::model::NamedNode> {
    let (prefix, local) = name.split_once(':')?;
    let (_, namespace) = PREFIXES.iter().chain(EDM_PREFIXES).find(|(known, _)| *known == prefix)?;
    oxigraph::model::NamedNode::new(format!("{namespace}{local}")).ok()
}
