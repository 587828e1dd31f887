//! A query that can be killed: guarded before it is parsed, evaluated in a worker process over a snapshot, stopped at its deadline.
//!
//! The engine looks at its cancellation token only when it scans, and some inputs overflow its stack. So a query that comes from outside
//! never runs in this process: [`QueryPool`] hands it to a worker, whose process is killed when the time is up or nobody listens.

mod answer;
mod child;
mod classic;
mod draft;
mod error;
mod explain;
mod fair;
mod format;
mod frame;
mod guard;
mod negotiate;
mod pool;
mod pump;
mod running;
mod settings;
mod shortcut;
mod stream;
mod tokens;
mod turns;
mod worker;

pub(crate) use answer::syntax_fault;
pub use answer::{Finished, answer, write_quads};
pub use draft::DraftRequest;
pub use error::{Blame, Fault, QueryError};
pub use fair::{Allowance, FairUse, Ledger};
pub use format::{AnswerFormat, AnswerKind};
pub use frame::{Formats, Request};
pub use guard::{GuardLimits, Limit, Refusal, check, check_strictly, deepest};
pub use negotiate::{accepts, negotiate, prefers_html};
pub use pool::{Answer, QueryPool, Question};
pub use running::{Running, UnderWay};
pub use settings::Settings;
pub use shortcut::Shortcuts;
pub(crate) use shortcut::{EDGES_FILE, HIERARCHY, WORDS_FILE};
pub use stream::AnswerStream;
pub use worker::run_worker;
