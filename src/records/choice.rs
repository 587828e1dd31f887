//! Which web resource to look at: the provider's best view whose rights allow it and that can be a picture; and why not a better one.

use oxigraph::model::{NamedNodeRef, TermRef};
use serde::{Deserialize, Serialize};

use super::{RecordView, Role, WebResource};

/// Whose pictures may be looked at: what an operator decides about rights statements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rights {
    /// Rights whose IRIs begin with one of these allow it; where the list is empty, all do.
    pub allow: Vec<String>,
    /// Those that begin with one of these do not, whatever `allow` says.
    pub deny: Vec<String>,
    /// Whether a picture may be looked at whose rights nobody states.
    pub unstated: bool,
}

impl Default for Rights {
    fn default() -> Self {
        Self { allow: Vec::new(), deny: Vec::new(), unstated: true }
    }
}

impl Rights {
    /// Whether these rights allow it.
    pub fn allow(&self, rights: Option<TermRef<'_>>) -> bool {
        let text = match rights {
            Some(TermRef::NamedNode(iri)) => iri.as_str(),
            Some(TermRef::Literal(text)) => text.value(),
            _ => return self.unstated,
        };
        let among = |list: &[String]| list.iter().any(|beginning| bare(text).starts_with(&bare(beginning)));
        (self.allow.is_empty() || among(&self.allow)) && !among(&self.deny)
    }
}

/// Rights statements are written with `http` and `https`, with and without `www`.
fn bare(iri: &str) -> String {
    let lower = iri.trim().to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")).unwrap_or(&lower);
    rest.strip_prefix("www.").unwrap_or(rest).to_owned()
}

/// The web resource to look at, and those that were passed over for it.
#[derive(Clone, Debug)]
pub struct Choice<'r> {
    /// The one to look at.
    pub taken: Option<WebResource<'r>>,
    /// A smaller picture of the same, with its width and height: the record's own preview.
    pub thumbnail: Option<(NamedNodeRef<'r>, u32, u32)>,
    /// Better ones, each with the reason why not.
    pub passed_over: Vec<String>,
}

/// Chooses among a record's web resources.
pub fn choose<'r>(view: &RecordView<'r>, rights: &Rights) -> Choice<'r> {
    let of_record = view.rights();
    let mut choice = Choice { taken: None, thumbnail: None, passed_over: Vec::new() };
    for resource in view.web_resources() {
        match why_not(&resource, of_record, rights) {
            Some(reason) if choice.taken.is_none() => choice.passed_over.push(reason),
            None if choice.taken.is_none() => choice.taken = Some(resource),
            None if resource.role == Role::Object && choice.thumbnail.is_none() => {
                choice.thumbnail = resource.size.map(|(width, height)| (resource.iri, width, height));
            }
            // What is worse than the one that was taken was not passed over for it.
            _ => {}
        }
    }
    choice
}

fn why_not(resource: &WebResource<'_>, of_record: Option<TermRef<'_>>, rights: &Rights) -> Option<String> {
    let iri = resource.iri.as_str();
    let stated = resource.rights.or(of_record);
    if !rights.allow(stated) {
        return Some(match stated {
            Some(stated) => format!("<{iri}> may not be looked at: `records.rights` does not allow {stated}"),
            None => format!("<{iri}> may not be looked at: nobody states its rights, and `records.rights.unstated` is false"),
        });
    }
    // A service gives pictures of whatever stands behind the address.
    if resource.service.is_some() {
        return None;
    }
    let kind = resource.mime_type.map(str::to_ascii_lowercase).or_else(|| by_ending(iri).map(str::to_owned))?;
    let may_be = kind.starts_with("image/") || kind == "application/octet-stream" || kind == "binary/octet-stream";
    let is_drawing = kind.starts_with("image/svg");
    (!may_be || is_drawing).then(|| format!("<{iri}> is no picture that can be decoded, but {kind}"))
}

/// What an address that ends like this surely is, where the record does not say; only what is no picture matters.
fn by_ending(iri: &str) -> Option<&'static str> {
    let path = iri.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "pdf" => "application/pdf",
        "mp3" | "wav" | "ogg" | "oga" | "flac" => "audio",
        "mp4" | "webm" | "mov" | "avi" | "mkv" | "mpg" | "mpeg" => "video",
        "htm" | "html" | "xhtml" => "text/html",
        "xml" | "rdf" => "application/xml",
        "json" | "jsonld" => "application/json",
        "txt" => "text/plain",
        "svg" => "image/svg+xml",
        "zip" => "application/zip",
        "glb" | "gltf" | "obj" | "ply" | "stl" | "nxz" => "model",
        _ => return None,
    })
}
