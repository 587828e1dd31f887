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
        STATEMENTS_GRAPH = "StatementsGraph",
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
        SETTINGS = "settingsDigest",
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
        FORMAT = "format",
    }
);
namespace!(
    /// RDF itself.
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" {
        TYPE = "type", VALUE = "value", STATEMENT = "Statement", SUBJECT = "subject", PREDICATE = "predicate", OBJECT = "object",
    }
);
namespace!(
    /// RDF Schema.
    rdfs = "http://www.w3.org/2000/01/rdf-schema#" { LABEL = "label", COMMENT = "comment", SEE_ALSO = "seeAlso" }
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
    owl = "http://www.w3.org/2002/07/owl#" { SAME_AS = "sameAs" }
);
namespace!(
    /// SKOS: schemes, concepts, labels.
    skos = "http://www.w3.org/2004/02/skos/core#" {
        CONCEPT = "Concept", CONCEPT_SCHEME = "ConceptScheme", COLLECTION = "Collection", ORDERED_COLLECTION = "OrderedCollection",
        PREF_LABEL = "prefLabel", ALT_LABEL = "altLabel", HIDDEN_LABEL = "hiddenLabel", NOTATION = "notation",
        BROADER = "broader", NARROWER = "narrower", BROADER_TRANSITIVE = "broaderTransitive", RELATED = "related", MEMBER = "member",
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
        LICENSE = "license", IDENTIFIER = "identifier", IS_PART_OF = "isPartOf", HAS_VERSION = "hasVersion", CONFORMS_TO = "conformsTo",
        DESCRIPTION = "description", SPATIAL = "spatial", TEMPORAL = "temporal", EXTENT = "extent", FORMAT = "format", IS_REPLACED_BY = "isReplacedBy",
        IS_REFERENCED_BY = "isReferencedBy",
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
        HAS_SELECTOR = "hasSelector", TEXTUAL_BODY = "TextualBody", DESCRIBING = "describing", LINKING = "linking", CLASSIFYING = "classifying", TAGGING = "tagging", ASSESSING = "assessing", EDITING = "editing",
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
        WAS_GENERATED_BY = "wasGeneratedBy", WAS_DERIVED_FROM = "wasDerivedFrom", SPECIALIZATION_OF = "specializationOf",
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
    activity_streams = "https://www.w3.org/ns/activitystreams#" { APPLICATION = "Application", COLLECTION = "Collection", COLLECTION_PAGE = "CollectionPage" }
);
namespace!(
    /// FOAF.
    foaf = "http://xmlns.com/foaf/0.1/" { ORGANIZATION = "Organization", NAME = "name", PAGE = "page", PERSON = "Person", DEPICTION = "depiction", PRIMARY_TOPIC = "primaryTopic" }
);
namespace!(
    /// SPDX checksums.
    spdx = "http://spdx.org/rdf/terms#" {
        CHECKSUM = "checksum", ALGORITHM = "algorithm", CHECKSUM_VALUE = "checksumValue", SHA256 = "checksumAlgorithm_sha256",
    }
);
namespace!(
    /// Technical metadata of web resources.
    ebucore = "http://www.ebu.ch/metadata/ontologies/ebucore/ebucore#" { WIDTH = "width", HEIGHT = "height", HAS_MIME_TYPE = "hasMimeType" }
);
namespace!(
    /// SIOC services: the IIIF image service of a web resource.
    svcs = "http://rdfs.org/sioc/services#" { HAS_SERVICE = "has_service" }
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
    }
);
namespace!(
    /// `VoID`.
    void = "http://rdfs.org/ns/void#" {
        DATASET = "Dataset", TRIPLES = "triples", ENTITIES = "entities", SUBSET = "subset", SPARQL_ENDPOINT = "sparqlEndpoint",
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

/// What media fragments conform to.
pub const MEDIA_FRAGMENTS: &str = "http://www.w3.org/TR/media-frags/";
/// Where Getty's AAT mints its subjects.
pub const AAT: &str = "http://vocab.getty.edu/aat/";
/// Where Europeana mints its concepts.
pub const EUROPEANA_CONCEPT: &str = "http://data.europeana.eu/concept/";
/// Everything that Europeana mints.
pub const EUROPEANA: &str = "http://data.europeana.eu/";
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
    ("skos", skos::NS),
    ("skosxl", skosxl::NS),
    ("soa", soa::NS),
    ("spdx", spdx::NS),
    ("void", void::NS),
    ("xsd", xsd::NS),
];

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
