//! What does the provider say? Reading EDM in every form in which it comes, one record at a time.
