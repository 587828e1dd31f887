//! Where the bytes of a web resource are to be had: on the network, in a mirror, or in a folder that an operator opened.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

use super::{ImagesError, Settings};

/// A folder that serves all IRIs that begin with a certain text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// What the IRIs begin with, such as `https://museum.example/pictures/`.
    pub prefix: String,
    /// The folder in which the rest of the IRI, percent-decoded, is a path.
    pub folder: PathBuf,
}

/// Where to look for a web resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// On the network.
    Http(String),
    /// In a file, whose path has been checked.
    File(PathBuf),
}

impl Origin {
    /// Where this web resource is to be had. Mirrors come first, the longest prefix first among them.
    pub fn of(iri: &str, settings: &Settings) -> Result<Self, ImagesError> {
        let mirror = settings.mirrors.iter().filter(|m| iri.starts_with(&m.prefix)).max_by_key(|m| m.prefix.len());
        if let Some(mirror) = mirror {
            return mirrored(iri, mirror).map(Self::File);
        }
        let url = Url::parse(iri).map_err(|e| ImagesError::Iri { iri: iri.to_owned(), reason: e.to_string() })?;
        match url.scheme() {
            "http" | "https" => Ok(Self::Http(url.to_string())),
            "file" => in_folders(iri, &url, &settings.folders).map(Self::File),
            other => Err(ImagesError::Iri { iri: iri.to_owned(), reason: format!("its scheme is `{other}`") }),
        }
    }
}

/// The file in a mirror. Steps upwards are refused as text, symbolic links that lead out by comparing the real paths.
fn mirrored(iri: &str, mirror: &Mirror) -> Result<PathBuf, ImagesError> {
    let rest = iri[mirror.prefix.len()..].split('#').next().unwrap_or_default();
    let refused = |reason: &str| ImagesError::Iri { iri: iri.to_owned(), reason: reason.to_owned() };
    let path = percent_decoded(rest).ok_or_else(|| refused("its path is not UTF-8"))?;
    let path = PathBuf::from(path.trim_start_matches('/'));
    if path.as_os_str().is_empty() || !path.components().all(|c| matches!(c, Component::Normal(_))) {
        return Err(refused("its path does not stay within the mirror"));
    }
    within(iri, &mirror.folder.join(path), std::slice::from_ref(&mirror.folder))
}

/// The file of a `file:` IRI, where it lies within one of the folders.
fn in_folders(iri: &str, url: &Url, folders: &[PathBuf]) -> Result<PathBuf, ImagesError> {
    // Before anything is looked up, so that an answer does not tell which files there are.
    if folders.is_empty() {
        return Err(ImagesError::FileRefused { iri: iri.to_owned() });
    }
    let path = url.to_file_path().map_err(|()| ImagesError::Iri { iri: iri.to_owned(), reason: "it names no local file".to_owned() })?;
    let named_within = folders.iter().any(|f| path.starts_with(f));
    match within(iri, &path, folders) {
        Err(ImagesError::File { .. }) if !named_within => Err(ImagesError::FileRefused { iri: iri.to_owned() }),
        found => found,
    }
}

/// The real path of a file, which must lie within the real path of one of the folders.
fn within(iri: &str, path: &Path, folders: &[PathBuf]) -> Result<PathBuf, ImagesError> {
    let real = path.canonicalize().map_err(|e| ImagesError::File { iri: iri.to_owned(), reason: e.to_string() })?;
    let inside = folders.iter().filter_map(|f| f.canonicalize().ok()).any(|folder| real.starts_with(folder));
    if inside { Ok(real) } else { Err(ImagesError::FileRefused { iri: iri.to_owned() }) }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(|digits| hex::decode(digits).ok());
        if let Some(byte) = byte {
            out.extend(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_serves_its_prefix_and_cannot_be_left() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("mirror");
        std::fs::create_dir_all(folder.join("a b")).unwrap();
        std::fs::write(folder.join("a b/x.png"), b"x").unwrap();
        std::fs::write(home.path().join("secret"), b"s").unwrap();
        std::os::unix::fs::symlink(home.path().join("secret"), folder.join("link")).unwrap();
        let settings = Settings { mirrors: vec![Mirror { prefix: "http://m.example/".to_owned(), folder }], ..Settings::default() };
        let found = Origin::of("http://m.example/a%20b/x.png#xywh=1,2,3,4", &settings).unwrap();
        assert!(matches!(found, Origin::File(path) if path.ends_with("a b/x.png")));
        for bad in
            ["http://m.example/../secret", "http://m.example/%2e%2e/secret", "http://m.example/a/..%2f..%2fsecret", "http://m.example/"]
        {
            assert!(matches!(Origin::of(bad, &settings), Err(ImagesError::Iri { .. })), "{bad}");
        }
        assert!(matches!(Origin::of("http://m.example/link", &settings), Err(ImagesError::FileRefused { .. })));
        assert!(matches!(Origin::of("http://m.example/none", &settings), Err(ImagesError::File { .. })));
        assert!(matches!(Origin::of("http://other.example/x", &settings), Ok(Origin::Http(_))));
    }

    #[test]
    fn files_are_read_from_open_folders_alone() {
        let home = tempfile::tempdir().unwrap();
        let open = home.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::write(open.join("x.png"), b"x").unwrap();
        std::fs::write(home.path().join("y.png"), b"y").unwrap();
        let iri = |name: &str| format!("file://{}/{name}", home.path().display());
        let closed = Settings::default();
        assert!(matches!(Origin::of(&iri("open/x.png"), &closed), Err(ImagesError::FileRefused { .. })));
        let settings = Settings { folders: vec![open], ..Settings::default() };
        assert!(matches!(Origin::of(&iri("open/x.png"), &settings), Ok(Origin::File(_))));
        for bad in ["y.png", "open/../y.png", "none.png", "open/%2e%2e/y.png"] {
            assert!(matches!(Origin::of(&iri(bad), &settings), Err(ImagesError::FileRefused { .. })), "{bad}");
        }
        for bad in ["ftp://m.example/x", "data:image/png;base64,AA", "no iri"] {
            assert!(matches!(Origin::of(bad, &settings), Err(ImagesError::Iri { .. })), "{bad}");
        }
    }
}
