//! Tensors: blocks of numbers with a shape, as they go into a network and come out of it.

use half::f16;

/// The numbers that go into a network.
#[derive(Clone, Debug)]
pub(crate) enum Numbers {
    F32(Vec<f32>),
    F16(Vec<f16>),
    U8(Vec<u8>),
    I64(Vec<i64>),
    I32(Vec<i32>),
}

/// The kind of the numbers that go into a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    F32,
    F16,
    U8,
    I64,
    I32,
}

impl Numbers {
    /// So many zeros.
    pub(crate) fn zeros(kind: Kind, count: usize) -> Self {
        match kind {
            Kind::F32 => Self::F32(vec![0.0; count]),
            Kind::F16 => Self::F16(vec![f16::ZERO; count]),
            Kind::U8 => Self::U8(vec![0; count]),
            Kind::I64 => Self::I64(vec![0; count]),
            Kind::I32 => Self::I32(vec![0; count]),
        }
    }
}

/// What goes into a network, by the input's name.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) numbers: Numbers,
}

/// What a network is asked to take: an input's name, the kind of its numbers, and the shape of one item, batch first.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) shape: Vec<usize>,
    /// Whether its first axis counts the items; else it goes in as it is.
    pub(crate) per_item: bool,
}

/// One output of a network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Output {
    pub(crate) shape: Vec<i64>,
    pub(crate) numbers: Vec<f32>,
}

impl Output {
    /// Each item's part. `[N, C]`, `[N, C, 1, 1]` and, for one item, `[C]` are the same; `None` where the output does not fall into items.
    pub(crate) fn split(&self, items: usize) -> Option<Vec<Self>> {
        let by_item = self.shape.first() == Some(&(items as i64));
        if items == 0 || !self.numbers.len().is_multiple_of(items) || !(by_item || items == 1) {
            return None;
        }
        let shape = if by_item && self.shape.len() > 1 { self.shape[1..].to_vec() } else { self.shape.clone() };
        let part = |numbers: &[f32]| Self { shape: shape.clone(), numbers: numbers.to_vec() };
        Some(self.numbers.chunks_exact((self.numbers.len() / items).max(1)).map(part).collect())
    }

    /// Its rows: the last axis is a row's width.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        let width = self.shape.last().map_or(1, |w| (*w).max(1) as usize);
        self.numbers.chunks_exact(width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_fall_into_items_whatever_their_axes() {
        let output = |shape: &[i64]| Output { shape: shape.to_vec(), numbers: (0..6_u8).map(f32::from).collect() };
        for shape in [&[2, 3][..], &[2, 3, 1, 1]] {
            let parts = output(shape).split(2).unwrap();
            assert_eq!(parts.iter().map(|p| p.numbers[0]).collect::<Vec<_>>(), [0.0, 3.0]);
        }
        assert_eq!(output(&[6]).split(1).unwrap()[0].numbers.len(), 6);
        assert_eq!(output(&[1, 2, 3]).split(1).unwrap()[0].rows().len(), 2);
        assert!(output(&[3, 2]).split(2).is_none() && output(&[6]).split(4).is_none());
    }
}
