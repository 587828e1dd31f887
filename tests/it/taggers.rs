//! Every kind of tagger, as a small bundle: that it says here what it said in Python, that what is wrong with it is refused, how bundles come,
//! and what stands in the store after they have looked.

mod coming;
mod kinds;
mod place;
mod said;
mod servers;
mod shown;
