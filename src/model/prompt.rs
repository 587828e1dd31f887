//! Prompts: how a concept's label is put into the words that a text encoder is asked with.

/// The concept's own label.
const TAG: &str = "{tag}";
/// The labels of what stands above it among the candidates, from the top, and its own.
const TAGS: &str = "{tags}";

/// A label, and the labels above it from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// The concept's own label.
    pub tag: String,
    /// The labels above it, from the top.
    pub above: Vec<String>,
}

impl Wording {
    /// The text of a template; `1 tag` and `all tags` are templates with names.
    pub fn text(&self, template: &str) -> String {
        let all = || self.above.iter().chain([&self.tag]).map(String::as_str).collect::<Vec<_>>().join(", ");
        match template.trim() {
            "1 tag" => self.tag.clone(),
            "all tags" => all(),
            template if template.contains(TAGS) => template.replace(TAGS, &all()).replace(TAG, &self.tag),
            template => template.replace(TAG, &self.tag),
        }
    }
}

/// Whether a template has a place for the label.
pub(crate) fn check(template: &str) -> Result<(), String> {
    let named = matches!(template.trim(), "1 tag" | "all tags");
    if template.len() > 1000 || !(named || template.contains(TAG) || template.contains(TAGS)) {
        return Err(format!("the prompt `{template}` has no `{TAG}` in it; there are also the names `1 tag` and `all tags`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_strategies_of_the_field_are_there() {
        let wording = Wording { tag: "lutes".to_owned(), above: vec!["musical instruments".to_owned(), "chordophones".to_owned()] };
        assert_eq!(wording.text("1 tag"), "lutes");
        assert_eq!(wording.text("all tags"), "musical instruments, chordophones, lutes");
        assert_eq!(wording.text("an image of an object made of {tag}"), "an image of an object made of lutes");
        assert_eq!(wording.text("{tag}: {tags}"), "lutes: musical instruments, chordophones, lutes");
        assert!(check("a photo").is_err() && check("two tags").is_err() && check("all tags").is_ok());
    }
}
