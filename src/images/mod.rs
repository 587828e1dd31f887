//! What is to be seen? From a web resource to decoded pixels.
