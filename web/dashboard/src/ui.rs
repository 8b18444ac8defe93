//! Parts that speak no domain: a picture from data, a sentence, a choice, a sparkline, a dialog.

mod confirm;
mod link;
mod picture;
mod rows;
mod say;
mod segmented;
mod slide;
mod sparkline;

pub use confirm::{Confirm, Question};
pub use link::{Link, Opens};
pub use picture::Picture;
pub use rows::{Rows, Scrolling};
pub use say::{Say, say};
pub use segmented::Segmented;
pub use slide::Slide;
pub use sparkline::Sparkline;
