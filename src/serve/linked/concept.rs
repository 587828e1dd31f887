//! `/concept?iri=`: concepts that others minted and we hold, as pages and as RDF: labels, notes, hierarchy, alignments both ways.

use std::{collections::HashSet, sync::Arc};

use axum::{
    extract::{Query, RawQuery, Request, State},
    response::Response,
};
use oxigraph::model::{GraphName, NamedNode, NamedOrBlankNode, Quad, Term};

use super::{
    describe::{Description, order, ours},
    thing::{Document, blocking, guarded},
    wanted::{Form, wanted},
};
use crate::{
    rdf::ns::{gvp, skos, skosxl},
    serve::{App, ServeError, form, pages},
    store::Store,
    vocab::Vocabularies,
};

/// How many statements a concept's description holds.
const MOST: usize = 5_000;
/// The properties whose objects belong to the concept: labels and notes as resources.
const OWNED: [oxigraph::model::NamedNodeRef<'static>; 7] =
    [skosxl::PREF_LABEL, skosxl::ALT_LABEL, skosxl::HIDDEN_LABEL, gvp::PREF_LABEL_GVP, skos::SCOPE_NOTE, skos::DEFINITION, skos::NOTE];

/// A concept, in the form that the client wants.
pub(in crate::serve) async fn concept(State(app): State<Arc<App>>, request: Request) -> Response {
    let (request, _) = request.into_parts();
    let asked = async {
        let address = request.uri.query().unwrap_or_default().to_owned();
        let headers = request.headers.clone();
        let pairs = form::pairs(&address)?;
        let Some(iri) = form::only(&pairs, "iri")? else {
            return Err(ServeError::bad_request("which concept? `iri` names it"));
        };
        let form = wanted(&address, &headers, false)?;
        if form == Form::Page {
            return pages::concept(State(Arc::clone(&app)), RawQuery(Some(address)), Query(pairs.into_iter().collect()), headers).await;
        }
        blocking(&app, move |app| {
            let version = app.store.version();
            let Some((iri, quads)) = about(&app.store, &iri)? else {
                return Err(ServeError::not_found(format!("<{iri}> is in none of the vocabularies that are loaded here")));
            };
            let description = Description { quads, ..Description::default() };
            Document { app, iri: &iri, description: &description, form, negotiated: false }.response(&headers, Some(&address), version)
        })
        .await
    };
    guarded(&request, asked).await
}

/// The concept's IRI as its release spells it, and what releases and mapping sets say about it.
fn about(store: &Store, iri: &str) -> Result<Option<(NamedNode, Vec<Quad>)>, ServeError> {
    let vocabularies = Vocabularies::new(store).map_err(ours)?;
    let Some(concept) = vocabularies.concept(iri).map_err(ours)? else { return Ok(None) };
    let graphs: HashSet<GraphName> =
        vocabularies.releases().iter().chain(vocabularies.mapping_sets()).map(|r| GraphName::from(r.graph.clone())).collect();
    let mut quads = Vec::new();
    for quad in store.about(&concept.iri).map_err(ours)? {
        if !graphs.contains(&quad.graph_name) {
            continue;
        }
        let owned: Option<NamedOrBlankNode> = match &quad.object {
            Term::BlankNode(node) => Some(node.clone().into()),
            Term::NamedNode(node) if OWNED.iter().any(|p| quad.predicate == *p) => Some(node.clone().into()),
            _ => None,
        };
        quads.push(quad);
        if let Some(owned) = owned.filter(|_| quads.len() < MOST) {
            quads.extend(store.about(&owned).map_err(ours)?.into_iter().filter(|q| graphs.contains(&q.graph_name)));
        }
    }
    for a in vocabularies.alignments(concept.iri.as_str()).map_err(ours)? {
        quads.push(Quad::new(a.from, a.property, a.to, a.graph));
    }
    order(&concept.iri, &mut quads);
    quads.dedup();
    Ok(Some((concept.iri, quads)))
}
