//! What may stand in EDM's XML for aggregators, and in which order: the tables that Europeana's external schema comes to.

/// What an element may hold.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// Text, with a language or a datatype.
    Text,
    /// Text with a language, or a reference.
    Either,
    /// A reference, about which nothing more can be said.
    Reference,
    /// Text without any attribute, of this form.
    Bare(fn(&str) -> bool),
    /// Text of this datatype, which is always written, and of this form.
    Typed(&'static str, fn(&str) -> bool),
}

impl Content {
    /// Whether the element may say who made its statement, and how sure they were.
    pub fn takes_origin(self) -> bool {
        matches!(self, Self::Text | Self::Either)
    }
}

/// One kind of element of a class.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    /// Its prefixed name.
    pub name: &'static str,
    /// What it holds.
    pub content: Content,
    /// How many there may be.
    pub most: usize,
    /// Whether there must be one.
    pub needed: bool,
}

/// A class of things, with its elements in the order of the schema.
#[derive(Debug)]
pub struct Class {
    /// Its prefixed name.
    pub name: &'static str,
    /// Its elements.
    pub elements: &'static [Element],
    /// Whether a thing that lacks what it needs is better not written at all.
    pub dispensable: bool,
}

/// The class of this prefixed name, if EDM's XML has one.
pub fn named(name: &str) -> Option<&'static Class> {
    [&CHO, &AGGREGATION, &PROXY].into_iter().chain(BESIDE).find(|c| c.name == name)
}

impl Class {
    /// Where an element stands in the order of the class; those with the same place may stand in any order among themselves.
    ///
    /// What Dublin Core says of a CHO is one group of the schema, and so are all the elements of a concept.
    pub fn place(&self, name: &str) -> Option<usize> {
        let place = self.elements.iter().position(|e| e.name == name)?;
        let describes = |name: &str| name.starts_with("dc:") || name.starts_with("dcterms:");
        let free = self.name == CONCEPT.name || ([CHO.name, PROXY.name].contains(&self.name) && describes(name));
        Some(if free { 0 } else { place + 1 })
    }

    /// Whether it has elements of this name.
    pub fn has(&self, name: &str) -> bool {
        self.elements.iter().any(|e| e.name == name)
    }
}

/// The classes of things that stand beside the CHO and its aggregation, in the order in which we write them.
pub static BESIDE: [&Class; 7] = [&WEB_RESOURCE, &AGENT, &PLACE, &TIME_SPAN, &CONCEPT, &LICENSE, &SERVICE];

impl Element {
    const fn new(name: &'static str, content: Content) -> Self {
        Self { name, content, most: usize::MAX, needed: false }
    }

    const fn at_most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    const fn needed(mut self) -> Self {
        self.needed = true;
        self
    }
}

const fn text(name: &'static str) -> Element {
    Element::new(name, Content::Text)
}

const fn either(name: &'static str) -> Element {
    Element::new(name, Content::Either)
}

const fn reference(name: &'static str) -> Element {
    Element::new(name, Content::Reference)
}

const fn bare(name: &'static str, is: fn(&str) -> bool) -> Element {
    Element::new(name, Content::Bare(is))
}

const fn typed(name: &'static str, datatype: &'static str, is: fn(&str) -> bool) -> Element {
    Element::new(name, Content::Typed(datatype, is))
}

fn is_anything(_: &str) -> bool {
    true
}

fn is_edm_type(text: &str) -> bool {
    matches!(text, "TEXT" | "VIDEO" | "IMAGE" | "SOUND" | "3D")
}

fn is_true(text: &str) -> bool {
    text == "true"
}

fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "false")
}

fn is_integer(text: &str) -> bool {
    text.parse::<i64>().is_ok()
}

fn is_count(text: &str) -> bool {
    text.parse::<u64>().is_ok()
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok()
}

fn is_color(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_orientation(text: &str) -> bool {
    matches!(text, "landscape" | "portrait")
}

fn is_color_space(text: &str) -> bool {
    COLOR_SPACES.contains(&text)
}

const COLOR_SPACES: &[&str] = &[
    "CMY",
    "CMYK",
    "grayscale",
    "HCL",
    "HCLp",
    "HSB",
    "HSI",
    "HSL",
    "HSV",
    "HWB",
    "Lab",
    "LCHab",
    "LCHuv",
    "LMS",
    "Log",
    "Luv",
    "OHTA",
    "Rec601Luma",
    "Rec601YCbCr",
    "Rec709Luma",
    "Rec709YCbCr",
    "RGB",
    "scRGB",
    "sRGB",
    "XYZ",
    "xyY",
    "YCbCr",
    "YDbDr",
    "YCC",
    "YIQ",
    "YPbPr",
    "YUV",
    "other",
];

/// The CHO: what describes it in any order, then what it is related to, then the rest.
pub static CHO: Class = Class { name: "edm:ProvidedCHO", elements: CHO_ELEMENTS, dispensable: false };

const CHO_ELEMENTS: &[Element] = &[
    either("dc:contributor"),
    either("dc:coverage"),
    either("dc:creator"),
    either("dc:date"),
    either("dc:description"),
    either("dc:format"),
    text("dc:identifier"),
    text("dc:language"),
    either("dc:publisher"),
    either("dc:relation"),
    either("dc:rights"),
    either("dc:source"),
    either("dc:subject"),
    text("dc:title"),
    either("dc:type"),
    text("dcterms:alternative"),
    either("dcterms:conformsTo"),
    either("dcterms:created"),
    either("dcterms:extent"),
    either("dcterms:hasFormat"),
    either("dcterms:hasPart"),
    either("dcterms:hasVersion"),
    either("dcterms:isFormatOf"),
    either("dcterms:isPartOf"),
    either("dcterms:isReferencedBy"),
    either("dcterms:isReplacedBy"),
    either("dcterms:isRequiredBy"),
    either("dcterms:issued"),
    either("dcterms:isVersionOf"),
    either("dcterms:medium"),
    either("dcterms:provenance"),
    either("dcterms:references"),
    either("dcterms:replaces"),
    either("dcterms:requires"),
    either("dcterms:spatial"),
    either("dcterms:tableOfContents"),
    either("dcterms:temporal"),
    either("edm:currentLocation").at_most(1),
    reference("edm:hasMet"),
    either("edm:hasType"),
    reference("edm:incorporates"),
    reference("edm:isDerivativeOf"),
    reference("edm:isNextInSequence"),
    either("edm:isRelatedTo"),
    reference("edm:isRepresentationOf").at_most(1),
    reference("edm:isSimilarTo"),
    reference("edm:isSuccessorOf"),
    reference("edm:realizes"),
    text("edm:pid"),
    bare("edm:type", is_edm_type).at_most(1).needed(),
    reference("owl:sameAs"),
];

/// One party's view of the CHO: what describes it, as on the CHO, then what it is a proxy for.
pub static PROXY: Class = Class { name: "ore:Proxy", elements: &PROXY_ELEMENTS, dispensable: false };

/// Of the CHO's elements, the last three stand elsewhere in a proxy.
const DESCRIBING: usize = CHO_ELEMENTS.len() - 3;

const PROXY_ELEMENTS: [Element; DESCRIBING + 7] = {
    let mut all = [text("edm:pid"); DESCRIBING + 7];
    let mut place = 0;
    while place < DESCRIBING {
        all[place] = CHO_ELEMENTS[place];
        place += 1;
    }
    all[DESCRIBING + 1] = bare("edm:europeanaProxy", is_boolean).at_most(1);
    all[DESCRIBING + 2] = reference("ore:proxyFor").at_most(1).needed();
    all[DESCRIBING + 3] = reference("ore:proxyIn").needed();
    all[DESCRIBING + 4] = reference("ore:lineage");
    all[DESCRIBING + 5] = bare("edm:type", is_edm_type).at_most(1);
    all[DESCRIBING + 6] = reference("owl:sameAs");
    all
};

/// The CHO where its proxies describe it: nothing stands on itself.
pub static BARE_CHO: Class = Class { name: "edm:ProvidedCHO", elements: &[], dispensable: false };

/// A web resource.
pub static WEB_RESOURCE: Class = Class { name: "edm:WebResource", elements: WEB_RESOURCE_ELEMENTS, dispensable: false };

const WEB_RESOURCE_ELEMENTS: &[Element] = &[
    text("edm:pid"),
    either("dc:creator"),
    either("dc:description"),
    either("dc:format"),
    either("dc:rights"),
    either("dc:source"),
    either("dc:type"),
    text("dc:title"),
    text("dc:language"),
    either("dcterms:conformsTo"),
    either("dcterms:created"),
    either("dcterms:extent"),
    either("dcterms:hasPart"),
    either("dcterms:isFormatOf"),
    either("dcterms:isPartOf"),
    either("dcterms:issued"),
    either("dcterms:temporal"),
    reference("edm:isNextInSequence").at_most(1),
    reference("edm:rights").at_most(1),
    reference("owl:sameAs"),
    reference("rdf:type").at_most(1),
    bare("edm:codecName", is_anything).at_most(1),
    bare("ebucore:hasMimeType", is_anything).at_most(1),
    typed("ebucore:fileByteSize", "xsd:long", is_integer).at_most(1),
    bare("ebucore:duration", is_anything).at_most(1),
    typed("ebucore:width", "xsd:integer", is_integer).at_most(1),
    typed("ebucore:height", "xsd:integer", is_integer).at_most(1),
    typed("edm:spatialResolution", "xsd:nonNegativeInteger", is_count).at_most(1),
    typed("ebucore:sampleSize", "xsd:integer", is_integer).at_most(1),
    typed("ebucore:sampleRate", "xsd:integer", is_integer).at_most(1),
    typed("ebucore:bitRate", "xsd:nonNegativeInteger", is_count).at_most(1),
    typed("ebucore:frameRate", "xsd:double", is_number).at_most(1),
    bare("edm:hasColorSpace", is_color_space).at_most(1),
    typed("edm:componentColor", "xsd:hexBinary", is_color).at_most(6),
    bare("edm:pointCount", is_count).at_most(1),
    bare("edm:polygonCount", is_count).at_most(1),
    bare("edm:vertexCount", is_count).at_most(1),
    reference("rdfs:seeAlso"),
    typed("ebucore:orientation", "xsd:string", is_orientation).at_most(1),
    typed("ebucore:audioChannelNumber", "xsd:nonNegativeInteger", is_count).at_most(1),
    either("dcterms:isReferencedBy"),
    reference("edm:preview").at_most(1),
    reference("svcs:has_service"),
    bare("edm:type", is_edm_type).at_most(1),
    reference("schema:digitalSourceType").at_most(1),
    reference("edm:intendedUsage"),
];

/// An agent.
pub static AGENT: Class = Class { name: "edm:Agent", elements: AGENT_ELEMENTS, dispensable: false };

const AGENT_ELEMENTS: &[Element] = &[
    text("skos:prefLabel"),
    text("skos:altLabel"),
    text("skos:note"),
    either("dc:date"),
    text("dc:identifier"),
    either("dcterms:hasPart"),
    either("dcterms:isPartOf"),
    text("edm:begin").at_most(1),
    text("edm:end").at_most(1),
    reference("edm:hasMet"),
    either("edm:isRelatedTo"),
    text("foaf:name"),
    either("rdaGr2:biographicalInformation"),
    text("rdaGr2:dateOfBirth").at_most(1),
    text("rdaGr2:dateOfDeath").at_most(1),
    text("rdaGr2:dateOfEstablishment").at_most(1),
    text("rdaGr2:dateOfTermination").at_most(1),
    text("rdaGr2:gender").at_most(1),
    either("rdaGr2:placeOfBirth"),
    either("rdaGr2:placeOfDeath"),
    either("rdaGr2:professionOrOccupation"),
    reference("owl:sameAs"),
];

/// A place.
pub static PLACE: Class = Class { name: "edm:Place", elements: PLACE_ELEMENTS, dispensable: false };

const PLACE_ELEMENTS: &[Element] = &[
    bare("wgs84_pos:lat", is_number).at_most(1),
    bare("wgs84_pos:long", is_number).at_most(1),
    bare("wgs84_pos:alt", is_number).at_most(1),
    text("skos:prefLabel"),
    text("skos:altLabel"),
    text("skos:note"),
    either("dcterms:hasPart"),
    either("dcterms:isPartOf"),
    reference("edm:isNextInSequence").at_most(1),
    reference("owl:sameAs"),
];

/// A time span.
pub static TIME_SPAN: Class = Class { name: "edm:TimeSpan", elements: TIME_SPAN_ELEMENTS, dispensable: false };

const TIME_SPAN_ELEMENTS: &[Element] = &[
    text("skos:prefLabel"),
    text("skos:altLabel"),
    text("skos:note"),
    either("dcterms:hasPart"),
    either("dcterms:isPartOf"),
    text("edm:begin").at_most(1),
    text("edm:end").at_most(1),
    reference("edm:isNextInSequence").at_most(1),
    reference("owl:sameAs"),
    text("skos:hiddenLabel"),
    text("skos:notation").at_most(1),
];

/// A concept, whose elements may come in any order.
pub static CONCEPT: Class = Class { name: "skos:Concept", elements: CONCEPT_ELEMENTS, dispensable: false };

const CONCEPT_ELEMENTS: &[Element] = &[
    text("skos:prefLabel"),
    text("skos:altLabel"),
    reference("skos:broader"),
    reference("skos:narrower"),
    reference("skos:related"),
    reference("skos:broadMatch"),
    reference("skos:narrowMatch"),
    reference("skos:relatedMatch"),
    reference("skos:exactMatch"),
    reference("skos:closeMatch"),
    text("skos:note"),
    text("skos:notation"),
    reference("skos:inScheme"),
];

/// The aggregation.
pub static AGGREGATION: Class = Class { name: "ore:Aggregation", elements: AGGREGATION_ELEMENTS, dispensable: false };

const AGGREGATION_ELEMENTS: &[Element] = &[
    reference("edm:aggregatedCHO").at_most(1).needed(),
    either("edm:dataProvider").at_most(1),
    reference("edm:hasView"),
    reference("edm:isShownAt").at_most(1),
    reference("edm:isShownBy").at_most(1),
    reference("edm:object").at_most(1),
    either("edm:provider").at_most(1).needed(),
    either("dc:rights"),
    reference("edm:rights").at_most(1).needed(),
    bare("edm:ugc", is_true).at_most(1),
    either("edm:intermediateProvider"),
    either("dcterms:created").at_most(1),
    either("dcterms:modified").at_most(1),
];

/// A licence that ends one day.
pub static LICENSE: Class = Class { name: "cc:License", elements: LICENSE_ELEMENTS, dispensable: true };

const LICENSE_ELEMENTS: &[Element] =
    &[reference("odrl:inheritFrom").at_most(1).needed(), typed("cc:deprecatedOn", "xsd:date", is_date).at_most(1)];

/// A service, such as IIIF, that a web resource has.
pub static SERVICE: Class = Class { name: "svcs:Service", elements: SERVICE_ELEMENTS, dispensable: true };

const SERVICE_ELEMENTS: &[Element] = &[either("dcterms:conformsTo").needed(), reference("doap:implements")];
