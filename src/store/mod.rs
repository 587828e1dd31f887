//! Where are the triples? Open, bulk load, the one writer, the sorted index, snapshots for those who ask.
