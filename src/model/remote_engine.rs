//! A server of the Open Inference Protocol (version 2, over HTTP) as the engine of a session: `KServe`, Triton and their kin.
//!
//! Tensors travel as binary data where the server says that it takes them so, else as JSON.

use half::f16;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::{
    ModelError,
    network::{Axes, Engine},
    tensor::{Input, Kind, Numbers, Output, Wanted},
};
use crate::net::{Answered, Client, Message, wait_for};

/// The largest answer, in bytes.
const LARGEST: u64 = 1 << 30;
/// The header that tells where the JSON of a message ends and its binary tensors begin.
const HEADER_LENGTH: &str = "inference-header-content-length";

/// Where a server is, and how it is asked.
#[derive(Clone, Debug)]
pub struct Remote {
    client: Client,
    runtime: Handle,
    base: String,
}

impl Remote {
    /// The server at this address, such as `http://triton:8000`.
    pub fn new(client: Client, runtime: Handle, base: &str) -> Self {
        Self { client, runtime, base: base.trim_end_matches('/').to_owned() }
    }

    /// The address.
    pub fn base(&self) -> &str {
        &self.base
    }

    fn send(&self, path: &str, message: Message) -> Result<Answered, ModelError> {
        let (client, url) = (self.client.clone(), format!("{}{path}", self.base));
        let sent = wait_for(&self.runtime, async move { client.exchange(&url, message, LARGEST).await });
        let answer = sent.map_err(|e| self.failed(&e))?;
        if answer.status == 200 {
            return Ok(answer);
        }
        // The protocol says what is wrong in `error`.
        let told = serde_json::from_slice::<Value>(&answer.body).ok().and_then(|v| v.get("error")?.as_str().map(str::to_owned));
        Err(self.failed(&format!("{path} answers {}: {}", answer.status, told.unwrap_or_else(|| "no reason given".to_owned()))))
    }

    fn json(&self, path: &str) -> Result<Value, ModelError> {
        let answer = self.send(path, Message::default())?;
        serde_json::from_slice(&answer.body).map_err(|e| self.failed(&format!("{path} is no JSON: {e}")))
    }

    fn failed(&self, reason: &dyn std::fmt::Display) -> ModelError {
        ModelError::Remote { server: self.base.clone(), reason: reason.to_string() }
    }
}

/// A network at a server.
#[derive(Debug)]
pub(crate) struct RemoteEngine {
    remote: Remote,
    model: String,
    binary: bool,
    axes: Axes,
}

impl RemoteEngine {
    /// Asks the server for the model of this name, and looks whether it is the one that the bundle speaks of: same inputs, same outputs.
    pub(crate) fn open(remote: &Remote, name: &str, wanted: &[Wanted], outputs: &[String]) -> Result<Self, ModelError> {
        let server = remote.json("/v2")?;
        let binary = server["extensions"]
            .as_array()
            .is_some_and(|e| e.iter().filter_map(Value::as_str).any(|e| e.starts_with("binary_tensor_data")));
        let model = format!("/v2/models/{}", crate::rdf::iri::encode_segment(name));
        let told = remote.json(&model)?;
        let named = |kind: &'static str, list: &str, wanted: &str| -> Result<Value, ModelError> {
            let all = told[list].as_array().cloned().unwrap_or_default();
            let known = all.iter().filter_map(|i| i["name"].as_str().map(str::to_owned)).collect();
            let found = all.into_iter().find(|i| i["name"] == wanted);
            found.ok_or_else(|| ModelError::Tensor { kind, name: wanted.to_owned(), known })
        };
        let mut axes = None;
        for input in wanted {
            let found = named("input", "inputs", &input.name)?;
            if found["datatype"] != datatype(input.kind) {
                let reason =
                    format!("its input `{}` takes {}, and the manifest makes {}", input.name, found["datatype"], datatype(input.kind));
                return Err(remote.failed(&reason));
            }
            let shape = found["shape"].as_array().map(|s| s.iter().filter_map(Value::as_i64).collect()).unwrap_or_default();
            axes.get_or_insert(Axes(shape));
        }
        for output in outputs {
            named("output", "outputs", output)?;
        }
        Ok(Self { remote: remote.clone(), model, binary, axes: axes.unwrap_or(Axes(Vec::new())) })
    }
}

impl Engine for RemoteEngine {
    fn axes(&self) -> &Axes {
        &self.axes
    }

    fn run(&mut self, inputs: Vec<Input>, outputs: &[String]) -> Result<Vec<Output>, ModelError> {
        let message = request(&inputs, outputs, self.binary);
        let answer = self.remote.send(&format!("{}/infer", self.model), message)?;
        read(&answer, outputs).map_err(|reason| self.remote.failed(&reason))
    }
}

/// The request of an inference.
fn request(inputs: &[Input], outputs: &[String], binary: bool) -> Message {
    let (mut told, mut data) = (Vec::new(), Vec::new());
    for input in inputs {
        let (kind, numbers) = encoded(&input.numbers, binary);
        let mut one = json!({ "name": input.name, "shape": input.shape, "datatype": datatype(kind) });
        match numbers {
            Data::Json(numbers) => one["data"] = numbers,
            Data::Binary(bytes) => {
                one["parameters"] = json!({ "binary_data_size": bytes.len() });
                data.extend(bytes);
            }
        }
        told.push(one);
    }
    let named =
        |name: &String| if binary { json!({ "name": name, "parameters": { "binary_data": true } }) } else { json!({ "name": name }) };
    let head = json!({ "inputs": told, "outputs": outputs.iter().map(named).collect::<Vec<_>>() }).to_string();
    let length = head.len();
    let mut body = head.into_bytes();
    let mut headers = Vec::new();
    if binary {
        headers.push(("content-type".to_owned(), "application/octet-stream".to_owned()));
        headers.push((HEADER_LENGTH.to_owned(), length.to_string()));
        body.extend(data);
    } else {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Message { headers, body: Some(body) }
}

/// Numbers as they travel.
enum Data {
    Json(Value),
    Binary(Vec<u8>),
}

fn encoded(numbers: &Numbers, binary: bool) -> (Kind, Data) {
    /// In the order of Intel's bytes, as the extension wants it.
    fn bytes<T: Copy, const N: usize>(numbers: &[T], of: impl Fn(T) -> [u8; N]) -> Data {
        Data::Binary(numbers.iter().flat_map(|n| of(*n)).collect())
    }
    match (numbers, binary) {
        (Numbers::F32(n), true) => (Kind::F32, bytes(n, f32::to_le_bytes)),
        (Numbers::F16(n), true) => (Kind::F16, bytes(n, f16::to_le_bytes)),
        (Numbers::U8(n), true) => (Kind::U8, Data::Binary(n.clone())),
        (Numbers::I64(n), true) => (Kind::I64, bytes(n, i64::to_le_bytes)),
        (Numbers::I32(n), true) => (Kind::I32, bytes(n, i32::to_le_bytes)),
        (Numbers::F32(n), false) => (Kind::F32, Data::Json(json!(n))),
        (Numbers::F16(n), false) => (Kind::F16, Data::Json(json!(n.iter().map(|n| n.to_f32()).collect::<Vec<_>>()))),
        (Numbers::U8(n), false) => (Kind::U8, Data::Json(json!(n))),
        (Numbers::I64(n), false) => (Kind::I64, Data::Json(json!(n))),
        (Numbers::I32(n), false) => (Kind::I32, Data::Json(json!(n))),
    }
}

/// The outputs in an answer, in the order in which they were asked for.
fn read(answer: &Answered, wanted: &[String]) -> Result<Vec<Output>, String> {
    let length = match answer.header(HEADER_LENGTH) {
        Some(length) => length.parse::<usize>().ok().filter(|l| *l <= answer.body.len()).ok_or("its header length is wrong")?,
        None => answer.body.len(),
    };
    let (head, mut data) = answer.body.split_at(length);
    let head: Value = serde_json::from_slice(head).map_err(|e| format!("its answer is no JSON: {e}"))?;
    let mut found = Vec::new();
    for output in head["outputs"].as_array().ok_or("its answer has no `outputs`")? {
        let name = output["name"].as_str().unwrap_or_default().to_owned();
        let kind = output["datatype"].as_str().unwrap_or_default();
        let shape: Vec<i64> = output["shape"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
        let in_bytes = output.pointer("/parameters/binary_data_size").and_then(Value::as_u64);
        let numbers = if let Some(size) = in_bytes {
            let size = usize::try_from(size).ok().filter(|s| *s <= data.len());
            let (own, rest) = data.split_at(size.ok_or_else(|| format!("its output `{name}` ends early"))?);
            data = rest;
            from_bytes(own, kind).ok_or_else(|| format!("its output `{name}` is of the type `{kind}`, which we do not read"))?
        } else {
            let mut numbers = Vec::new();
            flatten(&output["data"], &mut numbers).ok_or_else(|| format!("its output `{name}` holds what is no number"))?;
            numbers
        };
        let expected = shape.iter().try_fold(1_i64, |all, side| all.checked_mul(*side));
        if expected != Some(numbers.len() as i64) {
            return Err(format!("its output `{name}` has {} numbers, and its shape is {shape:?}", numbers.len()));
        }
        found.push((name, Output { shape, numbers }));
    }
    let take = |name: &String| {
        let place = found.iter().position(|(n, _)| n == name);
        place.map(|place| found.swap_remove(place).1).ok_or_else(|| format!("its answer has no output `{name}`"))
    };
    wanted.iter().map(take).collect()
}

fn from_bytes(bytes: &[u8], kind: &str) -> Option<Vec<f32>> {
    Some(match kind {
        "FP32" => bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        "FP16" => bytes.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect(),
        "FP64" => bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b) as f32).collect(),
        _ => return None,
    })
}

/// Data may be nested like its shape, or flat.
fn flatten(value: &Value, into: &mut Vec<f32>) -> Option<()> {
    match value {
        Value::Array(all) => all.iter().try_for_each(|one| flatten(one, into)),
        one => {
            into.push(one.as_f64()? as f32);
            Some(())
        }
    }
}

fn datatype(kind: Kind) -> &'static str {
    match kind {
        Kind::F32 => "FP32",
        Kind::F16 => "FP16",
        Kind::U8 => "UINT8",
        Kind::I64 => "INT64",
        Kind::I32 => "INT32",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: Vec<u8>, header: Option<usize>) -> Answered {
        let headers = header.map(|h| (HEADER_LENGTH.to_owned(), h.to_string())).into_iter().collect();
        Answered { status: 200, headers, body }
    }

    #[test]
    fn the_specifications_own_example_is_written_and_read() {
        // Open Inference Protocol, HTTP/REST, "Inference Request Examples".
        let inputs = [
            Input { name: "input0".to_owned(), shape: vec![2, 2], numbers: Numbers::I32(vec![1, 2, 3, 4]) },
            Input { name: "input1".to_owned(), shape: vec![3], numbers: Numbers::U8(vec![0, 1, 0]) },
        ];
        let message = request(&inputs, &["output0".to_owned()], false);
        let sent: Value = serde_json::from_slice(&message.body.unwrap()).unwrap();
        let wanted = json!({ "inputs": [
            { "name": "input0", "shape": [2, 2], "datatype": "INT32", "data": [1, 2, 3, 4] },
            { "name": "input1", "shape": [3], "datatype": "UINT8", "data": [0, 1, 0] },
        ], "outputs": [{ "name": "output0" }] });
        assert_eq!(sent, wanted);
        let body = br#"{"id": "42", "outputs": [{"name": "output0", "shape": [3, 2], "datatype": "FP32", "data": [1.0, 1.1, 2.0, 2.1, 3.0, 3.1]}]}"#;
        let read = read(&answer(body.to_vec(), None), &["output0".to_owned()]).unwrap();
        assert_eq!((read[0].shape.as_slice(), read[0].numbers[5]), (&[3, 2][..], 3.1));
    }

    #[test]
    fn tensors_travel_as_bytes_where_the_server_takes_them() {
        let inputs = [Input { name: "x".to_owned(), shape: vec![1, 2], numbers: Numbers::F32(vec![1.0, -2.0]) }];
        let message = request(&inputs, &["y".to_owned()], true);
        let length: usize = message.headers.iter().find(|(n, _)| n == HEADER_LENGTH).unwrap().1.parse().unwrap();
        let body = message.body.unwrap();
        assert_eq!(&body[length..], [1.0_f32.to_le_bytes(), (-2.0_f32).to_le_bytes()].concat());
        let head = br#"{"outputs":[{"name":"y","datatype":"FP16","shape":[2],"parameters":{"binary_data_size":4}}]}"#;
        let whole = [head.as_slice(), &f16::from_f32(0.5).to_le_bytes(), &f16::from_f32(2.0).to_le_bytes()].concat();
        assert_eq!(read(&answer(whole, Some(head.len())), &["y".to_owned()]).unwrap()[0].numbers, [0.5, 2.0]);
    }

    #[test]
    fn an_answer_that_does_not_hold_together_is_refused() {
        for (body, header, word) in [
            (&br#"{"outputs":[{"name":"y","shape":[3],"datatype":"FP32","data":[1,2]}]}"#[..], None, "2 numbers"),
            (br#"{"outputs":[{"name":"y","shape":[1],"datatype":"FP32","data":["a"]}]}"#, None, "no number"),
            (br#"{"outputs":[]}"#, None, "no output `y`"),
            (b"<html>", None, "no JSON"),
            (
                br#"{"outputs":[{"name":"y","shape":[1],"datatype":"FP32","parameters":{"binary_data_size":4}}]}"#,
                Some(900),
                "header length",
            ),
            (br#"{"outputs":[{"name":"y","shape":[1],"datatype":"FP32","parameters":{"binary_data_size":4}}]}"#, None, "ends early"),
        ] {
            let error = read(&answer(body.to_vec(), header), &["y".to_owned()]).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
