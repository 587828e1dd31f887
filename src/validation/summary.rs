//! What was found in many records, counted by rule and by provider, with a few examples of each: what a data officer sends on.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Checked, Finding, MetadataTier, Severity, Tier};
use crate::rdf::text_of;

/// How many different providers are told apart; beyond that they are counted together.
const PROVIDERS: usize = 5000;
/// How many different rules are told apart: shapes of somebody's own may make many.
const RULES: usize = 2000;
/// What the rest is called.
const OTHERS: &str = "(others)";
/// What a record is counted under that names no provider.
const NAMELESS: &str = "(no provider named)";
/// How many characters of a value are shown.
const SHOWN: usize = 200;

/// Counts by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Violations.
    pub violations: u64,
    /// Warnings.
    pub warnings: u64,
    /// Notes.
    pub notes: u64,
}

impl Counts {
    fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Violation => self.violations += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.notes += 1,
        }
    }
}

/// How many records have tier 0, A, B and C.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TierCounts {
    /// The whole.
    pub tier: [u64; 4],
    /// The part of languages.
    pub language: [u64; 4],
    /// The part of enabling elements.
    pub enabling_elements: [u64; 4],
    /// The part of contextual classes.
    pub contextual_classes: [u64; 4],
}

impl TierCounts {
    fn add(&mut self, tier: &MetadataTier) {
        let parts = [
            (&mut self.tier, tier.tier),
            (&mut self.language, tier.language),
            (&mut self.enabling_elements, tier.enabling_elements),
            (&mut self.contextual_classes, tier.contextual_classes),
        ];
        for (counts, tier) in parts {
            for (count, of) in counts.iter_mut().zip(Tier::ALL) {
                *count += u64::from(of == tier);
            }
        }
    }
}

/// One place where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The record.
    pub record: String,
    /// Its document, and the line in it.
    pub place: String,
    /// The thing in the record, where it is not the object itself.
    pub focus: String,
    /// The property.
    pub path: String,
    /// The value.
    pub value: String,
    /// What is said about it.
    pub message: String,
}

/// How often a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// How bad that is.
    pub severity: Severity,
    /// What to do about it.
    pub message: String,
    /// How often.
    pub findings: u64,
    /// In how many records.
    pub records: u64,
    /// In how many records of each provider.
    pub providers: BTreeMap<String, u64>,
    /// A few of them.
    pub examples: Vec<Example>,
}

/// What one provider's records are like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProviderCount {
    /// How many there are.
    pub records: u64,
    /// How many break a rule that they must keep.
    pub with_violations: u64,
    /// What was found.
    pub findings: Counts,
    /// Their metadata tiers as they came.
    pub tiers: TierCounts,
}

/// What was found in all.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// When the validation began.
    pub at: String,
    /// What was validated.
    pub what: String,
    /// By which shapes.
    pub shapes: String,
    /// Records that could be read.
    pub records: u64,
    /// Records that break no rule that they must keep.
    pub conforming: u64,
    /// Records and documents that could not be read.
    pub rejected: u64,
    /// What was found.
    pub findings: Counts,
    /// The metadata tiers as the records came.
    pub tiers: TierCounts,
    /// The same with what is published; nothing where nothing was looked at.
    pub tiers_enriched: Option<TierCounts>,
    /// How many records have a better tier with what is published.
    pub better: u64,
    /// By rule.
    pub rules: BTreeMap<String, RuleCount>,
    /// By provider.
    pub providers: BTreeMap<String, ProviderCount>,
    /// How many examples are kept of each rule.
    #[serde(skip)]
    pub examples: usize,
}

impl Summary {
    /// Counts a record in.
    pub fn add(&mut self, checked: &Checked) {
        if checked.read {
            self.records += 1;
            self.conforming += u64::from(checked.conforms());
        } else {
            self.rejected += 1;
        }
        if let Some(tier) = &checked.tier {
            self.tiers.add(tier);
        }
        if let Some(tier) = &checked.tier_enriched {
            self.tiers_enriched.get_or_insert_default().add(tier);
            self.better += u64::from(checked.tier.as_ref().is_some_and(|before| before.tier < tier.tier));
        }
        let provider = self.provider(checked);
        self.rules(checked, &provider);
    }

    /// Whether everything was read, and nothing breaks a rule that it must keep.
    pub fn conforms(&self) -> bool {
        self.rejected == 0 && self.findings.violations == 0
    }

    /// The rules, the worst and the most frequent first.
    pub fn by_weight(&self) -> Vec<(&String, &RuleCount)> {
        let mut all: Vec<_> = self.rules.iter().collect();
        all.sort_by(|a, b| (a.1.severity, b.1.records, a.0).cmp(&(b.1.severity, a.1.records, b.0)));
        all
    }

    fn provider(&mut self, checked: &Checked) -> String {
        let named = if checked.provider.is_empty() { NAMELESS } else { &checked.provider };
        let name = if self.providers.len() < PROVIDERS || self.providers.contains_key(named) { named } else { OTHERS };
        let count = self.providers.entry(name.to_owned()).or_default();
        count.records += 1;
        count.with_violations += u64::from(!checked.conforms());
        for finding in &checked.findings {
            count.findings.add(finding.severity);
        }
        if let Some(tier) = &checked.tier {
            count.tiers.add(tier);
        }
        name.to_owned()
    }

    fn rules(&mut self, checked: &Checked, provider: &str) {
        let mut seen: Vec<String> = Vec::new();
        for finding in &checked.findings {
            self.findings.add(finding.severity);
            let mut name = finding.rule();
            if self.rules.len() >= RULES && !self.rules.contains_key(&name) {
                OTHERS.clone_into(&mut name);
            }
            let rule = self.rules.entry(name.clone()).or_insert_with(|| RuleCount::of(finding));
            rule.findings += 1;
            if seen.contains(&name) {
                continue;
            }
            rule.records += 1;
            *rule.providers.entry(provider.to_owned()).or_default() += 1;
            if rule.examples.len() < self.examples {
                rule.examples.push(Example::of(checked, finding));
            }
            seen.push(name);
        }
    }
}

impl RuleCount {
    fn of(finding: &Finding) -> Self {
        Self {
            severity: finding.severity,
            message: finding.statement(),
            findings: 0,
            records: 0,
            providers: BTreeMap::new(),
            examples: Vec::new(),
        }
    }
}

impl Example {
    /// A finding in a record, in words.
    pub fn of(checked: &Checked, finding: &Finding) -> Self {
        let place = match finding.line.or(checked.line) {
            Some(line) => format!("{}, line {line}", checked.source),
            None => checked.source.clone(),
        };
        let focus = text_of(finding.focus.clone());
        Self {
            record: checked.record.clone(),
            place,
            focus: if focus == checked.record { String::new() } else { shortened(&focus) },
            path: finding.path.as_ref().map(ToString::to_string).unwrap_or_default(),
            value: finding.value.clone().map(|v| shortened(&text_of(v))).unwrap_or_default(),
            message: finding.message(),
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
