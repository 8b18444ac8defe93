//! The log at its boundary, over a disk that keeps a prefix of what was written, its last write torn.

mod crash;
mod disk;
mod reading;
mod rig;
