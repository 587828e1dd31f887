//! What a visitor sees, room by room.

mod images;
mod model;
mod net;
mod tagging;
