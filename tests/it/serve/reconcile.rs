//! Reconciliation over the demonstration's vocabularies: what OpenRefine asks, and the shapes that it expects.

use serde_json::{Value, json};

use super::{
    client::{Response, encoded, get, send},
    demonstration::Demonstration,
};

async fn ask(demo: &Demonstration, queries: &Value) -> Response {
    let body = format!("queries={}", encoded(&queries.to_string()));
    send(demo.address, "POST", "/reconcile", &[("Content-Type", "application/x-www-form-urlencoded")], body.as_bytes()).await
}

fn best(answer: &Value, key: &str) -> (String, f64, bool) {
    let first = &answer[key]["result"][0];
    (first["id"].as_str().unwrap_or_default().to_owned(), first["score"].as_f64().unwrap_or(0.0), first["match"] == true)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_found_by_label_qualifier_order_and_near_spelling() {
    let demo = Demonstration::vocabularies().await;
    let answer = ask(
        &demo,
        &json!({
            "exact": { "query": "flying buttresses" },
            "case": { "query": "  Flying BUTTRESSES " },
            "without": { "query": "abbeys" },
            "with": { "query": "abbeys (monasteries)" },
            "turned": { "query": "buttresses, flying" },
            "near": { "query": "flyng butresses" },
            "iri": { "query": "https://vocab.getty.edu/page/aat/300000905" },
            "nothing": { "query": "qqqqqq" },
        }),
    )
    .await
    .json();
    let aat = |number: u32| format!("http://vocab.getty.edu/aat/{number}");
    for (key, id, least) in [
        ("exact", 300_000_905, 100.0),
        ("case", 300_000_905, 100.0),
        ("without", 300_000_642, 94.0),
        ("with", 300_000_642, 100.0),
        ("turned", 300_000_905, 90.0),
        ("near", 300_000_905, 75.0),
        ("iri", 300_000_905, 100.0),
    ] {
        let (found, score, _) = best(&answer, key);
        assert!(found == aat(id) && score >= least, "{key}: {}", answer[key]);
    }
    assert!(best(&answer, "exact").2 && !best(&answer, "near").2);
    assert_eq!(answer["nothing"]["result"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn types_narrow_and_answers_have_their_shape() {
    let demo = Demonstration::vocabularies().await;
    let manifest = get(demo.address, "/reconcile", "application/json").await;
    assert_eq!(manifest.header("access-control-allow-origin"), Some("*"));
    let manifest = manifest.json();
    assert_eq!(manifest["versions"], json!(["0.2"]));
    for field in ["name", "identifierSpace", "schemaSpace"] {
        assert!(manifest[field].is_string(), "{field}");
    }
    assert_eq!(manifest["suggest"]["entity"]["flyout_service_path"], "/flyout/entity?id=${id}");
    assert_eq!(manifest["view"]["url"], "https://enrich.example/lod/concept?iri={{id}}");
    let types: Vec<&str> = manifest["defaultTypes"].as_array().unwrap().iter().filter_map(|t| t["id"].as_str()).collect();
    assert!(types.contains(&"aat") && types.contains(&"europeana"), "{types:?}");
    let answer = ask(
        &demo,
        &json!({
            "any": { "query": "buttresses" },
            "aat": { "query": "buttresses", "type": "aat", "limit": 2 },
            "other": { "query": "buttresses", "type": ["nothing"] },
            "below": { "query": "flying buttresses", "properties": [{ "pid": "broader", "v": "buttresses" }] },
            "not below": { "query": "flying buttresses", "properties": [{ "pid": "broader", "v": "columns" }] },
        }),
    )
    .await
    .json();
    assert_eq!(answer["other"]["result"], json!([]));
    assert!(answer["aat"]["result"].as_array().unwrap().len() <= 2);
    assert!(best(&answer, "below").1 > best(&answer, "not below").1);
    for candidate in answer["any"]["result"].as_array().unwrap() {
        assert!(
            candidate["id"].is_string()
                && candidate["name"].is_string()
                && candidate["score"].is_number()
                && candidate["match"].is_boolean()
        );
        assert!(candidate["type"].as_array().unwrap().iter().all(|t| t["id"].is_string() && t["name"].is_string()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_is_told_about_what_was_found() {
    let demo = Demonstration::vocabularies().await;
    let id = "http://vocab.getty.edu/aat/300000905";
    let question = json!({ "ids": [id, "http://none.example/"], "properties": [{ "id": "broader" }, { "id": "label:en" }, { "id": "scheme" }, { "id": "exactMatch" }] });
    let answer = get(demo.address, &format!("/reconcile?extend={}", encoded(&question.to_string())), "*/*").await.json();
    assert_eq!(answer["rows"][id]["broader"][0]["id"], "http://vocab.getty.edu/aat/300000891");
    assert_eq!(answer["rows"][id]["label:en"][0]["str"], "flying buttresses");
    assert_eq!((&answer["rows"][id]["scheme"][0]["str"], answer["meta"].as_array().unwrap().len()), (&json!("aat"), 4));
    assert_eq!(answer["rows"]["http://none.example/"]["broader"], json!([]));
    let suggested = get(demo.address, "/reconcile/suggest/entity?prefix=flying", "*/*").await.json();
    assert!(suggested["result"].as_array().unwrap().iter().any(|r| r["id"] == id), "{suggested}");
    assert!(get(demo.address, "/reconcile/suggest/type?prefix=aat", "*/*").await.json()["result"][0]["id"].is_string());
    assert_eq!(get(demo.address, "/reconcile/suggest/property?prefix=broad", "*/*").await.json()["result"][0]["id"], "broader");
    assert!(get(demo.address, "/reconcile/properties?type=aat", "*/*").await.json()["properties"].as_array().unwrap().len() > 5);
    let flyout = get(demo.address, &format!("/reconcile/flyout/entity?id={}", encoded(id)), "*/*").await.json();
    assert!(flyout["id"] == id && flyout["html"].as_str().unwrap().contains("<p>buttresses ‹ "), "{flyout}");
    for (kind, id, name) in [("type", "aat", "aat (all)"), ("property", "broader", "Broader concepts")] {
        let flyout = get(demo.address, &format!("/reconcile/flyout/{kind}?id={id}"), "*/*").await.json();
        assert!(flyout["html"].as_str().unwrap().contains(name), "{flyout}");
    }
    assert_eq!(get(demo.address, "/reconcile/flyout/property?id=nothing", "*/*").await.status, 404);
    assert_eq!(get(demo.address, "/reconcile/flyout/entity", "*/*").await.status, 400);
    let preview = get(demo.address, &format!("/reconcile/preview?id={}", encoded(id)), "text/html").await;
    assert!(preview.status == 200 && preview.text().contains("flying buttresses"));
    assert!(!preview.header("content-security-policy").unwrap().contains("frame-ancestors"), "it is made to stand in a frame");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_much_or_wrong_is_refused() {
    let demo = Demonstration::vocabularies().await;
    let many: serde_json::Map<String, Value> = (0..51).map(|n| (format!("q{n}"), json!({ "query": "x" }))).collect();
    assert_eq!(ask(&demo, &many.into()).await.status, 413);
    assert_eq!(ask(&demo, &json!({ "q": { "query": "x".repeat(201) } })).await.status, 400);
    assert_eq!(ask(&demo, &json!([])).await.status, 400);
    assert_eq!(send(demo.address, "POST", "/reconcile", &[("Content-Type", "application/json")], b"{}").await.status, 415);
    assert_eq!(send(demo.address, "DELETE", "/reconcile", &[], b"").await.status, 405);
    assert_eq!(get(demo.address, "/reconcile/nothing", "*/*").await.status, 404);
    assert_eq!(get(demo.address, "/reconcile?extend=x", "*/*").await.status, 400);
    assert_eq!(send(demo.address, "OPTIONS", "/reconcile", &[], b"").await.status, 204);
}

async fn post_json(demo: &Demonstration, path: &str, body: &Value) -> Response {
    send(demo.address, "POST", path, &[("Content-Type", "application/json")], body.to_string().as_bytes()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_draft_of_the_next_version_answers_beside_it() {
    let demo = Demonstration::vocabularies().await;
    let manifest = get(demo.address, "/reconcile/1.0", "application/json").await;
    assert_eq!(manifest.header("access-control-allow-origin"), Some("*"));
    let manifest = manifest.json();
    assert_eq!((&manifest["versions"], &manifest["suggest"]["entity"]), (&json!(["1.0-draft"]), &json!(true)));
    assert_eq!(manifest["view"]["url"], "https://enrich.example/lod/concept?iri={id}");
    let condition = |kind: &str, value: &str| json!({ "matchType": kind, "propertyValue": value });
    let below = |value: &str, quantifier: &str| json!({ "matchType": "property", "propertyId": "broader", "propertyValue": value, "required": true, "matchQuantifier": quantifier });
    let id = "http://vocab.getty.edu/aat/300000905";
    let name = condition("name", "flying buttresses");
    let queries = json!({ "queries": [
        { "conditions": [name], "type": "aat", "limit": 2 },
        { "conditions": [name, below("buttresses", "any")] },
        { "conditions": [name, below("buttresses", "none")] },
        { "conditions": [condition("id", id)] },
        { "conditions": [condition("name", "qqqqqq")] },
    ] });
    let answer = post_json(&demo, "/reconcile/1.0/match", &queries).await.json();
    let ids = |place: usize| -> Vec<&str> {
        answer["results"][place]["candidates"].as_array().unwrap().iter().filter_map(|c| c["id"].as_str()).collect()
    };
    assert_eq!((ids(0)[0], ids(1)[0], ids(3).as_slice()), (id, id, &[id][..]));
    assert!(!ids(2).contains(&id) && ids(4).is_empty(), "{answer}");
    let feature = &answer["results"][0]["candidates"][0]["features"][0];
    assert!(feature["name"].is_string() && feature["value"].is_number());
    let extended = json!({ "ids": [id], "properties": [{ "id": "broader" }, { "id": "label:en" }] });
    let extended = post_json(&demo, "/reconcile/1.0/extend", &extended).await.json();
    assert_eq!(extended["rows"][0]["properties"][0]["values"][0]["id"], "http://vocab.getty.edu/aat/300000891");
    assert_eq!(extended["rows"][0]["properties"][1]["values"][0]["str"], "flying buttresses");
    let suggested = get(demo.address, "/reconcile/1.0/suggest/entity?prefix=flying&limit=1", "*/*").await.json();
    assert_eq!(suggested["result"].as_array().unwrap().len(), 1);
    let proposed = get(demo.address, "/reconcile/1.0/extend/propose?type=aat&limit=3", "*/*").await.json();
    assert_eq!((proposed["properties"].as_array().unwrap().len(), &proposed["limit"]), (3, &json!(3)));
    assert_eq!(get(demo.address, &format!("/reconcile/1.0/preview?id={}", encoded(id)), "text/html").await.status, 200);
    for (path, body, status) in [
        ("/reconcile/1.0/match", json!({ "queries": [{ "query": "x" }] }), 400),
        ("/reconcile/1.0/suggest/entity", json!({}), 405),
        ("/reconcile/1.0/nothing", json!({}), 405),
    ] {
        assert_eq!(post_json(&demo, path, &body).await.status, status, "{path}");
    }
    assert_eq!(get(demo.address, "/reconcile/1.0/match", "*/*").await.status, 405);
    assert_eq!(get(demo.address, "/reconcile/1.0/nothing", "*/*").await.status, 404);
}
