//! tract as the engine of a session: slower than ONNX Runtime, and always there.

use std::{path::Path, sync::Arc};

use tract_onnx::{Onnx, prelude::*, tract_hir::infer::Factoid as _};

use super::{
    ModelError,
    network::{Axes, Engine},
    tensor::{Input, Kind, Numbers, Output, Wanted},
};

/// A network in tract.
#[derive(Debug)]
pub(crate) struct TractEngine {
    plan: Arc<TypedRunnableModel>,
    inputs: Vec<String>,
    outputs: Vec<String>,
    axes: Axes,
}

impl TractEngine {
    /// Loads the network for inputs of these shapes (batch first), the picture's or the ids' first. A free batch axis is fixed to one item.
    pub(crate) fn load(network: &Path, inputs: &[Wanted], outputs: &[String]) -> Result<Self, ModelError> {
        let load_error = |e: TractError| ModelError::Load { path: network.to_owned(), runtime: "tract".to_owned(), reason: explain(&e) };
        // Shapes that the file notes on the way may name a free batch axis, which contradicts the one picture that we fix.
        let onnx: Onnx = tract_onnx::onnx().with_ignore_output_shapes(true).with_ignore_value_info(true);
        let mut model = onnx.model_for_path(network).map_err(load_error)?;
        check_outputs(&model, outputs)?;
        let mut first = None;
        let mut order = Vec::new();
        for wanted in inputs {
            let index = input_index(&model, &wanted.name)?;
            order.push(index);
            let declared = declared_axes(&model, index).map_err(load_error)?;
            let axes = Axes(if declared.is_empty() { vec![-1; wanted.shape.len()] } else { declared });
            let shape = if wanted.per_item { axes.concrete(&wanted.shape, 1) } else { wanted.shape.clone() };
            let fixed = shape.iter().map(ToDim::to_dim).collect::<TVec<TDim>>();
            model.set_input_fact(index, InferenceFact::dt_shape(datum_type(wanted.kind), fixed)).map_err(load_error)?;
            first.get_or_insert(axes);
        }
        let names = model.input_outlets().map_err(load_error)?.to_vec();
        let chosen: Vec<OutletId> = order.iter().filter_map(|index| names.get(*index).copied()).collect();
        model.set_input_outlets(&chosen).map_err(load_error)?;
        model.select_outputs_by_name(outputs).map_err(load_error)?;
        let plan = model.into_optimized().and_then(IntoRunnable::into_runnable).map_err(load_error)?;
        // The batch is fixed from here on, whatever the file says.
        let axes = Axes(first.unwrap_or(Axes(Vec::new())).with_batch(1));
        Ok(Self { plan, inputs: inputs.iter().map(|w| w.name.clone()).collect(), outputs: outputs.to_vec(), axes })
    }
}

fn datum_type(kind: Kind) -> DatumType {
    match kind {
        Kind::F32 => f32::datum_type(),
        Kind::F16 => f16::datum_type(),
        Kind::U8 => u8::datum_type(),
        Kind::I64 => i64::datum_type(),
        Kind::I32 => i32::datum_type(),
    }
}

fn input_index(model: &InferenceModel, name: &str) -> Result<usize, ModelError> {
    let outlets = model.input_outlets().unwrap_or_default();
    let names: Vec<String> = outlets.iter().map(|o| model.node(o.node).name.clone()).collect();
    let unknown = || ModelError::Tensor { kind: "input", name: name.to_owned(), known: names.clone() };
    names.iter().position(|n| n == name).ok_or_else(unknown)
}

fn check_outputs(model: &InferenceModel, outputs: &[String]) -> Result<(), ModelError> {
    let declared = model.output_outlets().unwrap_or_default();
    let known: Vec<String> =
        declared.iter().map(|o| model.outlet_label(*o).map_or_else(|| model.node(o.node).name.clone(), str::to_owned)).collect();
    match outputs.iter().find(|name| !known.contains(name)) {
        Some(name) => Err(ModelError::Tensor { kind: "output", name: name.clone(), known }),
        None => Ok(()),
    }
}

/// The axes that the file declares; -1 is free, and no axes at all is anything.
fn declared_axes(model: &InferenceModel, index: usize) -> TractResult<Vec<i64>> {
    let shape = &model.input_fact(index)?.shape;
    if shape.is_open() {
        return Ok(Vec::new());
    }
    Ok(shape.dims().map(|dim| dim.concretize().and_then(|d| d.to_i64().ok()).unwrap_or(-1)).collect())
}

/// The error's outermost and innermost sentence: what was being done, and what stopped it.
fn explain(error: &TractError) -> String {
    let (outer, inner) = (error.to_string(), error.root_cause().to_string());
    let reason = if outer == inner { outer } else { format!("{outer}: {inner}") };
    let reason = reason.trim_end_matches('.');
    format!("{reason}. tract does not know every operator; ONNX Runtime may load it (see `model.ort_lib`)")
}

impl Engine for TractEngine {
    fn axes(&self) -> &Axes {
        &self.axes
    }

    fn run(&mut self, mut inputs: Vec<Input>, outputs: &[String]) -> Result<Vec<Output>, ModelError> {
        let failed = |e: TractError| ModelError::Run { runtime: "tract".to_owned(), reason: format!("{e:#}") };
        let mut given = TVec::new();
        for name in &self.inputs {
            let place = inputs.iter().position(|i| i.name == *name);
            let input = place.map(|place| inputs.swap_remove(place));
            let input = input.ok_or_else(|| ModelError::Tensor { kind: "input", name: name.clone(), known: self.inputs.clone() })?;
            given.push(tensor(&input).map_err(failed)?.into());
        }
        let answer = self.plan.run(given).map_err(failed)?;
        debug_assert_eq!(outputs, self.outputs);
        answer.iter().map(|value| output(value).map_err(failed)).collect()
    }
}

fn tensor(input: &Input) -> TractResult<Tensor> {
    let shape = input.shape.as_slice();
    match &input.numbers {
        Numbers::F32(numbers) => Tensor::from_shape(shape, numbers),
        Numbers::F16(numbers) => Tensor::from_shape(shape, numbers),
        Numbers::U8(numbers) => Tensor::from_shape(shape, numbers),
        Numbers::I64(numbers) => Tensor::from_shape(shape, numbers),
        Numbers::I32(numbers) => Tensor::from_shape(shape, numbers),
    }
}

fn output(value: &Tensor) -> TractResult<Output> {
    let numbers = value.cast_to::<f32>()?;
    let numbers = numbers.to_plain_array_view::<f32>()?.iter().copied().collect();
    Ok(Output { shape: value.shape().iter().map(|s| *s as i64).collect(), numbers })
}
