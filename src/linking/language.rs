//! Which language a text is in: as it says, as its record says, or nobody knows.

/// The primary part of a language tag, in lower case: `en-GB` is `en`.
pub(super) fn primary(tag: &str) -> String {
    tag.split(['-', '_']).next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a label in one language may be what a text in another says. What has no tag may be in any.
pub(super) fn speak_alike(label: &str, text: Option<&str>) -> bool {
    match text {
        None => true,
        Some(text) => label.is_empty() || primary(label) == primary(text),
    }
}
