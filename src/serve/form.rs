//! What stands in an address or a form: names and values, decoded strictly.

use super::ServeError;

/// The pairs of an `application/x-www-form-urlencoded` text, in their order. Percent signs that encode nothing and bytes that are not
/// UTF-8 are errors: guessing would run another query than the one that was asked.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, ServeError> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        Ok((decode(name)?, decode(value)?))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// The text that percent signs encode; a plus sign is a space.
pub(super) fn decode(text: &str) -> Result<String, ServeError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = tail.get(..2).and_then(|d| std::str::from_utf8(d).ok()).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
                let byte = digits.and_then(|d| u8::from_str_radix(d, 16).ok());
                bytes.push(byte.ok_or_else(|| ServeError::bad_request("a percent sign is not followed by two hexadecimal digits"))?);
                rest = &tail[2..];
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).map_err(|_| ServeError::bad_request("what the percent signs encode is not UTF-8"))
}

/// The one value of this name. More than one is an error.
pub(super) fn only(pairs: &[(String, String)], name: &str) -> Result<Option<String>, ServeError> {
    let mut found = pairs.iter().filter(|(n, _)| n == name).map(|(_, v)| v);
    let value = found.next().cloned();
    if found.next().is_some() {
        return Err(ServeError::bad_request(format!("`{name}` is there more than once")));
    }
    Ok(value)
}

/// All values of this name.
pub(super) fn every(pairs: &[(String, String)], name: &str) -> Vec<String> {
    pairs.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_and_bad_percent_signs() {
        assert_eq!(pairs("a=%C3%A9+b&&c").expect("good"), [("a".to_owned(), "é b".to_owned()), ("c".to_owned(), String::new())]);
        for bad in ["a=%ZZ", "a=%", "a=%F", "a=%FF", "%+1=a"] {
            assert!(pairs(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn twice_is_once_too_often() {
        let pairs = pairs("a=1&a=2&b=3").expect("good");
        assert!(only(&pairs, "a").is_err());
        assert_eq!(only(&pairs, "b").expect("one").as_deref(), Some("3"));
        assert_eq!(every(&pairs, "a"), ["1", "2"]);
    }
}
