//! Text as XML may carry it.

use std::borrow::Cow;

/// The text without the characters that XML 1.0 forbids even as references (section 2.2).
pub fn clean(text: &str) -> Cow<'_, str> {
    let allowed = |c: char| !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    if text.chars().all(allowed) { Cow::Borrowed(text) } else { Cow::Owned(text.chars().filter(|c| allowed(*c)).collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_left_out() {
        assert_eq!(clean("a\u{0}b\u{1}\tc\u{fffe}\u{10000}"), "ab\tc\u{10000}");
    }
}
