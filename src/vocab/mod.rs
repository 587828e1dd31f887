//! Which concepts exist, and how are they related? Schemes, facets, hierarchy, labels, alignments.
