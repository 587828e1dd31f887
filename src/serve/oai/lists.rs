//! The repository as harvesters see it: what it is, its formats and sets, and the pages of its lists.

use std::{
    io,
    num::NonZero,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use jiff::{SignedDuration, Timestamp};

use super::{
    formats::{Format, Identifiers},
    moment::{Moment, written},
    record,
    request::{Code, ListAsked, ListVerb, OaiError, Request},
    response::{Xml, around, element},
    sets,
    token::{GOOD_FOR, Token, TokenKey},
};
use crate::{
    rdf::RecordKey,
    serve::Settings,
    store::{Span, StampList, Stamped, Store, StoreError},
};

/// How many threads write the records of one page at most: other harvesters wait as well.
const MOST_HANDS: usize = 4;

/// Why there is no answer of the kind that was asked for.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The harvester is told.
    Told(OaiError),
    /// Something of ours failed.
    Ours(String),
}

impl From<OaiError> for Trouble {
    fn from(error: OaiError) -> Self {
        Self::Told(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.to_string())
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Ours(error.to_string())
    }
}

/// One store behind the door, as it is while one request is answered.
#[derive(Debug)]
pub(super) struct Repository<'r> {
    pub(super) store: &'r Store,
    pub(super) settings: &'r Settings,
    pub(super) key: &'r TokenKey,
    pub(super) identifiers: Identifiers,
    pub(super) base_url: String,
    /// Before this second nothing will change any more.
    pub(super) settled: Timestamp,
    /// How many records were passed over because they could not be written.
    pub(super) skipped: &'r AtomicU64,
}

/// A list, and where in it we stand.
#[derive(Debug)]
struct Standing {
    verb: ListVerb,
    format: Format,
    set: Option<String>,
    span: Span,
    after: Option<(Timestamp, RecordKey)>,
    cursor: u64,
    complete_list_size: u64,
}

impl Repository<'_> {
    /// Writes what answers the request.
    pub(super) fn answer(&self, request: &Request, xml: &mut Xml) -> Result<(), Trouble> {
        match request {
            Request::Identify => Ok(self.identify(xml)?),
            Request::MetadataFormats { identifier } => self.metadata_formats(identifier.as_deref(), xml),
            Request::Sets { token } => self.sets(token.as_deref(), xml),
            Request::Record { identifier, prefix } => self.one(identifier, prefix, xml),
            Request::List { verb, asked: ListAsked::Next(token) } => {
                let standing = self.resumed(*verb, token)?;
                self.page(standing, xml)
            }
            Request::List { verb, asked: ListAsked::First { prefix, from, until, set } } => {
                let standing = self.begun(*verb, prefix, *from, *until, set.as_deref())?;
                self.page(standing, xml)
            }
        }
    }

    fn identify(&self, xml: &mut Xml) -> Result<(), Trouble> {
        let earliest = self.store.index().first_stamp()?.unwrap_or(self.settled);
        let sample = self.store.index().stamped_page(StampList::default(), EVER, None, 1)?;
        around(xml, "Identify", |xml| {
            for (name, value) in [
                ("repositoryName", self.settings.name.as_str()),
                ("baseURL", &self.base_url),
                ("protocolVersion", "2.0"),
                ("adminEmail", &self.settings.admin_email),
                ("earliestDatestamp", &written(earliest)),
                ("deletedRecord", "persistent"),
                ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
                ("compression", "gzip"),
            ] {
                element(xml, name, &[], value)?;
            }
            if let (true, Some(sample)) = (self.identifiers.is_domain, sample.first()) {
                around(xml, "description", |xml| self.oai_identifier(sample, xml))?;
            }
            let rights = &self.settings.metadata_rights;
            if !rights.is_empty() {
                around(xml, "description", |xml| record::rights(xml, "rightsManifest", rights))?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn oai_identifier(&self, sample: &Stamped, xml: &mut Xml) -> io::Result<()> {
        const NAMESPACE: &str = "http://www.openarchives.org/OAI/2.0/oai-identifier";
        let location = format!("{NAMESPACE} {NAMESPACE}.xsd");
        let root = xml.create_element("oai-identifier").with_attributes([("xmlns", NAMESPACE), ("xsi:schemaLocation", location.as_str())]);
        root.write_inner_content(|xml| {
            element(xml, "scheme", &[], "oai")?;
            element(xml, "repositoryIdentifier", &[], &self.identifiers.host)?;
            element(xml, "delimiter", &[], ":")?;
            element(xml, "sampleIdentifier", &[], &self.identifiers.of(&sample.key))
        })?;
        Ok(())
    }

    fn metadata_formats(&self, identifier: Option<&str>, xml: &mut Xml) -> Result<(), Trouble> {
        let record = identifier.map(|identifier| self.find(identifier)).transpose()?;
        around(xml, "ListMetadataFormats", |xml| {
            for format in Format::ALL.into_iter().filter(|f| record.as_ref().is_none_or(|r| f.knows(r))) {
                around(xml, "metadataFormat", |xml| {
                    element(xml, "metadataPrefix", &[], format.prefix())?;
                    element(xml, "schema", &[], format.schema())?;
                    element(xml, "metadataNamespace", &[], format.namespace())
                })?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn sets(&self, token: Option<&str>, xml: &mut Xml) -> Result<(), Trouble> {
        let most = self.settings.oai_page.max(1);
        let token = token.map(|text| self.open(text, "ListSets")).transpose()?;
        let after = token.as_ref().map_or("", |token| token.after.1.as_str());
        let mut found = self.store.index().sets(after, most + 1)?;
        let more = found.len() > most;
        found.truncate(most);
        let Some((last, _)) = found.last() else {
            return Err(OaiError::new(Code::NoSetHierarchy, "there is no record yet, and so there is no set").into());
        };
        let cursor = token.as_ref().map_or(0, |token| token.cursor);
        let next = Token {
            verb: "ListSets".to_owned(),
            prefix: String::new(),
            set: None,
            from: 0,
            until: 0,
            after: (0, last.clone()),
            cursor: cursor + found.len() as u64,
            complete_list_size: 0,
            expires: self.expiry().as_microsecond(),
        };
        let names = found.iter().map(|(set, member)| sets::name(self.store, set, member)).collect::<Result<Vec<_>, _>>()?;
        let sealed = self.key.seal(&next)?;
        around(xml, "ListSets", |xml| {
            for ((set, _), name) in found.iter().zip(&names) {
                around(xml, "set", |xml| {
                    element(xml, "setSpec", &[], &sets::spec(set))?;
                    element(xml, "setName", &[], name)
                })?;
            }
            let cursor = cursor.to_string();
            match (more, token.is_some()) {
                (true, _) => {
                    let expires = written(self.expiry());
                    element(xml, "resumptionToken", &[("expirationDate", &expires), ("cursor", &cursor)], &sealed)
                }
                (false, true) => element(xml, "resumptionToken", &[("cursor", &cursor)], ""),
                (false, false) => Ok(()),
            }
        })?;
        Ok(())
    }

    fn one(&self, identifier: &str, prefix: &str, xml: &mut Xml) -> Result<(), Trouble> {
        let record = self.find(identifier)?;
        let format = format(prefix)?;
        let cannot = |why: &str| OaiError::new(Code::CannotDisseminateFormat, why);
        if !format.knows(&record) {
            return Err(cannot("nothing was ever published for this record, so there is nothing in this format").into());
        }
        let written = self.written(&record, format)?.ok_or_else(|| cannot("the record cannot be written in this format"))?;
        around(xml, "GetRecord", |xml| {
            xml.get_mut().extend_from_slice(&written);
            Ok(())
        })?;
        Ok(())
    }

    fn find(&self, identifier: &str) -> Result<Stamped, Trouble> {
        let key = self.identifiers.key(identifier);
        let found = key.map(|key| self.store.index().stamped(&key)).transpose()?.flatten();
        found.ok_or_else(|| OaiError::new(Code::IdDoesNotExist, "there is no record with this identifier").into())
    }

    /// A list from its beginning: its end is settled now.
    fn begun(
        &self,
        verb: ListVerb,
        prefix: &str,
        from: Option<Moment>,
        until: Option<Moment>,
        set: Option<&str>,
    ) -> Result<Standing, Trouble> {
        let format = format(prefix)?;
        // The running second is not over: what is still to come in it would be lost.
        let settled = self.settled - SignedDuration::from_micros(1);
        let until = until.map_or(settled, |until| until.last.min(settled));
        let span = Span { from: from.map_or(Timestamp::MIN, |from| from.first), until };
        let set = set.map(sets::set_of);
        let mut standing = Standing { verb, format, set, span, after: None, cursor: 0, complete_list_size: 0 };
        if span.from <= span.until {
            standing.complete_list_size = self.store.index().count_stamped(standing.list(), span)?;
        }
        if standing.complete_list_size == 0 {
            return Err(none_match());
        }
        Ok(standing)
    }

    fn resumed(&self, verb: ListVerb, token: &str) -> Result<Standing, Trouble> {
        let Token { prefix, set, from, until, after, cursor, complete_list_size, .. } = self.open(token, verb.as_str())?;
        let moment = |micros| Timestamp::from_microsecond(micros).map_err(|_| not_ours());
        let key = RecordKey::parse(&after.1).ok_or_else(not_ours)?;
        let format = Format::with_prefix(&prefix).ok_or_else(not_ours)?;
        let from = if from == i64::MIN { Timestamp::MIN } else { moment(from)? };
        let span = Span { from, until: moment(until)? };
        Ok(Standing { verb, format, set, span, after: Some((moment(after.0)?, key)), cursor, complete_list_size })
    }

    fn open(&self, token: &str, verb: &str) -> Result<Token, Trouble> {
        Ok(self.key.open_token(token, verb, self.store.clock().now()).ok_or_else(not_ours)?)
    }

    fn page(&self, mut standing: Standing, xml: &mut Xml) -> Result<(), Trouble> {
        let most = self.settings.oai_page.max(1);
        let (cursor, resumed) = (standing.cursor, standing.after.clone());
        let mut page = Vec::new();
        let more = loop {
            let after = standing.after.as_ref().map(|(stamp, key)| (*stamp, key));
            let mut found = self.store.index().stamped_page(standing.list(), standing.span, after, most + 1)?;
            let more = found.len() > most;
            found.truncate(most);
            page.extend(self.entries(&found, &standing)?);
            standing.cursor += found.len() as u64;
            standing.after = found.last().map(|last| (last.datestamp, last.key.clone())).or(standing.after);
            // A page of records that cannot be written is no page.
            if !more || !page.is_empty() {
                break more;
            }
        };
        if let (true, Some((_, key))) = (page.is_empty(), &resumed) {
            // What was left has changed since, and stands in the next harvest. A list may not be empty: we say again what was said last.
            if let Some(record) = self.store.index().stamped(key)? {
                page.extend(self.entry(&record, &standing)?);
            }
        }
        if page.is_empty() {
            return Err(none_match());
        }
        let (size, cursor) = (standing.complete_list_size.to_string(), cursor.to_string());
        let sealed = if more { self.key.seal(&self.token(&standing))? } else { String::new() };
        let expires = written(self.expiry());
        around(xml, standing.verb.as_str(), |xml| {
            for entry in &page {
                xml.get_mut().extend_from_slice(entry);
            }
            match (more, resumed.is_some()) {
                (true, _) => {
                    let said = [("expirationDate", expires.as_str()), ("completeListSize", &size), ("cursor", &cursor)];
                    element(xml, "resumptionToken", &said, &sealed)
                }
                (false, true) => element(xml, "resumptionToken", &[("completeListSize", &size), ("cursor", &cursor)], ""),
                (false, false) => Ok(()),
            }
        })?;
        Ok(())
    }

    /// The records of a page, written side by side: most of the time goes into gathering what stands in each.
    fn entries(&self, found: &[Stamped], standing: &Standing) -> Result<Vec<Vec<u8>>, Trouble> {
        let write = |part: &[Stamped]| part.iter().filter_map(|record| self.entry(record, standing).transpose()).collect();
        let hands = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_HANDS);
        if standing.verb == ListVerb::Identifiers || hands == 1 || found.len() < 2 * hands {
            return write(found);
        }
        thread::scope(|scope| {
            let parts: Vec<_> = found.chunks(found.len().div_ceil(hands)).map(|part| scope.spawn(move || write(part))).collect();
            let mut all = Vec::with_capacity(found.len());
            for part in parts {
                let written: Result<Vec<Vec<u8>>, Trouble> =
                    part.join().map_err(|_| Trouble::Ours("writing a record came to an unforeseen end".to_owned()))?;
                all.extend(written?);
            }
            Ok(all)
        })
    }

    fn entry(&self, record: &Stamped, standing: &Standing) -> Result<Option<Vec<u8>>, Trouble> {
        match standing.verb {
            ListVerb::Identifiers => Ok(Some(record::header(self, record, standing.format.is_deleted(record))?)),
            ListVerb::Records => self.written(record, standing.format),
        }
    }

    /// The record as it is sent; nothing where it cannot be written, which is logged and counted.
    fn written(&self, record: &Stamped, format: Format) -> Result<Option<Vec<u8>>, Trouble> {
        match record::record(self, record, format) {
            Ok(written) => Ok(Some(written)),
            Err(record::Unwritten::Record(reason)) => {
                self.skipped.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(record = %record.key, format = format.prefix(), reason, "a record cannot be written for harvesters, and is passed over");
                Ok(None)
            }
            Err(record::Unwritten::Ours(reason)) => Err(Trouble::Ours(reason)),
        }
    }

    fn token(&self, standing: &Standing) -> Token {
        let (stamp, key) = standing.after.as_ref().map_or((0, ""), |(stamp, key)| (stamp.as_microsecond(), key.as_str()));
        let from = standing.span.from;
        Token {
            verb: standing.verb.as_str().to_owned(),
            prefix: standing.format.prefix().to_owned(),
            set: standing.set.clone(),
            from: if from == Timestamp::MIN { i64::MIN } else { from.as_microsecond() },
            until: standing.span.until.as_microsecond(),
            after: (stamp, key.to_owned()),
            cursor: standing.cursor,
            complete_list_size: standing.complete_list_size,
            expires: self.expiry().as_microsecond(),
        }
    }

    fn expiry(&self) -> Timestamp {
        self.store.clock().now().checked_add(GOOD_FOR).unwrap_or(Timestamp::MAX)
    }
}

/// All of time.
const EVER: Span = Span { from: Timestamp::MIN, until: Timestamp::MAX };

impl Standing {
    fn list(&self) -> StampList<'_> {
        StampList { published: self.format == Format::Enrichment, set: self.set.as_deref() }
    }
}

fn format(prefix: &str) -> Result<Format, OaiError> {
    let unknown = || OaiError::new(Code::CannotDisseminateFormat, "there is no such format: ListMetadataFormats lists them");
    Format::with_prefix(prefix).ok_or_else(unknown)
}

fn none_match() -> Trouble {
    OaiError::new(Code::NoRecordsMatch, "no record is in this set, this time and this format").into()
}

fn not_ours() -> OaiError {
    OaiError::new(Code::BadResumptionToken, "this is no token of ours for this verb, or it has expired: begin the list anew")
}
