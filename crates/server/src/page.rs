//! `tablog serve`: hands out the page over HTTP. The broker runs in the page; nothing is kept here.

use crate::files::{self, Found};
use crate::limits::{ACCEPT_REST_MS, CONNECTIONS_MAX, REQUEST_HEAD_MS_MAX};
use crate::{Ending, listen, policy};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpStream;

/// Runs until the process is asked to end.
pub async fn serve(address: String) -> Result<(), String> {
    let mut ending = Ending::prepare()?;
    let listener = listen(&address).await?;
    let local = listener.local_addr().map_err(|error| error.to_string())?;
    let policy = HeaderValue::from_str(&policy::of(files::pages())).map_err(|error| error.to_string())?;
    let policy = Rc::new(policy);
    println!("ready http://{local}/");
    let accept = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) if Rc::strong_count(&policy) <= CONNECTIONS_MAX => {
                    tokio::task::spawn_local(converse(stream, Rc::clone(&policy)));
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(ACCEPT_REST_MS)).await,
            }
        }
    };
    tokio::select! {
        () = accept => {}
        () = ending.asked() => {}
    }
    Ok(())
}

async fn converse(stream: TcpStream, policy: Rc<HeaderValue>) {
    let service = hyper::service::service_fn(|request: Request<Incoming>| {
        let response = answer(&request, &policy);
        async { Ok::<_, Infallible>(response) }
    });
    // What goes wrong on one connection is the browser's to retry.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(REQUEST_HEAD_MS_MAX))
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn answer<B>(request: &Request<B>, policy: &HeaderValue) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    if request.method() != Method::GET && request.method() != Method::HEAD {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let (file, status) = match files::find(request.uri().path()) {
        Found::File(file) | Found::Page(file) => (file, StatusCode::OK),
        Found::Nothing(page) => (page, StatusCode::NOT_FOUND),
    };
    let headers = response.headers_mut();
    let cached = if file.is_hashed() { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cached));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type()));
    let tag = entity_tag(file.bytes);
    let is_known =
        request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    headers.insert(header::ETAG, tag);
    if is_known && status == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    *response.status_mut() = status;
    // hyper leaves the body of an answer to HEAD out and keeps its length.
    *response.body_mut() = Full::new(Bytes::from_static(file.bytes));
    response
}

fn entity_tag(bytes: &[u8]) -> HeaderValue {
    let hash: String = Sha256::digest(bytes)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: Method, path: &str) -> Response<Full<Bytes>> {
        let request = Request::builder().method(method).uri(path).body(()).expect("a request");
        answer(&request, &HeaderValue::from_static("default-src 'self'"))
    }

    #[test]
    fn every_answer_carries_the_policy_and_a_type() {
        for path in ["/", "/topics/flights", "/nothing/here"] {
            let response = ask(Method::GET, path);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        }
        assert_eq!(ask(Method::GET, "/nothing/here").status(), StatusCode::NOT_FOUND);
        assert_eq!(ask(Method::POST, "/").status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        let tag = ask(Method::GET, "/").headers()[header::ETAG].clone();
        let request =
            Request::builder().uri("/").header(header::IF_NONE_MATCH, tag).body(()).expect("a request");
        let response = answer(&request, &HeaderValue::from_static("x"));
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
    }
}
