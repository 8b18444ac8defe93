//! The log at its boundary, over a disk that keeps a prefix of what was written, its last write torn.

mod all_at_once;
mod cleaning;
mod crash;
mod disk;
mod letting_go;
mod opening;
mod reading;
mod rig;
