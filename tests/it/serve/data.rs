//! The data whole: dumps by version, the stream of changes, and the forms in which others exchange annotations.

use std::{collections::BTreeMap, io::Read as _};

use glossator::jobs::{Delete, Dump, Export, Job, dump_folder, dumps};
use oxigraph::{io::RdfFormat, io::RdfParser, model::Quad};

use super::{
    client::{get, send},
    demonstration::Demonstration,
};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut all).expect("packed");
    all
}

fn turtle(bytes: &[u8]) -> Vec<Quad> {
    RdfParser::from_format(RdfFormat::Turtle).for_slice(bytes).map(|q| q.expect("Turtle")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_is_the_store_at_one_version_and_comes_out_the_same_again() {
    let demo = Demonstration::whole().await;
    assert!(get(demo.address, "/dumps", BROWSER).await.text().contains("No dump was made yet"));
    let report = demo.run(Job::Dump(Dump { keep: 2 })).await;
    let folder = demo.house.store.folder().to_path_buf();
    let first = dumps(&folder).remove(0);
    assert_eq!(report.figures["files"], first.files.len());
    let names: Vec<&str> = first.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["everything.nq.gz", "demonstration.ttl.gz", "demonstration.jsonld.gz", "demonstration.edm.zip"]);
    let at = |name: &str| format!("/lod/dumps/v{}/{name}", first.version);
    let all = get(demo.address, &at("everything.nq.gz"), "*/*").await;
    assert_eq!((all.status, all.header("content-type")), (200, Some("application/gzip")));
    let quads =
        RdfParser::from_format(RdfFormat::NQuads).for_slice(&unpacked(&all.body)).collect::<Result<Vec<_>, _>>().expect("N-Quads").len();
    assert_eq!(quads, demo.house.store.quads().len().expect("counted"));
    let said = turtle(&unpacked(&get(demo.address, &at("demonstration.ttl.gz"), "*/*").await.body));
    assert!(
        said.iter().any(|q| q.predicate.as_str().ends_with("hasBody")) && said.iter().any(|q| q.predicate.as_str().ends_with("lineage"))
    );
    let zip = get(demo.address, &at("demonstration.edm.zip"), "*/*").await;
    assert_eq!(zip::ZipArchive::new(std::io::Cursor::new(zip.body)).expect("a zip").len(), 12);

    // The same version again gives the same bytes.
    std::fs::remove_dir_all(dump_folder(&folder, first.version)).expect("removed");
    demo.run(Job::Dump(Dump { keep: 2 })).await;
    assert_eq!(dumps(&folder)[0].files, first.files);

    // Parts, tags, and names that lead nowhere.
    let part = send(demo.address, "GET", &at("everything.nq.gz"), &[("Range", "bytes=10-19")], b"").await;
    assert_eq!((part.status, part.body.as_slice()), (206, &all.body[10..20]));
    assert_eq!(part.header("content-range"), Some(format!("bytes 10-19/{}", all.body.len()).as_str()));
    let tag = all.header("etag").expect("a tag");
    assert_eq!(send(demo.address, "GET", &at("everything.nq.gz"), &[("If-None-Match", tag)], b"").await.status, 304);
    let stale = [("Range", "bytes=0-1"), ("If-Range", "\"old\"")];
    assert_eq!(send(demo.address, "GET", &at("everything.nq.gz"), &stale, b"").await.status, 200);
    assert_eq!(send(demo.address, "GET", &at("everything.nq.gz"), &[("Range", "bytes=99999999-")], b"").await.status, 416);
    let head = send(demo.address, "HEAD", &at("everything.nq.gz"), &[("Accept-Encoding", "gzip")], b"").await;
    assert_eq!(head.header("content-length"), Some(all.body.len().to_string().as_str()), "what is packed is not packed again");
    for wrong in ["dump.json", "..%2F..%2Findex.redb", "%2Fetc%2Fpasswd", "SHA256SUM"] {
        assert_eq!(get(demo.address, &at(wrong), "*/*").await.status, 404, "{wrong}");
    }
    let newest = get(demo.address, "/dumps/latest/everything.nq.gz", "*/*").await;
    assert_eq!(
        (newest.status, newest.header("location")),
        (302, Some(format!("https://enrich.example{}", at("everything.nq.gz")).as_str()))
    );
    let sums = get(demo.address, &at("SHA256SUMS"), "*/*").await.text();
    assert!(sums.contains(&format!("{}  everything.nq.gz\n", glossator::rdf::mint::checksum(&all.body))), "{sums}");

    // They are described where data sets are looked for.
    for place in ["/dumps", "/.well-known/void"] {
        let described = get(demo.address, place, "text/turtle").await.text();
        assert!(described.contains("downloadURL") && described.contains(&first.files[0].sha256), "{place}");
    }
    let page = get(demo.address, "/dumps", BROWSER).await.text();
    assert!(page.contains("demonstration.edm.zip") && page.contains(&first.files[0].sha256), "{page}");

    // Another version, another dump; the oldest go.
    let record = demo.house.store.index().page(glossator::store::Listing::ByKey, None, 2).expect("records");
    for listed in record {
        demo.run(Job::Delete(Delete { records: vec![listed.key.to_string()], data_set: None })).await;
        demo.run(Job::Dump(Dump { keep: 2 })).await;
    }
    let kept: Vec<u64> = dumps(&folder).iter().map(|dump| dump.version).collect();
    assert!(kept.len() == 2 && !kept.contains(&first.version), "{kept:?}");
}

/// Follows the stream from its beginning: what each record's newest version is.
async fn follow(at: std::net::SocketAddr) -> BTreeMap<String, String> {
    let mut versions = BTreeMap::new();
    let mut next = Some("/lod/ldes".to_owned());
    while let Some(path) = next.take() {
        let page = get(at, &path, "text/turtle").await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        let quads = turtle(&page.body);
        for quad in &quads {
            match quad.predicate.as_str().rsplit(['#', '/']).next() {
                Some("isVersionOf") => drop(versions.insert(quad.object.to_string(), quad.subject.to_string())),
                Some("node") => {
                    let iri = quad.object.to_string();
                    next =
                        Some(format!("/lod/{}", iri.trim_matches(['<', '>']).strip_prefix("https://enrich.example/lod/").expect("ours")));
                }
                _ => {}
            }
        }
    }
    versions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stream_tells_what_became_of_each_record() {
    let demo = Demonstration::whole_now().await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let before = follow(demo.address).await;
    assert!(before.len() >= 9, "{before:?}");
    let first = get(demo.address, "/ldes/after/0", "text/turtle").await;
    assert!(first.text().contains("confidence") && first.text().contains("timestampPath"), "{}", first.text());
    let tag = first.header("etag").expect("a tag").to_owned();
    assert_eq!(send(demo.address, "GET", "/ldes/after/0", &[("Accept", "text/turtle"), ("If-None-Match", &tag)], b"").await.status, 304);
    assert_eq!(get(demo.address, "/ldes", "text/turtle").await.body, get(demo.address, "/ldes", "text/turtle").await.body);
    let gone = demo.house.store.index().page(glossator::store::Listing::ByKey, None, 1).expect("records").remove(0);
    demo.run(Job::Delete(Delete { records: vec![gone.key.to_string()], data_set: None })).await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let after = follow(demo.address).await;
    let changed: Vec<&String> = after.iter().filter(|(record, version)| before.get(*record) != Some(version)).map(|(r, _)| r).collect();
    assert!(changed.len() == 1 && changed[0].contains(gone.key.as_str()), "{changed:?}");
    assert!(get(demo.address, "/ldes/after/0", "text/turtle").await.text().contains("Delete"));
    assert_eq!(get(demo.address, "/ldes/after/nonsense", "text/turtle").await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn annotations_are_shared_in_the_forms_of_others() {
    let demo = Demonstration::whole().await;
    let mut shared = BTreeMap::new();
    let mut record = None;
    for listed in demo.house.store.index().page(glossator::store::Listing::ByKey, None, 20).expect("records") {
        if listed.published {
            record.get_or_insert(listed.key.to_string());
        }
    }
    let key = record.expect("a record of which something is published");
    for form in ["europeana.json", "ntua.jsonld", "iiif-2.json", "iiif-3.json", "write-back.csv"] {
        let told = get(demo.address, &format!("/record/{key}/share/{form}"), "*/*").await;
        assert_eq!(told.status, 200, "{form}: {}", told.text());
        assert_eq!(told.header("access-control-allow-origin"), Some("*"));
        shared.insert(form, told);
    }
    assert_eq!(get(demo.address, &format!("/record/{key}/share/other"), "*/*").await.status, 404);
    let ntua = shared["ntua.jsonld"].json();
    let first = &ntua["@graph"][0];
    assert!(first["creator"]["type"] == "Software" && first["body"].as_str().is_some_and(|b| b.contains("/aat/")), "{first}");
    assert!(first["scope"].as_str().is_some_and(|s| s.contains(':')));
    let page = shared["iiif-3.json"].json();
    assert_eq!((&page["type"], &page["items"][0]["motivation"]), (&"AnnotationPage".into(), &"tagging".into()));
    assert!(page["items"][0]["body"][1]["value"].is_string() && page["items"][0]["target"].as_str().is_some_and(|t| t.starts_with("http")));
    assert_eq!(shared["iiif-2.json"].json()["@type"], "sc:AnnotationList");
    let table = shared["write-back.csv"].text();
    assert!(table.starts_with("object,identifier,title,property,concept,") && table.lines().count() > 1, "{table}");
    for annotation in shared["europeana.json"].json().as_array().expect("a list") {
        assert!(annotation["body"].as_str().is_some_and(|b| b.starts_with("http://data.europeana.eu/concept/")), "{annotation}");
    }
    // NTUA's document is RDF: each annotation with its body and, where it is calibrated, its confidence.
    let quads: Vec<Quad> = RdfParser::from_format(RdfFormat::JsonLd { profile: oxigraph::io::JsonLdProfileSet::default() })
        .for_slice(&shared["ntua.jsonld"].body)
        .map(|q| q.expect("JSON-LD"))
        .collect();
    assert!(quads.iter().any(|q| q.predicate.as_str() == "http://www.w3.org/ns/oa#hasBody"));
    for format in ["europeana", "ntua", "iiif2", "iiif3", "write-back"] {
        let report = demo.run(Job::Export(Export { format: format.to_owned(), graph: None, published: true })).await;
        assert!(report.figures["records"].as_u64().is_some_and(|n| n > 3), "{format}: {report:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tree_is_read_without_a_script() {
    let demo = Demonstration::vocabularies().await;
    let tops = get(demo.address, "/concepts", BROWSER).await;
    assert!(tops.status == 200 && tops.text().contains("Objects Facet"), "{}", tops.text());
    let address = format!("/concepts?iri={}", super::client::encoded("http://vocab.getty.edu/aat/300001573"));
    let vaults = get(demo.address, &address, BROWSER).await.text();
    for said in ["<details>", "guide term", "aria-current=\"page\"", "Objects Facet"] {
        assert!(vaults.contains(said), "{said}: {vaults}");
    }
    assert!(!vaults.contains("<script"));
    assert_eq!(get(demo.address, "/concepts?iri=http://none.example/", BROWSER).await.status, 404);
    let terms = get(demo.address, "/static/terms.json", "*/*").await.json();
    assert!(terms["names"]["skos"].as_array().is_some_and(|names| names.iter().any(|n| n == "broader")));
    let editor = get(demo.address, "/query", BROWSER).await;
    assert!(
        editor.text().contains("/static/editor.js")
            && editor.header("content-security-policy").is_some_and(|p| p.contains("script-src 'self'"))
    );
}
