//! What is running, and what comes next? The one place that knows the whole pipeline.
