//! What of it do we stand by? The policy, and the aggregator's proxy derived from what is sure enough or accepted.
