//! Our own OAI-PMH endpoint, harvested by ourselves into a second store: what the providers said is the same there.

use std::{path::Path, sync::Arc};

use glossator::{
    jobs::{Delete, FromOai, HarvestFrom, Ingest, Job, Looker},
    serve::{App, Runtime, Settings, Shown, router},
    store::query::{QueryPool, Settings as QuerySettings},
};

use super::{
    Place, figure, figures, harvest, oai,
    provider::{cho, edm},
};
use crate::serve::client::get;

pub(super) struct Endpoint {
    pub(super) url: String,
    waiting: tokio::runtime::Runtime,
}

impl Endpoint {
    /// What it answers to a query.
    pub(super) fn ask(&self, query: &str) -> String {
        let address = self.url.split('/').nth(2).unwrap().parse().unwrap();
        let answer = self.waiting.block_on(get(address, &format!("/oai?{query}"), "*/*"));
        assert_eq!(answer.status, 200, "{query}");
        answer.text()
    }
}

pub(super) fn serve(place: &Place) -> Endpoint {
    let waiting = tokio::runtime::Runtime::new().unwrap();
    let store = Arc::clone(&place.house.store);
    let pool = QueryPool::with_program(Arc::clone(&store), QuerySettings::default(), env!("CARGO_BIN_EXE_glossator").into());
    let settings = Settings { oai_page: 2, admin_email: "admin@enrich.example".to_owned(), ..Settings::default() };
    let shown = Shown::new(place.house.clone(), Arc::new(Looker::new(place.house.clone())), false);
    let door = {
        let _inside = waiting.enter();
        router(Arc::new(App::new(store, pool, Arc::new(shown), Runtime::default(), settings)))
    };
    let listener = waiting.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/oai", listener.local_addr().unwrap());
    waiting.spawn(async move { axum::serve(listener, door).await.unwrap() });
    Endpoint { url, waiting }
}

#[test]
fn a_second_store_is_equal_and_stays_so() {
    let (first, second) = (Place::new(), Place::new());
    let folder = tempfile::tempdir().unwrap();
    for number in 0..5 {
        std::fs::write(folder.path().join(format!("{number}.xml")), edm(number, &format!("jug {number}"))).unwrap();
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/records");
    first.run(&Job::Ingest(Ingest { paths: vec![folder.path().to_path_buf(), data], data_set: Some("all".to_owned()) }));
    let endpoint = serve(&first);
    let job = |each| Job::Harvest(harvest(HarvestFrom::Oai(FromOai { each, ..oai(&endpoint.url) })));
    let report = second.run(&job(false));
    assert_eq!(figure(&report, "new") as usize, first.chos().len(), "{:?}", report.lines);
    assert_eq!(report.exit_code(), 0);
    // Internal EDM is disseminated as external; what came as external is the same to the last statement.
    let same = |left: &Place, right: &Place| {
        let (left, right) = (left.graphs(), right.graphs());
        assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
        let mut compared = 0;
        for (cho, graph) in left.iter().filter(|(_, graph)| !graph.contains("ore/terms/Proxy>")) {
            assert_eq!(graph, &right[cho], "{cho}");
            compared += 1;
        }
        compared
    };
    assert!(same(&first, &second) >= 10);

    // One changes, one is deleted, one is new: only those travel.
    std::fs::write(folder.path().join("1.xml"), edm(1, "a jug with a new title")).unwrap();
    std::fs::write(folder.path().join("9.xml"), edm(9, "jug 9")).unwrap();
    first.run(&Job::Ingest(Ingest { paths: vec![folder.path().to_path_buf()], data_set: Some("all".to_owned()) }));
    first.run(&Job::Delete(Delete { records: vec![cho(3)], data_set: None }));
    let report = second.run(&job(false));
    let [new, changed, _, deleted, rejected] = figures(&report);
    assert_eq!((new, changed, deleted, rejected), (1, 1, 1, 0), "{:?}", report.lines);
    assert!(second.is_gone(&cho(3)));
    assert!(same(&first, &second) >= 10);

    // As Europeana's ingestion asks: headers, then each record.
    let third = Place::new();
    third.run(&job(true));
    assert!(same(&first, &third) >= 10);
    // What was internal is the same from the second store on.
    let endpoint = serve(&second);
    let fourth = Place::new();
    fourth.run(&Job::Harvest(harvest(HarvestFrom::Oai(oai(&endpoint.url)))));
    assert_eq!(fourth.graphs(), second.graphs());
}
