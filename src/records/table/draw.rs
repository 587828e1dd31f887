//! One record drawn from its rows: the CHO, its aggregation and its web resources.

use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term, Triple};

use super::{As, Mapping, OddityKind, Of, Property, Unknown, Word, oddities::Oddities, rows::Row, terms::Counted};
use crate::rdf::{
    iri,
    ns::{self, edm, ore, rdf},
};

/// Draws records; what is odd in their rows is told.
pub(super) struct Drawer<'m> {
    pub(super) mapping: &'m Mapping,
    pub(super) oddities: Oddities,
    /// Values of open lists: by property, and as they stand there.
    pub(super) counted: Counted,
}

impl Drawer<'_> {
    /// The IRI of a row's CHO.
    pub(super) fn cho(&self, row: &Row) -> Result<NamedNode, String> {
        let template = self.mapping.cho.trim();
        let whole = template.starts_with('{') && template.ends_with('}') && template.matches('{').count() == 1;
        let mut text = String::new();
        for (number, part) in template.split('{').enumerate() {
            let (column, rest) = if number == 0 { (None, part) } else { part.split_once('}').map_or((None, part), |(c, r)| (Some(c), r)) };
            if let Some(column) = column {
                let value = row.values(column).into_iter().next().map(|v| v.trim().to_owned());
                let value = value.ok_or_else(|| format!("there is nothing in `{column}`, from which the CHO's IRI is made"))?;
                text.push_str(&if whole { value } else { iri::encode_segment(&value) });
            }
            text.push_str(rest);
        }
        let text = self.rewritten(&text);
        NamedNode::new(iri::mend(&text).unwrap_or_else(|| text.clone()))
            .map_err(|e| format!("`{text}`, which should name the CHO, is no IRI: {e}"))
    }

    fn rewritten(&self, text: &str) -> String {
        let found = self.mapping.rewrite.iter().find_map(|r| text.strip_prefix(&r.from).map(|rest| format!("{}{rest}", r.to)));
        found.unwrap_or_else(|| text.to_owned())
    }

    /// What the rows of one CHO say together, each statement once.
    pub(super) fn draw(&mut self, cho: &NamedNode, rows: &[Row]) -> Vec<Triple> {
        let aggregation = NamedNode::new_unchecked(format!("{}#aggregation", cho.as_str().split('#').next().unwrap_or_default()));
        let mut triples = vec![
            Triple::new(cho.clone(), rdf::TYPE, edm::PROVIDED_CHO),
            Triple::new(aggregation.clone(), rdf::TYPE, ore::AGGREGATION),
            Triple::new(aggregation.clone(), edm::AGGREGATED_CHO, cho.clone()),
        ];
        let mapping = self.mapping;
        for (number, property) in mapping.properties.iter().enumerate() {
            let Some(predicate) = ns::expand(&property.name) else { continue };
            for value in self.values(number, property, rows) {
                let mut say = |subject: &NamedNode| {
                    let triple = Triple::new(subject.clone(), predicate.clone(), value.clone());
                    if !triples.contains(&triple) {
                        triples.push(triple);
                    }
                };
                match property.of {
                    Of::Cho => say(cho),
                    Of::Aggregation => say(&aggregation),
                    // Those are known when everything else is.
                    Of::WebResource => {}
                }
            }
        }
        self.web_resources(&mut triples, rows);
        triples
    }

    fn web_resources(&mut self, triples: &mut Vec<Triple>, rows: &[Row]) {
        let is_view = |p: NamedNodeRef<'_>| p == edm::IS_SHOWN_BY || p == edm::HAS_VIEW;
        let resources: Vec<NamedNode> = triples
            .iter()
            .filter(|t| is_view(t.predicate.as_ref()))
            .filter_map(|t| if let Term::NamedNode(n) = &t.object { Some(n.clone()) } else { None })
            .collect();
        let mapping = self.mapping;
        for resource in resources {
            triples.push(Triple::new(resource.clone(), rdf::TYPE, edm::WEB_RESOURCE));
            for (number, property) in mapping.properties.iter().enumerate().filter(|(_, p)| p.of == Of::WebResource) {
                let Some(predicate) = ns::expand(&property.name) else { continue };
                for value in self.values(number, property, rows) {
                    triples.push(Triple::new(resource.clone(), predicate.clone(), value));
                }
            }
        }
    }

    fn values(&mut self, number: usize, property: &Property, rows: &[Row]) -> Vec<Term> {
        if let Some(value) = &property.value {
            return self.term(number, property, value, 0).into_iter().collect();
        }
        let Some(column) = &property.column else { return Vec::new() };
        let mut all = Vec::new();
        for row in rows {
            for cell in row.values(column) {
                if property.split.is_some() && cell.trim() != cell {
                    self.oddities.add(OddityKind::Blanks, column, &cell, row.line, || format!("read as `{}`", cell.trim()));
                }
                for raw in pieces(&cell, property.split.as_deref()) {
                    let term = self.term(number, property, raw, row.line);
                    all.extend(term.filter(|t| !all.contains(t)));
                }
            }
        }
        all
    }

    fn term(&mut self, number: usize, property: &Property, raw: &str, line: u64) -> Option<Term> {
        let column = property.column.as_deref().unwrap_or(&property.name);
        let value = raw.split_whitespace().collect::<Vec<_>>().join(" ");
        if value.is_empty() {
            return None;
        }
        if value != raw && line > 0 && property.split.is_none() {
            self.oddities.add(OddityKind::Blanks, column, raw, line, || format!("read as `{value}`"));
        }
        if property.kind == As::Iri {
            let text = self.rewritten(&value);
            let iri = oxiri::Iri::parse(iri::mend(&text).unwrap_or(text)).ok();
            if iri.is_none() {
                self.oddities.add(OddityKind::NoIri, column, &value, line, || "left out, since it is no IRI".to_owned());
            }
            return iri.map(|iri| NamedNode::from(iri).into());
        }
        let (last, path) = match property.levels.as_deref() {
            Some(between) => {
                let levels: Vec<&str> = value.split(between.trim()).map(str::trim).filter(|l| !l.is_empty()).collect();
                (levels.last()?.to_string(), levels.join(" | "))
            }
            None => (value.clone(), value),
        };
        self.looked_up(number, property, column, &last, &path, line)
    }

    /// The concept of a value, its text, or nothing, by the list in which it is looked up.
    fn looked_up(&mut self, number: usize, property: &Property, column: &str, last: &str, path: &str, line: u64) -> Option<Term> {
        let Some(terms) = property.terms.as_ref().and_then(|name| self.mapping.terms.get(name)) else { return Some(text(property, last)) };
        if let Some(concept) = terms.concept_of(path) {
            return Some(NamedNode::new(concept).map_or_else(|_| text(property, last), Term::from));
        }
        if terms.is_open() || property.levels.is_some() {
            let entry = self.counted.entry((number, path.to_owned())).or_insert((0, line));
            *entry = (entry.0 + 1, entry.1.min(line));
            return Some(text(property, last));
        }
        let known = |word: &str, concept: Option<String>| {
            concept.and_then(|c| NamedNode::new(c).ok()).map_or_else(|| text(property, word), Term::from)
        };
        match terms.look_up(last) {
            Word::Known(word, concept) => Some(known(&word, concept)),
            Word::Respelled(word, concept) => {
                self.oddities.add(OddityKind::Spelling, column, last, line, || format!("read as `{word}`"));
                Some(known(&word, concept))
            }
            Word::Unknown(meant) => {
                let keep = terms.unknown == Unknown::Text;
                self.oddities.add(OddityKind::Unknown, column, last, line, || {
                    let perhaps = meant.map(|m| format!(" (is `{m}` meant?)")).unwrap_or_default();
                    let made = if keep { "kept as text" } else { "left out" };
                    format!("not in the list, {made}{perhaps}")
                });
                keep.then(|| text(property, last))
            }
        }
    }
}

fn pieces<'c>(cell: &'c str, split: Option<&str>) -> Vec<&'c str> {
    match split {
        // Blanks separate by any number of them.
        Some(between) if between.trim().is_empty() => cell.split_whitespace().collect(),
        Some(between) => cell.split(between.trim()).map(str::trim).filter(|p| !p.is_empty()).collect(),
        None => vec![cell],
    }
}

fn text(property: &Property, value: &str) -> Term {
    let plain = || Literal::new_simple_literal(value);
    match &property.language {
        Some(language) => Literal::new_language_tagged_literal(value, language).unwrap_or_else(|_| plain()).into(),
        None => plain().into(),
    }
}
