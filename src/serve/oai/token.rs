//! Resumption tokens: all that is needed to go on with a list, signed, and good for some days.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How long a token is good for. Some harvesters wait a night before they go on.
pub(super) const GOOD_FOR: SignedDuration = SignedDuration::from_hours(72);
/// The file that holds the key, in the store's folder.
const FILE: &str = "oai.key";
/// The longest token that is looked at.
const LONGEST: usize = 4_096;

/// Where a list stands. Times in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Token {
    pub(super) verb: String,
    pub(super) prefix: String,
    pub(super) set: Option<String>,
    pub(super) from: i64,
    /// The end of the list, as it was when its first page was given.
    pub(super) until: i64,
    /// The last record that was given: its datestamp and key. For sets, the last set.
    pub(super) after: (i64, String),
    /// How many were given.
    pub(super) cursor: u64,
    pub(super) complete_list_size: u64,
    /// When it expires.
    pub(super) expires: i64,
}

/// What tokens are signed with: made when a store is first served, and kept with it.
pub(super) struct TokenKey([u8; 32]);

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey")
    }
}

impl TokenKey {
    /// Reads the key in this folder, or makes one.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(FILE);
        match fs::File::open(&path) {
            Ok(mut file) => {
                let mut key = [0; 32];
                file.read_exact(&mut key)?;
                return Ok(Self(key));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(_) => {}
        }
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        // Whole or not at all: a key of half its length would be no key.
        let new = folder.join("oai.key.new");
        let mut file = fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(&key)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        Ok(Self(key))
    }

    /// The token as it travels.
    pub(super) fn seal(&self, token: &Token) -> io::Result<String> {
        let mut bytes = serde_json::to_vec(token)?;
        let tag = self.mac(&bytes)?.finalize().into_bytes();
        bytes.extend_from_slice(&tag);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The token that we gave, if it is one, is whole, belongs to this verb and has not expired.
    pub(super) fn open_token(&self, text: &str, verb: &str, now: Timestamp) -> Option<Token> {
        if text.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (said, tag) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        self.mac(said).ok()?.verify_slice(tag).ok()?;
        let token: Token = serde_json::from_slice(said).ok()?;
        (token.verb == verb && token.expires > now.as_microsecond()).then_some(token)
    }

    fn mac(&self, said: &[u8]) -> io::Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(io::Error::other)?;
        mac.update(said);
        Ok(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn token() -> Token {
        Token {
            verb: "ListRecords".to_owned(),
            prefix: "edm".to_owned(),
            set: Some("dataset/x".to_owned()),
            from: i64::MIN,
            until: 7,
            after: (5, "0".repeat(32)),
            cursor: 100,
            complete_list_size: 250,
            expires: 1_000_000,
        }
    }

    #[test]
    fn a_token_reads_back_and_none_but_ours() {
        let folder = tempfile::tempdir().unwrap();
        let key = TokenKey::open(folder.path()).unwrap();
        let sealed = key.seal(&token()).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(key.open_token(&sealed, "ListRecords", now), Some(token()));
        assert_eq!(key.open_token(&sealed, "ListIdentifiers", now), None);
        assert_eq!(key.open_token(&sealed, "ListRecords", Timestamp::from_second(1).unwrap()), None);
        let again = TokenKey::open(folder.path()).unwrap();
        assert!(again.open_token(&sealed, "ListRecords", now).is_some(), "the key is kept");
        assert_eq!(fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        let other = TokenKey::open(tempfile::tempdir().unwrap().path()).unwrap();
        assert_eq!(other.open_token(&sealed, "ListRecords", now), None);
    }

    #[test]
    fn every_byte_counts() {
        let folder = tempfile::tempdir().unwrap();
        let key = TokenKey::open(folder.path()).unwrap();
        let sealed = key.seal(&token()).unwrap();
        for place in 0..sealed.len() {
            for other in [b'A', b'B', b'_', b'z', b'=', b' ', b'%'] {
                let mut bytes = sealed.clone().into_bytes();
                if bytes[place] != other {
                    bytes[place] = other;
                    let text = String::from_utf8(bytes).unwrap();
                    assert_eq!(key.open_token(&text, "ListRecords", Timestamp::UNIX_EPOCH), None, "{place}");
                }
            }
            assert_eq!(key.open_token(&sealed[..place], "ListRecords", Timestamp::UNIX_EPOCH), None);
        }
        assert_eq!(key.open_token(&format!("{sealed}A"), "ListRecords", Timestamp::UNIX_EPOCH), None);
    }
}
