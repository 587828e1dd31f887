//! The bytes of an answer, as they come. A stream that ends without an error is complete.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;

use super::QueryError;

/// An answer's bytes. Dropped before its end, it kills the worker.
#[derive(Debug)]
pub struct AnswerStream {
    held: VecDeque<Bytes>,
    rest: Rest,
}

#[derive(Debug)]
enum Rest {
    /// There is none, or it was all read.
    None,
    /// It comes from here; nothing in an item says that this was all.
    From(mpsc::Receiver<Result<Option<Bytes>, QueryError>>),
}

impl AnswerStream {
    pub(super) fn whole(pieces: Vec<Bytes>) -> Self {
        Self { held: pieces.into(), rest: Rest::None }
    }

    pub(super) fn flowing(pieces: Vec<Bytes>, rest: mpsc::Receiver<Result<Option<Bytes>, QueryError>>) -> Self {
        Self { held: pieces.into(), rest: Rest::From(rest) }
    }

    /// The same once more, where all of it is there already.
    pub(super) fn copy(&self) -> Option<Self> {
        matches!(self.rest, Rest::None).then(|| Self { held: self.held.clone(), rest: Rest::None })
    }

    /// How long the answer is, where all of it is there already.
    pub fn length(&self) -> Option<u64> {
        matches!(self.rest, Rest::None).then(|| self.held.iter().map(|piece| piece.len() as u64).sum())
    }

    /// Reads all of it, if that is no more than so many bytes; nothing if it is more.
    pub async fn read(mut self, most: usize) -> Result<Option<Vec<u8>>, QueryError> {
        let mut all = Vec::new();
        while let Some(piece) = std::future::poll_fn(|context| Pin::new(&mut self).poll_next(context)).await {
            all.extend_from_slice(&piece?);
            if all.len() > most {
                return Ok(None);
            }
        }
        Ok(Some(all))
    }
}

impl Stream for AnswerStream {
    type Item = Result<Bytes, QueryError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(piece) = self.held.pop_front() {
            return Poll::Ready(Some(Ok(piece)));
        }
        let Rest::From(receiver) = &mut self.rest else { return Poll::Ready(None) };
        let item = match receiver.poll_recv(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Some(Ok(Some(piece)))) => return Poll::Ready(Some(Ok(piece))),
            Poll::Ready(Some(Ok(None))) => None,
            Poll::Ready(Some(Err(error))) => Some(Err(error)),
            Poll::Ready(None) => {
                let source = std::io::Error::other("the answer was broken off");
                Some(Err(QueryError::Worker { doing: "hear", source }))
            }
        };
        self.rest = Rest::None;
        Poll::Ready(item)
    }
}
