//! What a harvester asks: a verb and its arguments, and what is wrong with them.

use super::moment::Moment;

/// What is wrong, in OAI-PMH's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    BadVerb,
    BadArgument,
    BadResumptionToken,
    CannotDisseminateFormat,
    IdDoesNotExist,
    NoRecordsMatch,
    NoSetHierarchy,
}

impl Code {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::BadVerb => "badVerb",
            Self::BadArgument => "badArgument",
            Self::BadResumptionToken => "badResumptionToken",
            Self::CannotDisseminateFormat => "cannotDisseminateFormat",
            Self::IdDoesNotExist => "idDoesNotExist",
            Self::NoRecordsMatch => "noRecordsMatch",
            Self::NoSetHierarchy => "noSetHierarchy",
        }
    }
}

/// An error as it is told to a harvester, with status 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OaiError {
    pub(super) code: Code,
    pub(super) message: String,
}

impl OaiError {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn argument(message: impl Into<String>) -> Self {
        Self::new(Code::BadArgument, message)
    }
}

/// A verb that lists records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListVerb {
    Identifiers,
    Records,
}

impl ListVerb {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Identifiers => "ListIdentifiers",
            Self::Records => "ListRecords",
        }
    }
}

/// What is to be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ListAsked {
    /// The next page of a list that was begun.
    Next(String),
    /// A list from its beginning.
    First { prefix: String, from: Option<Moment>, until: Option<Moment>, set: Option<String> },
}

/// A request that is well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Identify,
    MetadataFormats { identifier: Option<String> },
    Sets { token: Option<String> },
    Record { identifier: String, prefix: String },
    List { verb: ListVerb, asked: ListAsked },
}

/// Reads what stands in the address or the form, in whatever order.
pub(super) fn read(pairs: &[(String, String)]) -> Result<Request, OaiError> {
    let mut verbs = pairs.iter().filter(|(name, _)| name == "verb").map(|(_, value)| value.as_str());
    let verb = verbs.next().ok_or_else(|| OaiError::new(Code::BadVerb, "the argument `verb` is missing"))?;
    if verbs.next().is_some() {
        return Err(OaiError::new(Code::BadVerb, "`verb` is there more than once"));
    }
    let arguments = |allowed: &[&str], required: &[&str]| Arguments::new(verb, pairs, allowed, required);
    match verb {
        "Identify" => arguments(&[], &[]).map(|_| Request::Identify),
        "ListMetadataFormats" => {
            Ok(Request::MetadataFormats { identifier: arguments(&["identifier"], &[])?.value("identifier").map(str::to_owned) })
        }
        "ListSets" => Ok(Request::Sets { token: arguments(&["resumptionToken"], &[])?.value("resumptionToken").map(str::to_owned) }),
        "GetRecord" => {
            let given = arguments(&["identifier", "metadataPrefix"], &["identifier", "metadataPrefix"])?;
            let identifier = given.value("identifier").unwrap_or_default().to_owned();
            Ok(Request::Record { identifier, prefix: given.prefix()? })
        }
        "ListIdentifiers" => list(ListVerb::Identifiers, pairs),
        "ListRecords" => list(ListVerb::Records, pairs),
        _ => Err(OaiError::new(Code::BadVerb, "OAI-PMH 2.0 has no such verb")),
    }
}

fn list(verb: ListVerb, pairs: &[(String, String)]) -> Result<Request, OaiError> {
    let name = verb.as_str();
    if pairs.iter().any(|(name, _)| name == "resumptionToken") {
        let given = Arguments::new(name, pairs, &["resumptionToken"], &[])?;
        let token = given.value("resumptionToken").unwrap_or_default().to_owned();
        return Ok(Request::List { verb, asked: ListAsked::Next(token) });
    }
    let given = Arguments::new(name, pairs, &["metadataPrefix", "from", "until", "set"], &["metadataPrefix"])?;
    let (prefix, from, until) = (given.prefix()?, given.moment("from")?, given.moment("until")?);
    if let (Some(from), Some(until)) = (from, until) {
        if from.granularity != until.granularity {
            return Err(OaiError::argument("`from` and `until` are not equally exact: give both as days or both as seconds"));
        }
        if from.first > until.last {
            return Err(OaiError::argument("`from` is later than `until`"));
        }
    }
    let set = given.value("set").map(str::to_owned);
    if set.as_deref().is_some_and(|set| !set.split(':').all(is_word)) {
        return Err(OaiError::argument("`set` is no setSpec: ListSets lists them"));
    }
    Ok(Request::List { verb, asked: ListAsked::First { prefix, from, until, set } })
}

/// The arguments of one verb, each known and there once.
struct Arguments<'p>(&'p [(String, String)]);

impl<'p> Arguments<'p> {
    fn new(verb: &str, pairs: &'p [(String, String)], allowed: &[&str], required: &[&str]) -> Result<Self, OaiError> {
        for (place, (name, _)) in pairs.iter().enumerate() {
            if name != "verb" && !allowed.contains(&name.as_str()) {
                let known = ["identifier", "metadataPrefix", "from", "until", "set", "resumptionToken"].contains(&name.as_str());
                let name = if known { format!("`{name}`") } else { "an argument that is not OAI-PMH's".to_owned() };
                return Err(OaiError::argument(format!("{verb} does not take {name} here")));
            }
            if pairs[..place].iter().any(|(earlier, _)| earlier == name) {
                return Err(OaiError::argument(format!("`{name}` is there more than once")));
            }
        }
        let given = Self(pairs);
        match required.iter().find(|name| given.value(name).is_none()) {
            Some(missing) => Err(OaiError::argument(format!("{verb} needs `{missing}`"))),
            None => Ok(given),
        }
    }

    fn value(&self, name: &str) -> Option<&'p str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    fn prefix(&self) -> Result<String, OaiError> {
        let prefix = self.value("metadataPrefix").filter(|p| is_word(p));
        prefix.map(str::to_owned).ok_or_else(|| OaiError::argument("`metadataPrefix` has characters that no prefix has"))
    }

    fn moment(&self, name: &str) -> Result<Option<Moment>, OaiError> {
        let wrong = || OaiError::argument(format!("`{name}` is neither a day (YYYY-MM-DD) nor a second in UTC (YYYY-MM-DDThh:mm:ssZ)"));
        self.value(name).map(|text| Moment::parse(text).ok_or_else(wrong)).transpose()
    }
}

/// What the protocol's schema takes for a prefix, and for each part of a setSpec.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(query: &str) -> Option<Code> {
        let pairs: Vec<(String, String)> =
            query.split('&').filter_map(|p| p.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        read(&pairs).err().map(|error| error.code)
    }

    #[test]
    fn arguments_are_taken_or_refused() {
        let table = [
            ("verb=Identify", None),
            ("", Some(Code::BadVerb)),
            ("verb=identify", Some(Code::BadVerb)),
            ("verb=Identify&verb=Identify", Some(Code::BadVerb)),
            ("verb=Identify&set=x", Some(Code::BadArgument)),
            ("verb=Identify&extra=1", Some(Code::BadArgument)),
            ("metadataPrefix=oai_dc&verb=ListRecords", None),
            ("verb=ListRecords", Some(Code::BadArgument)),
            ("verb=ListRecords&metadataPrefix=a&metadataPrefix=a", Some(Code::BadArgument)),
            ("verb=ListRecords&metadataPrefix=../../x", Some(Code::BadArgument)),
            ("verb=ListRecords&metadataPrefix=a&resumptionToken=x", Some(Code::BadArgument)),
            ("verb=ListRecords&resumptionToken=x", None),
            ("verb=ListRecords&resumptionToken=x&from=2024-01-01", Some(Code::BadArgument)),
            ("verb=ListRecords&metadataPrefix=a&from=2024-02-30", Some(Code::BadArgument)),
            ("verb=ListRecords&metadataPrefix=a&from=2024-02-02&until=2024-02-01", Some(Code::BadArgument)),
            ("verb=ListRecords&metadataPrefix=a&from=2024-02-01&until=2024-02-01", None),
            ("verb=ListRecords&metadataPrefix=a&from=2024-02-01&until=2024-02-01T00:00:00Z", Some(Code::BadArgument)),
            ("verb=ListRecords&metadataPrefix=a&set=a b", Some(Code::BadArgument)),
            ("verb=ListRecords&metadataPrefix=a&set=a::b", Some(Code::BadArgument)),
            ("verb=GetRecord&identifier=x", Some(Code::BadArgument)),
            ("verb=GetRecord&metadataPrefix=x", Some(Code::BadArgument)),
            ("verb=GetRecord&identifier=x&metadataPrefix=x", None),
            ("verb=ListSets&set=x", Some(Code::BadArgument)),
            ("verb=ListMetadataFormats&metadataPrefix=x", Some(Code::BadArgument)),
        ];
        for (query, expected) in table {
            assert_eq!(code(query), expected, "{query}");
        }
    }
}
