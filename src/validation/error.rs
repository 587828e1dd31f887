//! What can stop a validation. A record that breaks a rule is none of these: it gets a finding.

/// Why nothing could be validated.
#[derive(Debug, thiserror::Error)]
pub enum ValidationError {
    /// Shapes that are no RDF.
    #[error("the shapes in {name} are not well-formed Turtle: {reason}")]
    Syntax {
        /// Which file.
        name: String,
        /// What the parser said, with line and column.
        reason: String,
    },
    /// RDF that is no SHACL.
    #[error("the shapes in {name} cannot be used: {reason}")]
    Shapes {
        /// Which file.
        name: String,
        /// What is wrong with them.
        reason: String,
    },
    /// A graph that could not be validated.
    #[error("the shapes could not be tried on {what}: {reason}")]
    Graph {
        /// Which graph or record.
        what: String,
        /// What went wrong.
        reason: String,
    },
}
