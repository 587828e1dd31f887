//! A server of the Open Inference Protocol in the place of a runtime: here one that answers as the specification has it, with fixed numbers.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use glossator::{
    images::{Limits, Picture, decode},
    model::{Bundle, Device, ModelError, Remote, RuntimeChoice, Scorer as _, Session, Settings},
    net::{self, Client},
};
use serde_json::{Value, json};

#[derive(Clone, Default)]
struct Server {
    binary: bool,
    datatype: &'static str,
    asked: Arc<Mutex<Vec<Value>>>,
}

async fn infer(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    let length = headers.get("inference-header-content-length").map_or(body.len(), |h| h.to_str().unwrap().parse().unwrap());
    let (head, data) = body.split_at(length);
    let request: Value = serde_json::from_slice(head).unwrap();
    let pictures = request["inputs"][0]["shape"][0].as_u64().unwrap();
    let numbers = request["inputs"][0]["data"].as_array().map_or(data.len() / 4, Vec::len);
    server.asked.lock().unwrap().push(request);
    if numbers as u64 != pictures * 3 * 8 * 8 {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "the data do not fit the shape" }))).into_response();
    }
    let logits: Vec<f32> = (0..pictures).flat_map(|p| [p as f32, 1.0, 2.0, 3.0]).collect();
    if server.binary {
        let told = json!({ "model_name": "tiny", "outputs": [
            { "name": "logits", "shape": [pictures, 4], "datatype": "FP32", "parameters": { "binary_data_size": logits.len() * 4 } }] });
        let head = told.to_string();
        let body: Vec<u8> = head.bytes().chain(logits.iter().flat_map(|l| l.to_le_bytes())).collect();
        return ([("inference-header-content-length", head.len().to_string())], body).into_response();
    }
    Json(json!({ "model_name": "tiny", "outputs": [{ "name": "logits", "shape": [pictures, 4], "datatype": "FP32", "data": logits }] }))
        .into_response()
}

async fn serve(server: Server) -> SocketAddr {
    let model = json!({ "name": "tiny", "versions": ["1"], "platform": "onnxruntime_onnx",
        "inputs": [{ "name": "pixel_values", "datatype": server.datatype, "shape": [-1, 3, 8, 8] }],
        "outputs": [{ "name": "logits", "datatype": "FP32", "shape": [-1, 4] }] });
    let extensions = if server.binary { vec!["classification", "binary_tensor_data"] } else { Vec::new() };
    let about = json!({ "name": "a server", "version": "2", "extensions": extensions });
    let pages = Router::new()
        .route("/v2", get(move || async move { Json(about) }))
        .route("/v2/models/tiny", get(move || async move { Json(model) }))
        .route("/v2/models/tiny/infer", post(infer))
        .with_state(server);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
    address
}

fn choice(waiting: &tokio::runtime::Runtime, address: SocketAddr) -> RuntimeChoice {
    let client = Client::new(net::Settings { allow_private: true, delay_per_host_ms: 0, retries: 0, ..net::Settings::default() }).unwrap();
    RuntimeChoice::at_server(&Settings::default(), Remote::new(client, waiting.handle().clone(), &format!("http://{address}/")))
}

fn tiny() -> (Bundle, Picture) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/model/tiny");
    let picture = decode(&std::fs::read(folder.join("golden.png")).unwrap(), &Limits::default()).unwrap();
    (Bundle::open(&folder).unwrap(), picture)
}

#[test]
fn a_server_computes_in_our_place() {
    let waiting = tokio::runtime::Runtime::new().unwrap();
    let (bundle, picture) = tiny();
    for binary in [false, true] {
        let server = Server { binary, datatype: "FP32", ..Server::default() };
        let address = waiting.block_on(serve(server.clone()));
        let mut session = Session::open(&bundle, &choice(&waiting, address), Device::Auto).unwrap();
        assert_eq!((session.provider().provider.as_str(), session.provider().runtime.contains(&address.to_string())), ("remote", true));
        let scores = session.score(&[&picture, &picture]).unwrap();
        assert_eq!(scores.iter().map(|s| s.heads[0].raw.clone()).collect::<Vec<_>>(), [[0.0, 1.0, 2.0, 3.0], [1.0, 1.0, 2.0, 3.0]]);
        let asked = server.asked.lock().unwrap().clone();
        assert_eq!(asked.len(), 1, "one request for both");
        assert_eq!(
            (asked[0]["inputs"][0]["name"].as_str(), asked[0]["outputs"][0]["name"].as_str()),
            (Some("pixel_values"), Some("logits"))
        );
        assert_eq!(asked[0]["inputs"][0]["data"].is_null(), binary);
    }
}

#[test]
fn a_server_that_does_not_fit_is_an_error() {
    let waiting = tokio::runtime::Runtime::new().unwrap();
    let (bundle, _) = tiny();
    let address = waiting.block_on(serve(Server { datatype: "UINT8", ..Server::default() }));
    let error = Session::open(&bundle, &choice(&waiting, address), Device::Auto).unwrap_err();
    assert!(matches!(&error, ModelError::Remote { .. }) && error.to_string().contains("UINT8"), "{error}");
    let silent = waiting.block_on(async { tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() });
    let error = Session::open(&bundle, &choice(&waiting, silent), Device::Auto).unwrap_err().to_string();
    assert!(error.contains("model.remote"), "{error}");
}
