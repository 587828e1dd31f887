//! An OAI-PMH provider on this machine, as good or as bad as a test wants it.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

/// What a provider may do wrong.
#[expect(clippy::struct_excessive_bools, reason = "each fault is its own")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// Every n-th request is answered 503 with `Retry-After: 0`.
    pub(crate) busy_every: Option<usize>,
    /// This page (from 0) breaks off so many times.
    pub(crate) truncated: Option<(usize, usize)>,
    /// The token to this page is not known the first so many times.
    pub(crate) lost_token: Option<(usize, usize)>,
    /// The same with HTTP instead of OAI-PMH's words.
    pub(crate) lost_by_http: bool,
    /// The last page's token leads to itself.
    pub(crate) endless: bool,
    /// Tokens forget the set.
    pub(crate) forgets_set: bool,
    /// Times are written without a zone.
    pub(crate) local_time: bool,
    /// Times of day are announced, and refused.
    pub(crate) refuses_times: bool,
    /// The list claims so many records more than it has.
    pub(crate) claims_more: usize,
    /// The list leaves the last so many records out.
    pub(crate) hides: usize,
    /// The process that serves has a page on which it always fails with 500.
    pub(crate) dead_page: Option<usize>,
}

/// One record of the provider.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) stamp: String,
    pub(crate) sets: Vec<String>,
    /// The metadata; nothing where it is deleted.
    pub(crate) metadata: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Inside {
    pub(crate) records: BTreeMap<String, Entry>,
    pub(crate) faults: Faults,
    pub(crate) page: usize,
    /// Every query string that was asked, in order.
    pub(crate) asked: Vec<String>,
    pub(crate) now: String,
    /// Records that are made when they are asked for, beside those above.
    pub(crate) made: usize,
    failures: BTreeMap<&'static str, usize>,
}

/// A provider that answers until it is dropped.
pub(crate) struct Provider {
    pub(crate) address: SocketAddr,
    pub(crate) inside: Arc<Mutex<Inside>>,
    _waiting: tokio::runtime::Runtime,
}

impl Provider {
    pub(crate) fn new() -> Self {
        let inside = Inside { page: 3, now: "2024-06-01T00:00:00Z".to_owned(), ..Inside::default() };
        let inside = Arc::new(Mutex::new(inside));
        let waiting = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let pages = Router::new().route("/oai", get(answer)).with_state(Arc::clone(&inside));
        let listener = waiting.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        waiting.spawn(async move { axum::serve(listener, pages).await.unwrap() });
        Self { address, inside, _waiting: waiting }
    }

    /// A provider of so many records, one a day from 2024-01-01 on, a page of three each.
    pub(crate) fn of(count: usize) -> Self {
        let provider = Self::new();
        for number in 0..count {
            provider.put(number, &format!("jug {number}"));
        }
        provider
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/oai", self.address)
    }

    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut Inside) -> T) -> T {
        change(&mut self.inside.lock().unwrap())
    }

    pub(crate) fn faults(&self, faults: Faults) {
        self.with(|i| {
            i.faults = faults;
            i.failures.clear();
        });
    }

    pub(crate) fn put(&self, number: usize, title: &str) {
        let stamp = format!("2024-{:02}-{:02}T10:00:00Z", number / 28 % 12 + 1, number % 28 + 1);
        self.put_at(&identifier(number), &stamp, Some(edm(number, title)));
    }

    pub(crate) fn put_at(&self, identifier: &str, stamp: &str, metadata: Option<String>) {
        let sets = vec![if identifier.ends_with(['0', '2', '4', '6', '8']) { "even".to_owned() } else { "odd".to_owned() }];
        let entry = Entry { stamp: stamp.to_owned(), sets, metadata };
        self.with(|i| i.records.insert(identifier.to_owned(), entry));
    }

    /// How often something was asked whose address holds this.
    pub(crate) fn times_asked(&self, what: &str) -> usize {
        self.with(|i| i.asked.iter().filter(|a| a.contains(what)).count())
    }
}

pub(crate) fn identifier(number: usize) -> String {
    format!("oai:museum.example:{number:06}")
}

pub(crate) fn cho(number: usize) -> String {
    format!("http://museum.example/cho/{number}")
}

/// A small record of external EDM, without the namespaces that stand on the answer.
pub(crate) fn edm(number: usize, title: &str) -> String {
    format!(
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:edm=\"http://www.europeana.eu/schemas/edm/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:ore=\"http://www.openarchives.org/ore/terms/\">\
         <edm:ProvidedCHO rdf:about=\"{cho}\"><dc:title xml:lang=\"en\">{title}</dc:title><dc:type>jug</dc:type><edm:type>IMAGE</edm:type></edm:ProvidedCHO>\
         <ore:Aggregation rdf:about=\"{cho}/aggregation\"><edm:aggregatedCHO rdf:resource=\"{cho}\"/><edm:dataProvider>A museum</edm:dataProvider>\
         <edm:isShownBy rdf:resource=\"http://museum.example/pictures/{number}.jpg\"/>\
         <edm:provider>A museum</edm:provider><edm:rights rdf:resource=\"http://creativecommons.org/publicdomain/zero/1.0/\"/></ore:Aggregation></rdf:RDF>",
        cho = cho(number)
    )
}

async fn answer(State(inside): State<Arc<Mutex<Inside>>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let mut inside = inside.lock().unwrap();
    inside.asked.push(query.clone());
    if inside.faults.busy_every.is_some_and(|n| inside.asked.len() % n == 0) {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "0")]).into_response();
    }
    let arguments: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    inside.answer(&arguments)
}

/// Where a list stands: what a token says.
#[derive(Clone, Default)]
struct At {
    set: String,
    from: String,
    until: String,
    offset: usize,
}

impl At {
    fn token(&self) -> String {
        format!("{}|{}|{}|{}", self.set, self.from, self.until, self.offset)
    }

    fn parse(token: &str) -> Self {
        let mut parts = token.split('|').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Self { set: next(), from: next(), until: next(), offset: next().parse().unwrap_or(0) }
    }
}

impl Inside {
    fn failed(&mut self, what: &'static str, times: usize) -> bool {
        let count = self.failures.entry(what).or_default();
        *count += 1;
        *count <= times
    }

    fn answer(&mut self, arguments: &BTreeMap<String, String>) -> Response {
        let of = |name: &str| arguments.get(name).cloned().unwrap_or_default();
        let body = match of("verb").as_str() {
            "Identify" => "<Identify><repositoryName>A museum</repositoryName><baseURL>http://museum.example/oai</baseURL>\
                <protocolVersion>2.0</protocolVersion><adminEmail>a@museum.example</adminEmail><earliestDatestamp>2024-01-01T00:00:00Z</earliestDatestamp>\
                <deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
                .to_owned(),
            "GetRecord" => match self.entry(&of("identifier")) {
                Some((id, entry)) => format!("<GetRecord>{}</GetRecord>", self.record(&id, &entry)),
                None => "<error code='idDoesNotExist'/>".to_owned(),
            },
            verb @ ("ListRecords" | "ListIdentifiers") => return self.list(verb, arguments),
            _ => "<error code='badVerb'/>".to_owned(),
        };
        xml(&self.framed(&body))
    }

    fn framed(&self, body: &str) -> String {
        let date = if self.faults.local_time { self.now.trim_end_matches('Z').to_owned() } else { self.now.clone() };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\"><responseDate>{date}</responseDate>\
             <request>http://museum.example/oai</request>{body}</OAI-PMH>"
        )
    }

    fn entry(&self, id: &str) -> Option<(String, Entry)> {
        self.records.get(id).map(|e| (id.to_owned(), e.clone()))
    }

    fn header(&self, id: &str, entry: &Entry) -> String {
        let status = if entry.metadata.is_none() { " status=\"deleted\"" } else { "" };
        let stamp = if self.faults.local_time { entry.stamp.trim_end_matches('Z') } else { &entry.stamp };
        let sets: String = entry.sets.iter().flat_map(|s| ["<setSpec>", s, "</setSpec>"]).collect();
        format!("<header{status}><identifier>{id}</identifier><datestamp>{stamp}</datestamp>{sets}</header>")
    }

    fn record(&self, id: &str, entry: &Entry) -> String {
        let metadata = entry.metadata.as_ref().map(|m| format!("<metadata>{m}</metadata>")).unwrap_or_default();
        format!("<record>{}{metadata}</record>", self.header(id, entry))
    }

    fn list(&mut self, verb: &str, arguments: &BTreeMap<String, String>) -> Response {
        let of = |name: &str| arguments.get(name).cloned().unwrap_or_default();
        let token = arguments.get("resumptionToken");
        let mut at = token.map_or_else(|| At { set: of("set"), from: of("from"), until: of("until"), offset: 0 }, |t| At::parse(t));
        let error = |code: &str| format!("<error code='{code}'>so it is</error>");
        if self.faults.refuses_times && (at.from.contains('T') || at.until.contains('T')) {
            return xml(&self.framed(&error("badArgument")));
        }
        if token.is_none() && of("metadataPrefix") != "edm" {
            return xml(&self.framed(&error("cannotDisseminateFormat")));
        }
        if token.is_some() && self.faults.forgets_set {
            at.set.clear();
        }
        let page = at.offset / self.page;
        if self.faults.dead_page == Some(page) {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        if let Some((_, times)) = self.faults.lost_token.filter(|(lost, _)| *lost == page && token.is_some())
            && self.failed("token", times)
        {
            return if self.faults.lost_by_http {
                StatusCode::BAD_REQUEST.into_response()
            } else {
                xml(&self.framed(&error("badResumptionToken")))
            };
        }
        let (total, these) = self.select(&at);
        if total == 0 {
            return xml(&self.framed(&error("noRecordsMatch")));
        }
        let items: String =
            these.iter().map(|(id, entry)| if verb == "ListRecords" { self.record(id, entry) } else { self.header(id, entry) }).collect();
        let next = At { offset: at.offset + self.page, ..at.clone() };
        let size = total + self.faults.claims_more;
        let token = if next.offset < total {
            format!("<resumptionToken completeListSize=\"{size}\" cursor=\"{}\">{}</resumptionToken>", at.offset, next.token())
        } else if self.faults.endless {
            format!("<resumptionToken>{}</resumptionToken>", at.token())
        } else {
            format!("<resumptionToken completeListSize=\"{size}\" cursor=\"{}\"/>", at.offset)
        };
        let whole = self.framed(&format!("<{verb}>{items}{token}</{verb}>"));
        if let Some((_, times)) = self.faults.truncated.filter(|(broken, _)| *broken == page)
            && self.failed("page", times)
        {
            let at = whole.rfind("<ore:Aggregation").unwrap_or(whole.len() / 2);
            return xml(&whole[..at]);
        }
        xml(&whole)
    }

    /// How many records a list has, and those of one page.
    fn select(&self, at: &At) -> (usize, Vec<(String, Entry)>) {
        if self.made > 0 {
            let these = (at.offset..(at.offset + self.page).min(self.made)).map(|n| {
                let stamp = format!("2024-01-01T{:02}:{:02}:{:02}Z", n / 3600 % 24, n / 60 % 60, n % 60);
                (identifier(n), Entry { stamp, sets: Vec::new(), metadata: Some(edm(n, &format!("jug {n}"))) })
            });
            return (self.made, these.collect());
        }
        let until = if at.until.len() == 10 { format!("{}T23:59:59Z", at.until) } else { at.until.clone() };
        let fits =
            |e: &Entry| (at.set.is_empty() || e.sets.contains(&at.set)) && e.stamp >= at.from && (until.is_empty() || e.stamp <= until);
        let mut all: Vec<_> = self.records.iter().filter(|(_, e)| fits(e)).map(|(id, e)| (id.clone(), e.clone())).collect();
        all.sort_by(|a, b| (&a.1.stamp, &a.0).cmp(&(&b.1.stamp, &b.0)));
        all.truncate(all.len().saturating_sub(self.faults.hides));
        let total = all.len();
        (total, all.into_iter().skip(at.offset).take(self.page).collect())
    }
}

fn xml(text: &str) -> Response {
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], text.to_owned()).into_response()
}
