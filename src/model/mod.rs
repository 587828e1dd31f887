//! What does the network compute? Manifests, runtimes, devices, preprocessing, heads: tensors only.
