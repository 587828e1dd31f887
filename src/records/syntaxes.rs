//! JSON-LD, Turtle, N-Triples, `TriG` and N-Quads: parsed strictly, since they are written by programs; nothing is fetched for them.

use oxigraph::{
    io::{JsonLdProfile, LoadedDocument, RdfFormat, RdfParser, RdfSyntaxError},
    model::{GraphName, NamedOrBlankNode, Quad, Term, Triple},
};

use super::{
    Note, NoteKind, ReadSettings,
    clean::Marked,
    encoding::utf8,
    europeana_json,
    graph::{Graph, STAND_IN},
    iiif_manifest,
    record::Failure,
};

/// Where Europeana keeps its JSON-LD context; read from our own table of EDM's terms.
const EUROPEANA_CONTEXT: &str = "www.europeana.eu/schemas/context/edm.jsonld";
const EDM_TERMS: &str = include_str!("edm.context.jsonld");

/// Parses a document in any syntax but RDF/XML.
pub(super) fn parse(bytes: &[u8], format: RdfFormat, settings: &ReadSettings) -> Result<Graph, Failure> {
    let text = utf8(bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = RdfParser::from_format(format);
    if matches!(format, RdfFormat::JsonLd { .. }) {
        check_depth(text, settings.max_depth)?;
        if let Some(object) = europeana_json::object_of(text) {
            return Ok(europeana_json::graph(&object));
        }
        if let Some(manifest) = iiif_manifest::manifest_of(text) {
            return Ok(iiif_manifest::graph(&manifest));
        }
        // Without a base JSON-LD drops relative references without a word.
        parser = parser.with_base_iri(STAND_IN).map_err(|e| Failure::new(None, e.to_string()))?;
    }
    let mut graph = Graph::default();
    let mut named = Vec::new();
    for quad in parser.for_slice(text.as_bytes()).with_document_loader(load_context) {
        let quad = quad.map_err(|e| failure(&e, format))?;
        if quad.graph_name != GraphName::DefaultGraph && !named.contains(&quad.graph_name) && named.len() < 3 {
            named.push(quad.graph_name.clone());
        }
        graph.triples.push(triple(quad));
    }
    note_graphs(&mut graph, &named);
    note_relative(&mut graph);
    Ok(graph)
}

fn triple(quad: Quad) -> Triple {
    Triple::new(quad.subject, quad.predicate, quad.object)
}

fn failure(error: &RdfSyntaxError, format: RdfFormat) -> Failure {
    let line = error.location().map(|l| l.start.line + 1);
    Failure::new(line, format!("this is not {}: {error}", format.name()))
}

/// Gives our own table for Europeana's context and refuses every other: nothing is fetched while a document is read.
fn load_context(url: &str) -> Result<LoadedDocument, Box<dyn std::error::Error + Send + Sync>> {
    let known = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) == Some(EUROPEANA_CONTEXT);
    if !known {
        return Err(
            format!("the JSON-LD context {url} is not known here and contexts are not fetched; put the context into the document").into()
        );
    }
    let format = RdfFormat::JsonLd { profile: JsonLdProfile::Context.into() };
    Ok(LoadedDocument { url: url.to_owned(), content: EDM_TERMS.as_bytes().to_vec(), format })
}

/// The depth of JSON's brackets, counted before a parser meets them.
fn check_depth(text: &str, most: usize) -> Result<(), Failure> {
    let (mut depth, mut line, mut in_string, mut escaped) = (0_usize, 1_u64, false, false);
    for byte in text.bytes() {
        match byte {
            b'\n' => line += 1,
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > most {
                    return Err(Failure::new(line, format!("brackets are nested more than {most} deep")));
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

fn note(graph: &mut Graph, kind: NoteKind, text: String) {
    graph.notes.push(Marked { subject: None, note: Note::new(None, kind, text) });
}

fn note_graphs(graph: &mut Graph, named: &[GraphName]) {
    if let Some(first) = named.first() {
        note(graph, NoteKind::LeftOut, format!("statements stand in named graphs like {first}; the names of the graphs were left out"));
    }
}

fn note_relative(graph: &mut Graph) {
    let relative = graph.triples.iter().find_map(|t| {
        let subject = match &t.subject {
            NamedOrBlankNode::NamedNode(n) => n.as_str().strip_prefix(STAND_IN),
            NamedOrBlankNode::BlankNode(_) => None,
        };
        let object = match &t.object {
            Term::NamedNode(n) => n.as_str().strip_prefix(STAND_IN),
            _ => None,
        };
        subject.or(object).map(str::to_owned)
    });
    if let Some(first) = relative {
        note(graph, NoteKind::Relative, format!("`{first}` is a relative reference; it was put under our own base"));
    }
}
