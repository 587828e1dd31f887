//! What is asked of another machine, and in which form; and what it may answer.

/// One thing to be asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'r> {
    /// Its address.
    pub url: &'r str,
    /// The forms in which it is welcome (`Accept`); any, where nothing is said.
    pub accept: Option<&'r str>,
    /// The mark of the version that we have: where it still holds, nothing is sent (`If-None-Match`).
    pub etag: Option<&'r str>,
    /// The date of the version that we have (`If-Modified-Since`).
    pub last_modified: Option<&'r str>,
    /// The largest body that is taken, in bytes; what the settings say, where nothing is said.
    pub max_bytes: Option<u64>,
    /// Whether a record or a vocabulary sends us there, and no person: then `robots.txt` applies.
    pub found_in_data: bool,
}

impl<'r> Request<'r> {
    /// Something that a person named.
    pub fn of(url: &'r str) -> Self {
        Self { url, ..Self::default() }
    }

    /// Something that a record or a vocabulary names.
    pub fn found_in_data(url: &'r str) -> Self {
        Self { url, found_in_data: true, ..Self::default() }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The body, unpacked.
    pub bytes: Vec<u8>,
    /// `Content-Type` without its parameters, in lower case; empty where the host says nothing.
    pub media_type: String,
    /// Where it was found, after all redirects.
    pub final_url: String,
    /// The host's own mark of this version.
    pub etag: Option<String>,
    /// The host's own date of this version.
    pub last_modified: Option<String>,
}

/// The answer to a request that may have named a version.
#[derive(Clone, Debug)]
pub enum Reply {
    /// It is here.
    Fetched(Fetched),
    /// The version that we have still holds.
    Unchanged,
}
