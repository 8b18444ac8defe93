//! One Kafka connection on TCP: length-prefixed frames in, replies out.
//!
//! ```text
//! length: i32, big endian   frame: that many bytes
//! ```
//!
//! A length below zero or above the limit closes the connection, as in Kafka; a frame cut short is dropped.

use crate::limits::FRAME_BYTES_AHEAD;
use crate::outbox::Outbox;
use crate::settings::Settings;
use bytes::{Bytes, BytesMut};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Reads the next frame. None: the connection is over, whatever the reason.
pub async fn next_frame(input: &mut (impl AsyncRead + Unpin), settings: &Settings) -> Option<Bytes> {
    let (idle_max, bytes_max) = (settings.idle_max, settings.frame_bytes_max);
    let mut length = [0; 4];
    in_time(idle_max, input.read_exact(&mut length)).await?;
    let length = usize::try_from(i32::from_be_bytes(length)).ok().filter(|length| *length <= bytes_max)?;
    // The length is a claim: memory follows the bytes that are there.
    let mut frame = BytesMut::with_capacity(length.min(FRAME_BYTES_AHEAD));
    while frame.len() < length {
        let missing = (length - frame.len()) as u64;
        let read = in_time(idle_max, input.take(missing).read_buf(&mut frame)).await?;
        if read == 0 {
            return None;
        }
    }
    Some(frame.freeze())
}

/// Writes until the outbox is closed and empty, or the peer is gone.
pub async fn write_replies(output: &mut (impl AsyncWrite + Unpin), outbox: &Outbox) {
    while let Some(parcel) = outbox.next().await {
        if output.write_all(&parcel.head).await.is_err() || output.write_all(&parcel.frame).await.is_err() {
            outbox.abandon();
            return;
        }
        outbox.wrote(&parcel);
    }
    let _ = output.shutdown().await;
}

async fn in_time<T>(idle_max: Duration, reading: impl Future<Output = std::io::Result<T>>) -> Option<T> {
    tokio::time::timeout(idle_max, reading).await.ok()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(frame_bytes_max: &str) -> Settings {
        let pair = ("socket.request.max.bytes".to_owned(), frame_bytes_max.to_owned());
        Settings::read(vec![pair]).expect("a good setting")
    }

    #[tokio::test(flavor = "current_thread")]
    async fn frames_and_what_is_none() {
        let read = |mut bytes: &'static [u8]| async move { next_frame(&mut bytes, &settings("8")).await };
        assert_eq!(read(b"\0\0\0\x03abc\0").await.as_deref(), Some(&b"abc"[..]));
        assert_eq!(read(b"\0\0\0\0").await.as_deref(), Some(&b""[..]));
        assert_eq!(read(b"\0\0\0\x03ab").await, None, "cut short");
        assert_eq!(read(b"\0\0").await, None, "cut short");
        assert_eq!(read(b"\0\0\0\x09123456789").await, None, "longer than the limit");
        assert_eq!(read(b"\xff\xff\xff\xffabc").await, None, "negative");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_claimed_length_takes_no_memory() {
        let mut bytes: &[u8] = b"\x06\x40\0\0abc";
        assert_eq!(next_frame(&mut bytes, &settings("104857600")).await, None);
    }
}
