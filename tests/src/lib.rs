//! Shared ground of the tests that look at the whole from outside.
