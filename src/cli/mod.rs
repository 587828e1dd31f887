//! What did you ask for? One file a command.
