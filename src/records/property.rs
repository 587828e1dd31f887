//! One statement in RDF/XML, held back until its end is seen, so that it can be written in a form that every parser takes.

use super::{
    Note, NoteKind,
    attributes::{Kept, Reference, StartTag},
    record::Failure,
};

/// Cleaned XML, and for each of its lines the line of the document it came from.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) xml: String,
    pub(super) lines: Vec<u64>,
}

impl Output {
    pub(super) fn push(&mut self, text: &str, line: u64) {
        self.lines.extend(text.bytes().filter(|b| *b == b'\n').map(|_| line));
        self.xml.push_str(text);
    }

    pub(super) fn push_text(&mut self, text: &str, line: u64) {
        for c in text.chars() {
            match c {
                '&' => self.xml.push_str("&amp;"),
                '<' => self.xml.push_str("&lt;"),
                '>' => self.xml.push_str("&gt;"),
                '\r' => self.xml.push_str("&#13;"),
                _ => {
                    if c == '\n' {
                        self.lines.push(line);
                    }
                    self.xml.push(c);
                }
            }
        }
    }

    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        self.xml.push(' ');
        self.xml.push_str(name);
        self.xml.push_str("=\"");
        for c in value.chars() {
            match c {
                '&' => self.xml.push_str("&amp;"),
                '<' => self.xml.push_str("&lt;"),
                '"' => self.xml.push_str("&quot;"),
                '\n' => self.xml.push_str("&#10;"),
                '\r' => self.xml.push_str("&#13;"),
                '\t' => self.xml.push_str("&#9;"),
                _ => self.xml.push(c),
            }
        }
        self.xml.push('"');
    }

    /// `<name` with the namespaces and the base that the element declares.
    pub(super) fn open(&mut self, tag: &StartTag) {
        self.xml.push('<');
        self.xml.push_str(&tag.name);
        for Kept { name, value } in &tag.namespaces {
            self.attribute(name, value);
        }
        if let Some(base) = &tag.base {
            self.attribute("xml:base", base);
        }
    }

    pub(super) fn close(&mut self, name: &str, line: u64) {
        self.xml.push_str("</");
        self.xml.push_str(name);
        self.push(">\n", line);
    }
}

/// How a property element will go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Text, a resource, or one node: seen when it comes.
    Open,
    /// `rdf:parseType="Resource"`: statements about a thing without a name.
    Statements,
    /// `rdf:parseType="Collection"` or `"Triple"`: nodes.
    Nodes,
    /// `rdf:parseType="Literal"`: XML, kept as it is.
    Literal,
}

/// A property element whose end has not been seen yet.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) tag: StartTag,
    /// The language that holds for its text.
    pub(super) language: Option<String>,
    /// Names the statement, where Europeana's attributes say something about it.
    pub(super) mark: Option<String>,
    pub(super) text: String,
    /// Whether its start tag has been written already.
    pub(super) written: bool,
}

impl Property {
    pub(super) fn content(&self) -> Content {
        match self.tag.parse_type.as_deref() {
            None => Content::Open,
            Some("Resource") => Content::Statements,
            Some("Collection" | "Triple") => Content::Nodes,
            // RDF/XML 7.2.33: every other value is read as `Literal`.
            Some(_) => Content::Literal,
        }
    }

    fn rdf(&self, out: &mut Output, local: &str, value: &str) {
        out.attribute(&format!("{}:{local}", self.tag.rdf_prefix), value);
    }

    /// The attributes that name the statement itself.
    fn statement_attributes(&self, out: &mut Output) {
        for Kept { name, value } in &self.tag.others {
            self.rdf(out, name, value);
        }
        if let Some(mark) = self.mark.as_deref().filter(|_| !self.tag.others.iter().any(|o| o.name == "annotationNodeID")) {
            self.rdf(out, "annotationNodeID", mark);
        }
    }

    /// Writes the start tag alone: a node, statements or XML will follow.
    pub(super) fn write_start(&mut self, out: &mut Output) -> Result<(), Failure> {
        let name = &self.tag.name;
        if !self.text.trim().is_empty() {
            return Err(Failure::new(self.tag.line, format!("`{name}` mixes text and elements; text that holds markup must be escaped")));
        }
        if self.tag.resource.is_some() || self.tag.node_id.is_some() {
            return Err(Failure::new(
                self.tag.line,
                format!("`{name}` names a resource and holds an element too; it can say only one of them"),
            ));
        }
        out.open(&self.tag);
        self.statement_attributes(out);
        if let Some(parse_type) = &self.tag.parse_type {
            self.rdf(out, "parseType", parse_type);
        }
        // Inside XML every line break counts.
        out.push(if self.content() == Content::Literal { ">" } else { ">\n" }, self.tag.line);
        self.written = true;
        Ok(())
    }

    /// Writes the whole element: it held text or nothing.
    pub(super) fn write_whole(mut self, out: &mut Output) -> Vec<Note> {
        let mut notes = Vec::new();
        let has_text = !self.text.trim().is_empty();
        let line = self.tag.line;
        let name = self.tag.name.clone();
        match self.tag.resource.take() {
            Some(Reference::Iri { iri, .. }) => {
                self.write_resource(out, "resource", &iri);
                if has_text {
                    notes.push(Note::new(
                        line,
                        NoteKind::Mended,
                        format!("`{name}` has both rdf:resource and text; they were read as two statements"),
                    ));
                    self.write_text(out, &mut notes);
                }
            }
            Some(Reference::Broken { value, reason }) => {
                let text = format!("rdf:resource of `{name}` is `{value}`, which is not an IRI ({reason}); it was kept as text");
                notes.push(Note::new(line, NoteKind::Mended, text));
                if has_text {
                    self.write_text(out, &mut notes);
                }
                self.text = value;
                self.language = None;
                self.write_text(out, &mut notes);
            }
            Some(Reference::Empty) => {
                notes.push(Note::new(
                    line,
                    NoteKind::LeftOut,
                    format!("rdf:resource of `{name}` is empty; the statement says nothing and was left out"),
                ));
                if has_text {
                    self.write_text(out, &mut notes);
                }
            }
            None => self.write_without_resource(out, has_text, &mut notes),
        }
        notes
    }

    fn write_without_resource(&mut self, out: &mut Output, has_text: bool, notes: &mut Vec<Note>) {
        if let Some(node) = self.tag.node_id.take() {
            self.write_resource(out, "nodeID", &node);
            if has_text {
                let text = format!("`{}` has both rdf:nodeID and text; they were read as two statements", self.tag.name);
                notes.push(Note::new(self.tag.line, NoteKind::Mended, text));
                self.write_text(out, notes);
            }
        } else if !has_text && !self.tag.properties.is_empty() {
            self.write_empty_node(out);
        } else {
            self.write_text(out, notes);
        }
    }

    /// A statement whose object is named by an attribute.
    fn write_resource(&self, out: &mut Output, attribute: &str, value: &str) {
        out.open(&self.tag);
        self.statement_attributes(out);
        self.rdf(out, attribute, value);
        self.property_attributes(out);
    }

    /// RDF/XML's short form: attributes of the property element are statements about a thing without a name.
    fn write_empty_node(&self, out: &mut Output) {
        out.open(&self.tag);
        self.statement_attributes(out);
        self.property_attributes(out);
    }

    fn property_attributes(&self, out: &mut Output) {
        for Kept { name, value } in &self.tag.properties {
            out.attribute(name, value);
        }
        if let Some(language) = self.language.as_deref().filter(|_| !self.tag.properties.is_empty()) {
            out.attribute("xml:lang", language);
        }
        out.push("/>\n", self.tag.line);
    }

    fn write_text(&self, out: &mut Output, notes: &mut Vec<Note>) {
        let (name, line) = (&self.tag.name, self.tag.line);
        if self.text.trim().is_empty() {
            notes.push(Note::new(line, NoteKind::Untidy, format!("`{name}` is empty")));
        }
        for Kept { name: attribute, value } in &self.tag.properties {
            let text = format!("the attribute {attribute}=\"{value}\" of `{name}` cannot stand beside text; it was left out");
            notes.push(Note::new(line, NoteKind::LeftOut, text));
        }
        out.open(&self.tag);
        self.statement_attributes(out);
        match &self.tag.datatype {
            Some(Reference::Iri { iri, .. }) => self.rdf(out, "datatype", iri),
            Some(_) => notes.push(Note::new(line, NoteKind::LeftOut, format!("rdf:datatype of `{name}` is not an IRI; it was left out"))),
            None => {}
        }
        if let Some(language) = &self.language {
            out.attribute("xml:lang", language);
        }
        out.push(">", line);
        out.push_text(&self.text, line);
        out.close(name, line);
    }
}
