//! Datestamps as providers write them, and as we write them in requests (OAI-PMH 2.0, section 3.3).

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// How finely a provider tells time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Granularity {
    /// `YYYY-MM-DD`.
    Day,
    /// `YYYY-MM-DDThh:mm:ssZ`.
    Second,
}

impl Granularity {
    /// A moment in this granularity.
    pub fn write(self, at: Timestamp) -> String {
        let format = if self == Self::Day { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%SZ" };
        at.strftime(format).to_string()
    }
}

/// A datestamp, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// How finely it is told.
    pub granularity: Granularity,
    /// Whether it is written in UTC, as it must be. Otherwise it is likely the provider's local time.
    pub utc: bool,
}

impl Moment {
    /// Reads a datestamp. What has no time zone, or another than UTC, is read all the same.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(Self { at, granularity: Granularity::Second, utc: text.ends_with(['Z', 'z']) });
        }
        let midnight = |date: civil::Date| date.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
        if text.len() == 10 {
            let at = midnight(text.parse().ok()?)?;
            return Some(Self { at, granularity: Granularity::Day, utc: true });
        }
        let local: civil::DateTime = text.parse().ok()?;
        let at = local.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(Self { at, granularity: Granularity::Second, utc: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datestamps_are_read_as_they_come() {
        let read = |text| Moment::parse(text).map(|m| (Granularity::Second.write(m.at), m.granularity, m.utc));
        let second = |text: &str, utc| Some((text.to_owned(), Granularity::Second, utc));
        assert_eq!(read(" 2024-02-29T10:00:00Z\n"), second("2024-02-29T10:00:00Z", true));
        assert_eq!(read("2024-02-29T10:00:00.123Z"), second("2024-02-29T10:00:00Z", true));
        assert_eq!(read("2024-02-29T10:00:00+02:00"), second("2024-02-29T08:00:00Z", false));
        assert_eq!(read("2024-02-29T10:00:00"), second("2024-02-29T10:00:00Z", false));
        assert_eq!(read("2024-02-29 10:00:00"), second("2024-02-29T10:00:00Z", false));
        assert_eq!(read("2024-02-29"), Some(("2024-02-29T00:00:00Z".to_owned(), Granularity::Day, true)));
        assert_eq!(read("2024-02-30"), None);
        assert_eq!(read(""), None);
    }
}
