//! The forms in which texts are compared: as written, without the qualifier, in the singular, in natural order.

use super::english::singular;
use crate::store::fold_label;

/// A text made ready to be compared with labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Lower case, without accents and quotation marks, punctuation as spaces; the qualifier is still there, in brackets.
    pub whole: String,
    /// The same without the qualifier, in natural order.
    pub plain: String,
    /// The same with every word in the English singular.
    pub singular: String,
    /// What stood in brackets at the end, if something did.
    pub qualifier: Option<String>,
}

impl Form {
    /// Reads a text: `Prints (visual works)`, `print, polaroid`, `<vessels by form>`.
    pub fn of(text: &str) -> Self {
        let folded = fold_label(text).replace(['’', '‘', '`', '´'], "'");
        let folded = folded
            .trim_matches(|c: char| matches!(c, '<' | '>' | '[' | ']' | '"' | '“' | '”' | '.' | ',' | ';' | ':') || c.is_whitespace());
        let (plain, qualifier) = match (folded.find(" ("), folded.ends_with(')')) {
            (Some(at), true) if at > 0 => (&folded[..at], Some(joined(folded[at..].trim_matches(['(', ')', ' '])))),
            _ => (folded, None),
        };
        let plain = natural_order(plain);
        let whole = qualifier.as_ref().map_or_else(|| plain.clone(), |qualifier| format!("{plain} ({qualifier})"));
        Self { singular: words(&plain).iter().map(|w| singular(w)).collect::<Vec<_>>().join(" "), whole, plain, qualifier }
    }
}

/// `print, polaroid` is a polaroid print. Lists of more than two are left as they are.
fn natural_order(text: &str) -> String {
    let mut parts = text.split(',');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(noun), Some(rest), None) if !noun.trim().is_empty() && !rest.trim().is_empty() && rest.split_whitespace().count() <= 2 => {
            joined(&format!("{rest} {noun}"))
        }
        _ => joined(text),
    }
}

/// The words with one space between them.
fn joined(text: &str) -> String {
    words(text).join(" ")
}

/// The words of a folded text: letters and digits; an apostrophe within one belongs to it and is left out.
pub fn words(text: &str) -> Vec<String> {
    let text = text.replace('\'', "");
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// Whether a text says how large something is, when, or in which digital format, and can name no concept: `30 x 40 cm`, `image/jpeg`, `1890`.
pub fn is_measure_or_media_type(text: &str) -> bool {
    let folded = fold_label(text);
    let media_type = || {
        let part = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'));
        let kinds = ["image", "audio", "video", "text", "application", "model"];
        folded.split_once('/').is_some_and(|(kind, rest)| kinds.contains(&kind) && part(rest))
    };
    let address = folded.contains("://") || folded.starts_with("www.");
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    let letters = folded.chars().filter(|c| c.is_alphabetic()).count();
    let file_format = ["jpeg", "jpg", "png", "tiff", "tif", "gif", "pdf", "mp3", "mp4", "mkv", "mpg", "wav", "flac", "xml", "html"];
    letters < 2 || digits > letters || address || media_type() || file_format.contains(&folded.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_name_are_the_same() {
        for (one, other) in [
            ("Lutes", "lute"),
            ("Œuvres", "œuvre"),
            ("Print, Polaroid", "polaroid prints"),
            ("prints (visual works)", "Print"),
            ("visitors' books", "visitor’s book"),
            ("Flying-buttresses", "flying buttress"),
            ("Façades", "facade"),
        ] {
            assert_eq!(Form::of(one).singular, Form::of(other).singular, "{one}");
        }
        assert_eq!(Form::of("jars (vessels (containers))").qualifier.as_deref(), Some("vessels containers"));
        assert_eq!(Form::of("wood, brass, glass").plain, "wood brass glass");
    }

    #[test]
    fn measures_dates_and_file_formats_name_no_concept() {
        for text in ["30 x 40 cm", "image/jpeg", "1890", "JPG", "148 str., 12° (16 cm)", "http://a.example/b", "-"] {
            assert!(is_measure_or_media_type(text), "{text}");
        }
        for text in ["oil on canvas", "text Tablo", "Papier", "35 mm slide film"] {
            assert!(!is_measure_or_media_type(text), "{text}");
        }
    }
}
