//! What others said of pictures: the tags of services and crowds, read from their files.
