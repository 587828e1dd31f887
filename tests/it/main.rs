//! What a visitor sees, tested through the doors.
mod serve;
