//! A source of pages with everything in it, made up.

use bytes::Bytes;
use glossator::{
    rdf::RecordKey,
    serve::{
        PictureBytes, RecordsAsked, Source, SourceError, Visitor,
        pages::{
            AnnotationView, Certainty, ConceptLink, ConceptView, Figure, Hit, Level, Link, LookView, Notice, Path, PredictionView,
            PropertyRow, Reasons, RecordCard, RecordView, RecordsView, SearchView, Section, StartView, StatementView, Text, TreeNode,
            TreeView, Trunk, Value, VerdictView,
        },
    },
};

/// Answers the same to everybody.
#[derive(Debug)]
pub(crate) struct Sample {
    picture: Bytes,
}

impl Sample {
    pub(crate) fn new() -> Self {
        let picture = image::RgbImage::from_fn(480, 360, |x, y| {
            let (dx, dy) = (f64::from(x) - 200.0, (f64::from(y) - 180.0) * 1.3);
            let body = dx.hypot(dy) < 120.0;
            let neck = y.abs_diff(180) < 12 && x > 200 && x < 440;
            let hole = dx.hypot(dy) < 34.0;
            if hole {
                image::Rgb([60, 40, 30])
            } else if body {
                image::Rgb([196, 142, 84])
            } else if neck {
                image::Rgb([120, 78, 46])
            } else {
                image::Rgb([232, 226, 214])
            }
        });
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
        Self { picture: bytes.into_inner().into() }
    }
}

fn text(text: &str, language: &str) -> Text {
    Text { text: text.to_owned(), language: language.to_owned() }
}

fn link(text: &str, href: &str) -> Link {
    Link { text: text.to_owned(), href: href.to_owned() }
}

fn concept(number: u32, label: &str) -> ConceptLink {
    ConceptLink { iri: format!("http://vocab.getty.edu/aat/{number}"), label: text(label, "en") }
}

fn path() -> Path {
    Path {
        steps: vec![
            concept(300_264_092, "Objects Facet"),
            concept(300_041_619, "Furnishings and Equipment"),
            concept(300_041_620, "musical instruments"),
            concept(300_042_168, "lutes"),
        ],
    }
}

fn cards(count: usize) -> Vec<RecordCard> {
    let titles = [
        "Luta, gitarrmodell",
        "Violoncello piccolo",
        "Querflöte aus Buchsbaum mit Elfenbeinringen",
        "Hurdy-gurdy",
        "Ein Paar Kastagnetten",
        "Nyckelharpa",
    ];
    (0..count)
        .map(|n| RecordCard {
            key: format!("0123456789abcdef0123456789abcd{n:02x}"),
            title: text(titles[n % titles.len()], ["sv", "it", "de", "en"][n % 4]),
            provider: "Scenkonstmuseet / Swedish Museum of Performing Arts".to_owned(),
            has_picture: n != 4,
            concepts: vec![concept(300_042_168, "lutes"), concept(300_011_914, "wood (plant material)")],
            annotations: 2 + n as u32 % 3,
            published: n % 3 == 0,
        })
        .collect()
}

fn reasons() -> Reasons {
    Reasons {
        words: String::new(),
        model_label: "lute".to_owned(),
        mapping: "exact".to_owned(),
        mapping_set: link("demo labels to AAT", "https://enrich.example/graph/mapping/demo/1"),
        tagger: link("demo tagger", "https://enrich.example/agent/demo/0.1.0"),
        tagger_version: "0.1.0".to_owned(),
        tagger_status: "demo".to_owned(),
        calibrated_on: String::new(),
        model: link("sha256-9b74", "/model/sha256-9b74"),
        run: link("run 8f2c", "https://enrich.example/run/8f2c"),
        date: "21 November 2026, 08:12 UTC".to_owned(),
        picture_checksum: link("9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de", ""),
        decoder: "image 0.25.10, JPEG".to_owned(),
        execution_provider: "CPU".to_owned(),
        vocabulary: link("AAT, July 2026", "https://enrich.example/graph/vocab/aat/2026-07"),
    }
}

fn annotations() -> Vec<AnnotationView> {
    let one = AnnotationView {
        page: link("https://enrich.example/annotation/6f1c9a/77ab02", "/annotation/6f1c9a/77ab02"),
        concept: concept(300_042_168, "lutes"),
        property: link("dc:type", "http://purl.org/dc/elements/1.1/type"),
        certainty: Certainty::Confidence(0.87),
        paths: vec![path()],
        reasons: reasons(),
        region: None,
        verdicts: vec![VerdictView {
            who: link("Ada Rosén", "https://orcid.org/0000-0002-1825-0097"),
            decision: "accepted".to_owned(),
            when: "21 November 2026".to_owned(),
            correction: None,
        }],
        published: true,
        standing: "accepted".to_owned(),
    };
    let two = AnnotationView {
        concept: concept(300_011_914, "wood (plant material)"),
        property: link("dcterms:medium", "http://purl.org/dc/terms/medium"),
        certainty: Certainty::Score { value: 0.83, kind: "softmax".to_owned() },
        verdicts: vec![],
        published: false,
        standing: String::new(),
        ..one.clone()
    };
    let three = AnnotationView {
        concept: concept(300_041_622, "aerophones"),
        certainty: Certainty::Score { value: 0.31, kind: "softmax".to_owned() },
        verdicts: vec![VerdictView {
            who: link("Ada Rosén", ""),
            decision: "corrected".to_owned(),
            when: "21 November 2026".to_owned(),
            correction: Some(concept(300_042_168, "lutes")),
        }],
        standing: "rejected".to_owned(),
        ..two.clone()
    };
    vec![one, two, three]
}

fn row(name: &str, values: &[(&str, &str, &str)]) -> PropertyRow {
    let value = |(t, l, href): &(&str, &str, &str)| Value { text: text(t, l), href: (*href).to_owned(), datatype: String::new() };
    PropertyRow { property: link(name, "http://purl.org/dc/elements/1.1/"), values: values.iter().map(value).collect() }
}

impl Source for Sample {
    fn notice(&self) -> Option<Notice> {
        Some(Notice {
            heading: "A demonstration".to_owned(),
            paragraphs: vec![
                "The records and their pictures were drawn by a program. The tagger learned from such drawings; its status is “demo”, and its scores are not calibrated.".to_owned(),
                "On 200 drawings that it had not seen, it named the right concept first in 9 of 10. On photographs of real objects it knows next to nothing.".to_owned(),
            ],
        })
    }

    fn start(&self, _visitor: &Visitor) -> Result<StartView, SourceError> {
        let figure = |count, of: &str, href: &str| Figure { count, of: of.to_owned(), href: href.to_owned() };
        Ok(StartView {
            figures: vec![
                figure(1240, "records", "/records"),
                figure(57_310, "concepts", "/search"),
                figure(4821, "annotations", ""),
                figure(912, "published", ""),
            ],
            records: cards(12),
            can_look: true,
            links: vec![link("SPARQL endpoint", "/sparql"), link("OAI-PMH", "/oai?verb=Identify")],
        })
    }

    fn records(&self, _visitor: &Visitor, asked: &RecordsAsked) -> Result<RecordsView, SourceError> {
        let next = asked.after.is_none().then(|| "/records?after=0123456789abcdef0123456789abcd17".to_owned());
        Ok(RecordsView {
            heading: "All records".to_owned(),
            concept: Some(concept(300_041_620, "musical instruments")),
            records: cards(24),
            total: Some(1240),
            next,
        })
    }

    fn record(&self, _visitor: &Visitor, key: &RecordKey) -> Result<RecordView, SourceError> {
        Ok(RecordView {
            tiers: vec!["Metadata tier A as it came: languages C, enabling elements C, contextual classes A".to_owned()],
            key: key.as_str().to_owned(),
            title: text("Luta, gitarrmodell", "sv"),
            cho: "http://data.europeana.eu/item/91608/obj_1".to_owned(),
            provider: "Scenkonstmuseet".to_owned(),
            shown_at: Some(link("at the museum", "http://museum.example/1")),
            has_picture: true,
            rights: Some(link("Public Domain Mark 1.0", "http://creativecommons.org/publicdomain/mark/1.0/")),
            source: vec![
                Section {
                    heading: "The object".to_owned(),
                    iri: "http://data.europeana.eu/item/91608/obj_1".to_owned(),
                    rows: vec![
                        row("dc:title", &[("Luta, gitarrmodell", "sv", ""), ("Lute, guitar model", "en", "")]),
                        row("dc:type", &[("instrument", "en", "")]),
                        row("dc:creator", &[("Jean-Baptiste Voboam", "", "http://data.europeana.eu/agent/12345")]),
                        row(
                            "dc:description",
                            &[(
                                "Rygg av tolv spantade stycken i ebenholts, intarsia i ben; lock i gran, rosett i tre lager pergament. Kort hals med tolv band.",
                                "sv",
                                "",
                            )],
                        ),
                    ],
                },
                Section {
                    heading: "The aggregation".to_owned(),
                    iri: "http://data.europeana.eu/aggregation/provider/91608/obj_1".to_owned(),
                    rows: vec![row("edm:isShownBy", &[("http://museum.example/img/1.jpg", "", "http://museum.example/img/1.jpg")])],
                },
            ],
            annotations: annotations(),
            looked_at: true,
            drawn_height: None,
            asides: Vec::new(),
            published: vec![row("dc:type", &[("lutes", "en", "/concept?iri=http%3A%2F%2Fvocab.getty.edu%2Faat%2F300042168")])],
            statements: vec![StatementView {
                property: link("dc:subject", ""),
                value: Value { text: text("music", "en"), ..Value::default() },
                generated_by: "SoftwareAgent".to_owned(),
                confidence: "0.87".to_owned(),
            }],
            notes: vec!["The IRI of one web resource held a space; it was written as %20.".to_owned()],
            graphs: vec![
                link("what the provider said", "https://enrich.example/graph/source/1"),
                link("what we say", "https://enrich.example/graph/enrichment/2"),
            ],
            query: "SELECT * WHERE {\n  GRAPH ?g { ?s ?p ?o }\n}\nLIMIT 10".to_owned(),
        })
    }

    fn picture(&self, _key: &RecordKey, _longest_side: u32) -> Result<PictureBytes, SourceError> {
        Ok(PictureBytes { media_type: "image/png".to_owned(), bytes: self.picture.clone(), checksum: "abc".to_owned() })
    }

    fn concept(&self, _visitor: &Visitor, iri: &str) -> Result<ConceptView, SourceError> {
        if !iri.starts_with("http://vocab.getty.edu/") {
            return Err(SourceError::NotFound(format!("no vocabulary here knows {iri}")));
        }
        Ok(ConceptView {
            iri: iri.to_owned(),
            label: text("musical instruments", "en"),
            kind: "concept".to_owned(),
            notes: vec![text("Devices or mechanisms that produce musical sounds, whether made or adapted for the purpose.", "en")],
            preferred: vec![
                text("musical instruments", "en"),
                text("Musikinstrumente", "de"),
                text("muziekinstrumenten", "nl"),
                text("樂器", "zh-hant"),
            ],
            others: vec![text("instruments, musical", "en"), text("instrumentos musicales", "es")],
            paths: vec![Path { steps: path().steps[..3].to_vec() }],
            narrower: vec![
                concept(300_041_622, "aerophones"),
                concept(300_042_136, "chordophones"),
                concept(300_041_714, "idiophones"),
                concept(300_041_883, "membranophones"),
            ],
            more_narrower: 3,
            alignments: vec![(
                "exact match of".to_owned(),
                ConceptLink { iri: "http://data.europeana.eu/concept/46".to_owned(), label: text("Musical instrument", "en") },
            )],
            records: cards(4),
            records_total: 412,
            release: link("Art & Architecture Thesaurus, July 2026", "https://enrich.example/graph/vocab/aat/2026-07"),
            licence: link("ODC-By 1.0", "https://opendatacommons.org/licenses/by/1-0/"),
        })
    }

    fn search(&self, _visitor: &Visitor, beginning: &str) -> Result<SearchView, SourceError> {
        let hit = |label: &str| Hit { concept: concept(300_042_168, "lutes"), found: text(label, "sv"), path: path() };
        let hits = if beginning.is_empty() { vec![] } else { vec![hit("lutor"), hit("luta")] };
        Ok(SearchView { beginning: beginning.to_owned(), hits, more: true })
    }

    fn tree(&self, _visitor: &Visitor, iri: Option<&str>) -> Result<TreeView, SourceError> {
        let node = |number, label: &str, is_guide| TreeNode { concept: concept(number, label), is_guide, leads_on: number != 300_042_168 };
        let level = |step: TreeNode, siblings: Vec<TreeNode>| Level { step, siblings, more: false };
        let Some(_) = iri else {
            let tops = vec![node(300_264_092, "Objects Facet", false)];
            return Ok(TreeView { trunks: vec![Trunk { name: "aat 2026-07".to_owned(), tops }], ..TreeView::default() });
        };
        Ok(TreeView {
            here: Some(concept(300_042_168, "lutes")),
            taggable: true,
            levels: vec![
                level(node(300_264_092, "Objects Facet", false), vec![]),
                level(node(300_041_620, "<chordophones by form>", true), vec![node(1, "<membranophones>", true)]),
                level(node(300_042_168, "lutes", false), vec![node(2, "harps", false), node(3, "zithers", false)]),
            ],
            children: vec![node(4, "theorbos", false)],
            ..TreeView::default()
        })
    }

    fn look(&self, _visitor: &Visitor, photograph: Bytes) -> Result<LookView, SourceError> {
        assert!(!photograph.is_empty());
        let prediction = PredictionView {
            concept: concept(300_042_168, "lutes"),
            certainty: Certainty::Score { value: 0.83, kind: "softmax".to_owned() },
            facet: "Objects".to_owned(),
            path: path(),
            model_label: "lute".to_owned(),
        };
        Ok(LookView {
            preview: "data:image/gif;base64,R0lGODlhAQABAAAAACw=".to_owned(),
            predictions: vec![prediction.clone(), prediction],
            tagger: "demo tagger 0.1.0".to_owned(),
            tagger_status: "demo".to_owned(),
            milliseconds: 41,
        })
    }
}
