//! Several scorers that look at the same pictures: the members of an ensemble. What they say stands one after the other.

use super::{ModelError, Prepared, Preparer, Provided, Scorer, Scores};
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

    /// Lets each member score, and puts what they say one behind the other.
    fn join(
        &mut self,
        pictures: usize,
        score: impl Fn(&mut dyn Scorer, usize) -> Result<Vec<Scores>, ModelError>,
    ) -> Result<Vec<Scores>, ModelError> {
        let mut all: Vec<Scores> = (0..pictures).map(|_| Scores::default()).collect();
        for (place, member) in self.members.iter_mut().enumerate() {
            for (all, own) in all.iter_mut().zip(score(member.as_mut(), place)?) {
                all.heads.extend(own.heads);
                all.found.extend(own.found);
                all.captions.extend(own.captions);
            }
        }
        Ok(all)
    }
}

impl Scorer for Together {
    fn score(&mut self, pictures: &[&Picture]) -> Result<Vec<Scores>, ModelError> {
        self.join(pictures.len(), |member, _| member.score(pictures))
    }

    fn preparer(&self) -> Option<Preparer> {
        let members: Option<Vec<Preparer>> = self.members.iter().map(|member| member.preparer()).collect();
        members.map(Preparer::together)
    }

    fn score_prepared(&mut self, prepared: &[&Prepared]) -> Result<Vec<Scores>, ModelError> {
        let missing = || ModelError::Prepare("the picture was made ready for another tagger".to_owned());
        self.join(prepared.len(), |member, place| {
            let own = prepared.iter().map(|one| one.members.get(place).ok_or_else(missing));
            member.score_prepared(&own.collect::<Result<Vec<_>, _>>()?)
        })
    }

    fn provider(&self) -> &Provided {
        &self.provided
    }
}
