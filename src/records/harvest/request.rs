//! The requests of OAI-PMH 2.0 (section 3.1), as addresses.

use url::Url;

/// Which records a list is to hold.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'s> {
    /// In which format.
    pub prefix: &'s str,
    /// Of which set.
    pub set: Option<&'s str>,
    /// From when on, in the provider's granularity.
    pub from: Option<&'s str>,
    /// Until when.
    pub until: Option<&'s str>,
}

fn ask(base: &Url, arguments: &[(&str, Option<&str>)]) -> String {
    let mut url = base.clone();
    url.set_fragment(None);
    let mut pairs = url.query_pairs_mut();
    for (name, value) in arguments {
        if let Some(value) = value {
            pairs.append_pair(name, value);
        }
    }
    drop(pairs);
    // Not every provider reads a plus as a space, and all of them read this.
    let query = url.query().unwrap_or_default().replace('+', "%20");
    url.set_query(Some(&query));
    url.into()
}

/// Who are you?
pub fn identify(base: &Url) -> String {
    ask(base, &[("verb", Some("Identify"))])
}

/// The first page of a list: `ListRecords`, or `ListIdentifiers`.
pub fn list(base: &Url, verb: &str, selection: Selection<'_>) -> String {
    let Selection { prefix, set, from, until } = selection;
    ask(base, &[("verb", Some(verb)), ("metadataPrefix", Some(prefix)), ("set", set), ("from", from), ("until", until)])
}

/// The page of a list to which this token leads.
pub fn list_on(base: &Url, verb: &str, token: &str) -> String {
    ask(base, &[("verb", Some(verb)), ("resumptionToken", Some(token))])
}

/// One record.
pub fn get_record(base: &Url, prefix: &str, identifier: &str) -> String {
    ask(base, &[("verb", Some("GetRecord")), ("metadataPrefix", Some(prefix)), ("identifier", Some(identifier))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_address_stays_and_tokens_are_encoded() {
        let base = Url::parse("https://museum.example/oai?db=x#top").ok();
        let asked = base.map(|base| list_on(&base, "ListRecords", "a b+c&d/é=")).unwrap_or_default();
        assert_eq!(asked, "https://museum.example/oai?db=x&verb=ListRecords&resumptionToken=a%20b%2Bc%26d%2F%C3%A9%3D");
    }
}
