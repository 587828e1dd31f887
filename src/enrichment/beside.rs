//! What a tagger says besides concepts of the object: of the digital picture, of two things on it, and in a sentence.

use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Triple};

use super::{Seen, describe::Saying, picture_targets::Targets};
use crate::{
    rdf::ns::{dc, dqv, enr, oa, rdf},
    tagging::{Caption, Prediction, Relation, ScoreKind},
};

impl Saying<'_> {
    /// A statement about the web resource alone: the object is not named, so that no query takes it for one about the object.
    pub(super) fn quality(&self, prediction: &Prediction, seen: &Seen, triples: &mut Vec<Triple>) {
        let annotation = self.base.annotation(self.key, dqv::QUALITY_ANNOTATION, prediction.concept.as_ref(), "");
        let mut say = |predicate: NamedNodeRef<'_>, object: oxigraph::model::Term| {
            triples.push(Triple::new(annotation.clone(), predicate, object));
        };
        say(rdf::TYPE, oa::ANNOTATION.into());
        say(rdf::TYPE, dqv::QUALITY_ANNOTATION.into());
        say(oa::MOTIVATED_BY, dqv::QUALITY_ASSESSMENT.into());
        say(oa::HAS_BODY, prediction.concept.clone().into());
        say(oa::HAS_TARGET, seen.web_resource.clone().into());
        self.measured(&annotation, prediction, triples);
    }

    /// A statement between two regions: its subject and object are targets, which say where they are.
    pub(super) fn relation(&self, relation: &Relation, facet: &str, rank: u32, targets: &mut Targets<'_>, triples: &mut Vec<Triple>) {
        let between = format!("{} {}", relation.subject, relation.object);
        let annotation = self.base.annotation(self.key, rdf::STATEMENT, relation.relation.as_ref(), &between);
        let statement = NamedNode::new_unchecked(format!("{}#statement", annotation.as_str()));
        let (subject, object, whole) = (targets.of(Some(relation.subject)), targets.of(Some(relation.object)), targets.of(None));
        let mut say = |about: &NamedNode, predicate: NamedNodeRef<'_>, object: oxigraph::model::Term| {
            triples.push(Triple::new(about.clone(), predicate, object));
        };
        say(&annotation, rdf::TYPE, oa::ANNOTATION.into());
        say(&annotation, oa::MOTIVATED_BY, oa::LINKING.into());
        say(&annotation, oa::HAS_BODY, statement.clone().into());
        say(&annotation, oa::HAS_TARGET, whole.into());
        say(&annotation, enr::MODEL_LABEL, Literal::new_simple_literal(&relation.label).into());
        say(&statement, rdf::TYPE, rdf::STATEMENT.into());
        say(&statement, rdf::SUBJECT, subject.into());
        say(&statement, rdf::PREDICATE, relation.relation.clone().into());
        say(&statement, rdf::OBJECT, object.into());
        self.scored(&annotation, facet, (relation.score, ScoreKind::Product), rank, triples);
    }

    /// A sentence, as a text. It is proposed for a property, and published only where a person accepts it.
    pub(super) fn caption(&self, caption: &Caption, property: &NamedNode, target: NamedNode, triples: &mut Vec<Triple>) {
        let text = self.base.text(&caption.text, &caption.language);
        let annotation = self.base.annotation(self.key, property.as_ref(), text.as_ref(), "");
        let language = caption.language.to_lowercase();
        let value = Literal::new_language_tagged_literal(&caption.text, &language);
        let value = value.unwrap_or_else(|_| Literal::new_simple_literal(&caption.text));
        let mut say = |about: &NamedNode, predicate: NamedNodeRef<'_>, object: oxigraph::model::Term| {
            triples.push(Triple::new(about.clone(), predicate, object));
        };
        say(&annotation, rdf::TYPE, oa::ANNOTATION.into());
        say(&annotation, oa::MOTIVATED_BY, oa::DESCRIBING.into());
        say(&annotation, oa::HAS_BODY, text.clone().into());
        say(&annotation, oa::HAS_TARGET, target.into());
        say(&annotation, enr::PROPOSED_PROPERTY, property.clone().into());
        say(&text, rdf::TYPE, oa::TEXTUAL_BODY.into());
        say(&text, rdf::VALUE, value.into());
        say(&text, dc::FORMAT, Literal::new_simple_literal("text/plain").into());
        say(&text, dc::LANGUAGE, Literal::new_simple_literal(language).into());
        self.scored(&annotation, &caption.facet, (caption.score, ScoreKind::Likelihood), 1, triples);
    }
}
