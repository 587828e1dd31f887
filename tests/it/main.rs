//! What a visitor sees, room by room. Each is marked as a test, so that its helpers may unwrap.

#[cfg(test)]
mod house;
#[cfg(test)]
mod harvest;
#[cfg(test)]
mod images;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod linking;
#[cfg(test)]
mod model;
#[cfg(test)]
mod net;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod publication;
#[cfg(test)]
mod rdf;
#[cfg(test)]
mod records;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod store;
#[cfg(test)]
mod taggers;
#[cfg(test)]
mod tagging;
#[cfg(test)]
mod validation;
#[cfg(test)]
mod vocab;
