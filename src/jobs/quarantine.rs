//! What was refused, kept: its bytes, and the reason beside them.

use anyhow::Context as _;
use serde_json::json;

use super::House;
use crate::records::{Record, Rejected};

/// A record that was read, and is refused all the same.
pub(super) fn refuse(record: &Record, reason: String) -> Rejected {
    Rejected {
        source: record.original.source.clone(),
        line: record.original.line,
        reason,
        bytes: record.original.bytes.clone(),
        notes: record.notes.clone(),
    }
}

/// Keeps the bytes of what was refused, and the reason beside them. Refused again, it is the same file.
pub(super) fn quarantine(house: &House, rejected: &Rejected) -> anyhow::Result<()> {
    let folder = house.store.folder().join("quarantine");
    std::fs::create_dir_all(&folder).with_context(|| format!("making the folder {}", folder.display()))?;
    let key = crate::rdf::mint::short_key([rejected.source.as_bytes(), rejected.bytes.as_ref()]);
    let name: String =
        rejected.source.chars().rev().take_while(|c| !matches!(c, '/' | '!' | '\\')).collect::<Vec<_>>().into_iter().rev().collect();
    let name: String = name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).take(80).collect();
    let bytes = folder.join(format!("{}-{name}", &key[..12]));
    let reason = folder.join(format!("{}-{name}.reason.json", &key[..12]));
    let told = json!({ "source": rejected.source, "line": rejected.line, "reason": rejected.reason, "notes": rejected.notes });
    std::fs::write(&bytes, &rejected.bytes).with_context(|| format!("writing {}", bytes.display()))?;
    std::fs::write(&reason, serde_json::to_vec_pretty(&told)?).with_context(|| format!("writing {}", reason.display()))
}
