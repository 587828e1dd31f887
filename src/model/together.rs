//! Several scorers that look at the same pictures: the members of an ensemble. What they say stands one after the other.

use super::{ModelError, Provided, Scorer, Scores};
use crate::images::Picture;

/// Several scorers.
#[derive(Debug)]
pub struct Together {
    members: Vec<Box<dyn Scorer>>,
    provided: Provided,
}

impl Together {
    /// Scorers in the order in which their answers are to stand.
    pub fn new(members: Vec<Box<dyn Scorer>>) -> Self {
        let first = members.first().map(|m| m.provider().clone());
        let provided = first.unwrap_or_else(|| Provided { runtime: "none".to_owned(), provider: "none".to_owned(), why_not: Vec::new() });
        Self { members, provided }
    }
}

impl Scorer for Together {
    fn score(&mut self, pictures: &[&Picture]) -> Result<Vec<Scores>, ModelError> {
        let mut all: Vec<Scores> = pictures.iter().map(|_| Scores::default()).collect();
        for member in &mut self.members {
            for (all, own) in all.iter_mut().zip(member.score(pictures)?) {
                all.heads.extend(own.heads);
                all.found.extend(own.found);
                all.captions.extend(own.captions);
            }
        }
        Ok(all)
    }

    fn provider(&self) -> &Provided {
        &self.provided
    }
}
