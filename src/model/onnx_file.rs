//! What an ONNX file says of itself: its inputs and outputs, and the notes of whoever exported it. Weights are stepped over, not read.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read as _},
    path::Path,
};

use super::ModelError;

/// How long a single note or name may be, in bytes. Class names of the largest detectors stay well below.
const LONGEST: u64 = 4 << 20;
/// How many inputs, outputs or notes there are at most.
const MOST: usize = 10_000;

/// What an ONNX file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxFile {
    /// Its inputs.
    pub inputs: Vec<TensorInfo>,
    /// Its outputs.
    pub outputs: Vec<TensorInfo>,
    /// The notes (`metadata_props`).
    pub metadata: BTreeMap<String, String>,
}

/// An input or an output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name.
    pub name: String,
    /// Its axes; -1 is free.
    pub dims: Vec<i64>,
    /// The numbers' type, as ONNX counts them.
    pub element: u64,
}

impl TensorInfo {
    /// The numbers' type in the words of the Open Inference Protocol.
    pub fn datatype(&self) -> &'static str {
        match self.element {
            1 => "FP32",
            2 => "UINT8",
            3 => "INT8",
            4 => "UINT16",
            5 => "INT16",
            6 => "INT32",
            7 => "INT64",
            8 => "BYTES",
            9 => "BOOL",
            10 => "FP16",
            11 => "FP64",
            12 => "UINT32",
            13 => "UINT64",
            16 => "BF16",
            _ => "",
        }
    }
}

/// The file, read field by field (`onnx.proto3`).
struct Walk {
    file: BufReader<File>,
    at: u64,
}

/// A field's number and where its content ends; a plain number has its value instead.
enum Field {
    Bytes(u64, u64),
    Number(u64, u64),
    Other,
}

impl OnnxFile {
    /// Reads what the file says. A file that ends early, or is no ONNX file, is an error.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let broken = |reason: String| ModelError::File { path: path.to_owned(), reason };
        let file = File::open(path).map_err(|e| broken(e.to_string()))?;
        let end = file.metadata().map_err(|e| broken(e.to_string()))?.len();
        let mut walk = Walk { file: BufReader::new(file), at: 0 };
        let mut found = Self::default();
        let mut graph = false;
        let read = walk.each(end, &mut |walk, field| match field {
            Field::Bytes(7, end) => {
                graph = true;
                found.read_graph(walk, end)
            }
            Field::Bytes(14, end) => {
                let (key, value) = walk.pair(end)?;
                found.metadata.insert(key, value);
                if found.metadata.len() > MOST { Err("it has too many notes".to_owned()) } else { Ok(()) }
            }
            _ => Ok(()),
        });
        read.map_err(|reason| broken(format!("it is no whole ONNX file: {reason}")))?;
        if graph { Ok(found) } else { Err(broken("it is no ONNX file: there is no graph in it".to_owned())) }
    }

    fn read_graph(&mut self, walk: &mut Walk, end: u64) -> Result<(), String> {
        let mut weights = std::collections::HashSet::new();
        walk.each(end, &mut |walk, field| {
            match field {
                Field::Bytes(5, end) => {
                    weights.insert(walk.named(end, 8)?);
                }
                Field::Bytes(11, end) => self.inputs.push(walk.tensor(end)?),
                Field::Bytes(12, end) => self.outputs.push(walk.tensor(end)?),
                _ => {}
            }
            if self.inputs.len() + self.outputs.len() > 2 * MOST { Err("it has too many inputs".to_owned()) } else { Ok(()) }
        })?;
        // Old exports list their weights among the inputs.
        self.inputs.retain(|input| !weights.contains(&input.name));
        Ok(())
    }
}

impl Walk {
    /// Each field up to here; what the visitor leaves unread is stepped over.
    fn each(&mut self, end: u64, visit: &mut dyn FnMut(&mut Self, Field) -> Result<(), String>) -> Result<(), String> {
        while self.at < end {
            let key = self.number()?;
            let (number, kind) = (key >> 3, key & 7);
            match kind {
                0 => {
                    let value = self.number()?;
                    visit(self, Field::Number(number, value))?;
                }
                2 => {
                    let length = self.number()?;
                    let to = self.at.checked_add(length).filter(|to| *to <= end);
                    let to = to.ok_or_else(|| format!("it ends early, at byte {end}"))?;
                    visit(self, Field::Bytes(number, to))?;
                    self.skip_to(to)?;
                }
                1 | 5 => {
                    visit(self, Field::Other)?;
                    let to = self.at + if kind == 1 { 8 } else { 4 };
                    self.skip_to(to)?;
                }
                _ => return Err(format!("byte {} does not belong there", self.at)),
            }
        }
        Ok(())
    }

    fn skip_to(&mut self, to: u64) -> Result<(), String> {
        let by = i64::try_from(to - self.at.min(to)).map_err(|e| e.to_string())?;
        self.file.seek_relative(by).map_err(|e| e.to_string())?;
        self.at = to;
        Ok(())
    }

    /// A number of the encoding's variable length.
    fn number(&mut self) -> Result<u64, String> {
        let mut value = 0_u64;
        for place in 0..10 {
            let mut byte = [0];
            self.file.read_exact(&mut byte).map_err(|_| format!("it ends early, at byte {}", self.at))?;
            self.at += 1;
            value |= u64::from(byte[0] & 0x7f) << (7 * place).min(63);
            if byte[0] & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(format!("byte {} does not belong there", self.at))
    }

    fn text(&mut self, end: u64) -> Result<String, String> {
        let length = end - self.at;
        if length > LONGEST {
            return Err(format!("a text of it is {length} bytes long"));
        }
        let mut bytes = vec![0; length as usize];
        self.file.read_exact(&mut bytes).map_err(|e| e.to_string())?;
        self.at = end;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The text in the field of this number.
    fn named(&mut self, end: u64, wanted: u64) -> Result<String, String> {
        let mut name = String::new();
        self.each(end, &mut |walk, field| {
            if let Field::Bytes(number, end) = field
                && number == wanted
            {
                name = walk.text(end)?;
            }
            Ok(())
        })?;
        Ok(name)
    }

    fn pair(&mut self, end: u64) -> Result<(String, String), String> {
        let (mut key, mut value) = (String::new(), String::new());
        self.each(end, &mut |walk, field| {
            match field {
                Field::Bytes(1, end) => key = walk.text(end)?,
                Field::Bytes(2, end) => value = walk.text(end)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok((key, value))
    }

    /// `ValueInfoProto`: name, and within its type the element's type and the shape.
    fn tensor(&mut self, end: u64) -> Result<TensorInfo, String> {
        let mut info = TensorInfo::default();
        self.each(end, &mut |walk, field| match field {
            Field::Bytes(1, end) => {
                info.name = walk.text(end)?;
                Ok(())
            }
            Field::Bytes(2, end) => walk.each(end, &mut |walk, field| match field {
                Field::Bytes(1, end) => walk.tensor_type(end, &mut info),
                _ => Ok(()),
            }),
            _ => Ok(()),
        })?;
        Ok(info)
    }

    fn tensor_type(&mut self, end: u64, info: &mut TensorInfo) -> Result<(), String> {
        self.each(end, &mut |walk, field| match field {
            Field::Number(1, element) => {
                info.element = element;
                Ok(())
            }
            Field::Bytes(2, end) => walk.each(end, &mut |walk, field| match field {
                Field::Bytes(1, end) => {
                    let mut dim = -1;
                    walk.each(end, &mut |_, field| {
                        if let Field::Number(1, value) = field {
                            dim = value as i64;
                        }
                        Ok(())
                    })?;
                    info.dims.push(dim);
                    if info.dims.len() > 64 { Err("a shape has too many axes".to_owned()) } else { Ok(()) }
                }
                _ => Ok(()),
            }),
            _ => Ok(()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_tells_its_inputs_and_outputs() {
        let found = OnnxFile::read(Path::new("tests/data/model/tiny/model.onnx")).unwrap();
        assert_eq!((found.inputs[0].name.as_str(), found.inputs[0].dims.as_slice()), ("pixel_values", &[-1, 3, 8, 8][..]));
        assert_eq!(found.outputs.iter().map(|o| o.name.as_str()).collect::<Vec<_>>(), ["logits", "grid"]);
        assert_eq!(found.inputs[0].datatype(), "FP32");
    }

    #[test]
    fn a_file_cut_short_is_seen() {
        let whole = std::fs::read("tests/data/model/tiny/model.onnx").unwrap();
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("cut.onnx");
        for length in [whole.len() / 2, whole.len() - 3] {
            std::fs::write(&path, &whole[..length]).unwrap();
            let error = OnnxFile::read(&path).unwrap_err().to_string();
            assert!(error.contains("ends early") && error.contains("cut.onnx"), "{error}");
        }
        for other in [&b"<html>not found</html>"[..], b"", b"PK\x03\x04"] {
            std::fs::write(&path, other).unwrap();
            assert!(OnnxFile::read(&path).is_err());
        }
    }
}
