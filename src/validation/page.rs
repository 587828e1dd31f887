//! The report as a page: one file that needs nothing beside it, to be opened, printed and sent on.

use askama::Template;

use super::{Checked, Example, RuleCount, Severity, Summary};

/// The template, with what it shows.
#[derive(Debug, Template)]
#[template(path = "validation-report.html")]
struct Page<'p> {
    summary: &'p Summary,
    rules: Vec<(&'p String, &'p RuleCount)>,
    records: &'p [Checked],
    tiers: Vec<TierRow>,
    links: bool,
}

/// One part of the metadata tier: how many records have which, before and after.
#[derive(Debug)]
struct TierRow {
    name: &'static str,
    before: [u64; 4],
    after: Option<[u64; 4]>,
}

impl Page<'_> {
    fn with_violations(&self) -> u64 {
        self.summary.records - self.summary.conforming
    }

    fn example(checked: &Checked, finding: &super::Finding) -> Example {
        Example::of(checked, finding)
    }

    /// How many records with violations are not shown one by one.
    fn beyond(&self) -> u64 {
        (self.with_violations() + self.summary.rejected).saturating_sub(self.records.len() as u64)
    }
}

/// The page. `links` says whether the other forms of the report stand beside it.
pub fn page(summary: &Summary, records: &[Checked], links: bool) -> Result<String, askama::Error> {
    let after = summary.tiers_enriched.as_ref();
    let row = |name, before: [u64; 4], after: Option<[u64; 4]>| TierRow { name, before, after };
    let tiers = vec![
        row("Metadata tier", summary.tiers.tier, after.map(|a| a.tier)),
        row("Languages", summary.tiers.language, after.map(|a| a.language)),
        row("Enabling elements", summary.tiers.enabling_elements, after.map(|a| a.enabling_elements)),
        row("Contextual classes", summary.tiers.contextual_classes, after.map(|a| a.contextual_classes)),
    ];
    Page { summary, rules: summary.by_weight(), records, tiers, links }.render()
}

/// How numbers are written for people: 12 345.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand on references")]
fn number(count: &u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// The class of a severity's badge.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand on references")]
fn word(severity: &Severity) -> &'static str {
    severity.word()
}
