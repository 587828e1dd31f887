//! Glossator as a visitor meets it, a file for each room.

mod vocab;
