//! What a consumer promises.
