//! The SPARQL door and the pages.
