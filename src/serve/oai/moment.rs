//! Datestamps as OAI-PMH writes them: whole seconds in UTC, or days.

use jiff::{Timestamp, Unit, civil::Date};

/// How exact a harvester was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Granularity {
    Day,
    Second,
}

/// A day or a second that a harvester named: its first and its last microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) granularity: Granularity,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

impl Moment {
    /// Reads `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ`, and nothing else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let granularity = match text.len() {
            10 => Granularity::Day,
            20 => Granularity::Second,
            _ => return None,
        };
        let (first, length) = match granularity {
            Granularity::Day => (format!("{}T00:00:00Z", text.parse::<Date>().ok()?).parse::<Timestamp>().ok()?, 86_400_000_000),
            Granularity::Second => (text.parse::<Timestamp>().ok()?, 1_000_000),
        };
        // What reads back otherwise was lenient reading: a leap second, another notation. XML Schema knows no year 0.
        let written = written(first);
        if written.get(..text.len()) != Some(text) || text.starts_with("0000") {
            return None;
        }
        let last = Timestamp::from_microsecond(first.as_microsecond() + length - 1).ok()?;
        Some(Self { granularity, first, last })
    }
}

/// A datestamp in whole seconds, the begun one counted out.
pub(super) fn written(stamp: Timestamp) -> String {
    let whole = stamp.round(jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor)).unwrap_or(stamp);
    whole.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_seconds_and_nothing_else() {
        let day = Moment::parse("2026-11-21").unwrap();
        assert_eq!((day.first.to_string(), day.last.to_string()), ("2026-11-21T00:00:00Z".into(), "2026-11-21T23:59:59.999999Z".into()));
        let second = Moment::parse("2026-11-21T04:30:00Z").unwrap();
        assert_eq!(second.last.to_string(), "2026-11-21T04:30:00.999999Z");
        for bad in [
            "2024-02-30",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00+01:00",
            "2024-01-01T00:00:60Z",
            "2024-01-01t00:00:00z",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00.5Z",
            "2024-1-1",
            "20240101",
            "0000-01-01",
            "",
            "yesterday",
        ] {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn begun_seconds_do_not_count() {
        assert_eq!(written("2026-11-21T04:30:00.999999Z".parse().unwrap()), "2026-11-21T04:30:00Z");
    }
}
