//! Through which door a request comes: the public one reads, the other one writes too, for those who bear the token.

use std::{path::Path, sync::Arc};

use axum::http::{HeaderMap, StatusCode, header};
use sha2::{Digest as _, Sha256};

use super::{ServeError, form, protocol::text};

/// One of the two doors.
#[derive(Clone, Debug)]
pub(super) enum Door {
    /// For everybody; nothing is changed here.
    Public,
    /// For the operator.
    Write(Arc<WriteToken>),
}

/// The secret that opens the write door. It never stands in a log.
pub struct WriteToken(String);

impl std::fmt::Debug for WriteToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WriteToken")
    }
}

impl WriteToken {
    /// A token: printable ASCII without blanks, as RFC 6750 has it. White space around it does not count.
    pub fn new(token: &str) -> Option<Self> {
        let token = token.trim();
        (!token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic())).then(|| Self(token.to_owned()))
    }

    /// The token in a file.
    pub fn from_file(path: &Path) -> std::io::Result<Option<Self>> {
        Ok(Self::new(&std::fs::read_to_string(path)?))
    }

    /// Whether it is short enough to be guessed.
    pub fn is_short(&self) -> bool {
        self.0.len() < 16
    }

    /// Compares in a time that depends on neither of the two: of their digests, all bytes are looked at.
    fn is(&self, given: &str) -> bool {
        let (ours, theirs) = (Sha256::digest(self.0.as_bytes()), Sha256::digest(given.as_bytes()));
        std::hint::black_box(ours.iter().zip(theirs.iter()).fold(0, |all, (a, b)| all | (a ^ b))) == 0
    }
}

impl Door {
    /// Whether this is the one that writes.
    pub(super) fn writes(&self) -> bool {
        matches!(self, Self::Write(_))
    }

    /// Lets a request that would change something pass, or says why not.
    pub(super) fn admit(&self, headers: &HeaderMap, address: Option<&str>) -> Result<(), ServeError> {
        let Self::Write(token) = self else {
            return Err(ServeError::new(StatusCode::FORBIDDEN, "this address only answers; it takes no changes"));
        };
        let secret = |name: &str| matches!(name.to_ascii_lowercase().as_str(), "token" | "access_token" | "authorization" | "bearer");
        if form::pairs(address.unwrap_or_default())?.iter().any(|(name, _)| secret(name)) {
            return Err(ServeError::bad_request(
                "a token in the address ends up in logs: send it as `Authorization: Bearer …`, and change it",
            ));
        }
        let given = text(headers, &header::AUTHORIZATION);
        let bearer =
            given.trim().split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        match bearer {
            None => {
                Err(ServeError::new(StatusCode::UNAUTHORIZED, "changes want the header `Authorization: Bearer …` with the write token"))
            }
            Some(given) if token.is(given) => Ok(()),
            Some(_) => Err(ServeError::new(StatusCode::FORBIDDEN, "this is not the write token")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_write() {
        let token = WriteToken::new(" correct-horse-battery \n").expect("a token");
        assert!(WriteToken::new("  ").is_none() && WriteToken::new("a b").is_none());
        assert!(!format!("{token:?}").contains("horse") && !token.is_short());
        let door = Door::Write(Arc::new(token));
        let status = |door: &Door, header: Option<&str>, address: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(value) = header {
                headers.insert(header::AUTHORIZATION, value.parse().expect("a header"));
            }
            door.admit(&headers, address).map_err(|e| e.status.as_u16()).err()
        };
        assert_eq!(status(&door, Some("Bearer correct-horse-battery"), None), None);
        assert_eq!(status(&door, Some("bearer  correct-horse-battery"), Some("graph=http://e/")), None);
        assert_eq!(status(&door, None, None), Some(401));
        assert_eq!(status(&door, Some("Basic correct-horse-battery"), None), Some(401));
        assert_eq!(status(&door, Some("Bearer wrong"), None), Some(403));
        assert_eq!(status(&door, Some("Bearer correct-horse-battery"), Some("access_token=correct-horse-battery")), Some(400));
        assert_eq!(status(&Door::Public, Some("Bearer correct-horse-battery"), None), Some(403));
    }
}
