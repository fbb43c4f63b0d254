//! Requests and answers as the log shows them: cut where they are long, without secrets, and put into words only where
//! they are logged.

use std::fmt::{self, Write};

use hyper::header::{AUTHORIZATION, COOKIE, HeaderMap, PROXY_AUTHORIZATION};
use hyper::http::request::Parts;
use hyper::{StatusCode, Version};
use kotare_config::json::format::{self, Shape};
use kotare_config::schema;
use serde_json::Value;

/// How much of a message is shown, in bytes; the same as Kea's.
pub(super) const LONGEST: usize = 1024;

/// Whether a header of this name may carry a password.
pub(super) fn is_secret(name: &str) -> bool {
    [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE]
        .iter()
        .any(|secret| name.trim().eq_ignore_ascii_case(secret.as_str()))
}

/// A request: its line, its headers, and its command if that could be read.
pub(super) struct Asked<'a>(pub(super) &'a Parts, pub(super) Option<&'a Value>);

/// An answer.
pub(crate) struct Answered<'a> {
    pub(crate) version: Version,
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// A command that is posted to this path.
pub(crate) struct Posted<'a> {
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(parts, command) = self;
        let mut cut = Cut { f, left: LONGEST };
        write!(cut, "{} {} {:?}", parts.method, parts.uri, parts.version)?;
        headers(&mut cut, &parts.headers)?;
        match command {
            None => Ok(()),
            Some(command) => write!(cut, "\n\n{}", format::text(&schema::redacted(command), Shape::Line)),
        }
    }
}

impl fmt::Display for Answered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cut = Cut { f, left: LONGEST };
        write!(cut, "{:?} {}", self.version, self.status)?;
        headers(&mut cut, self.headers)?;
        body(&mut cut, self.body)
    }
}

impl fmt::Display for Posted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cut = Cut { f, left: LONGEST };
        write!(cut, "POST {} {:?}", self.path, Version::HTTP_11)?;
        headers(&mut cut, self.headers)?;
        body(&mut cut, self.body)
    }
}

fn headers(cut: &mut Cut<'_, '_>, headers: &HeaderMap) -> fmt::Result {
    for (name, value) in headers {
        match is_secret(name.as_str()) {
            true => write!(cut, "\n{name}: *****")?,
            false => write!(cut, "\n{name}: {}", String::from_utf8_lossy(value.as_bytes()))?,
        }
    }
    Ok(())
}

fn body(cut: &mut Cut<'_, '_>, body: &[u8]) -> fmt::Result {
    // What is beyond is not looked at.
    let body = &body[..body.len().min(2 * LONGEST)];
    write!(cut, "\n\n{}", without_secrets(&String::from_utf8_lossy(body)))
}

/// Writes so much and leaves the rest out.
struct Cut<'a, 'f> {
    f: &'a mut fmt::Formatter<'f>,
    left: usize,
}

impl Write for Cut<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.left == 0 {
            return Ok(());
        }
        if text.len() <= self.left {
            self.left -= text.len();
            return self.f.write_str(text);
        }
        let end = text.floor_char_boundary(self.left);
        self.left = 0;
        self.f.write_str(&text[..end])?;
        write!(self.f, "… (cut at {LONGEST} bytes)")
    }
}

/// The text of an answer without the passwords and secrets in it. Its end may be missing.
fn without_secrets(mut text: &str) -> String {
    let mut shown = String::new();
    while let Some(at) =
        ["password\": \"", "secret\": \""].iter().filter_map(|key| Some(text.find(key)? + key.len())).min()
    {
        shown += &text[..at];
        shown += "*****";
        // A quote behind a backslash is a part of it.
        let mut escaped = false;
        let end = text[at..].find(|c| {
            let is_end = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            is_end
        });
        text = end.map_or("", |end| &text[at + end..]);
    }
    shown + text
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use hyper::header::HeaderValue;
    use serde_json::json;

    use super::*;

    /// A request is shown as it came, but for its credentials and the passwords in its command.
    #[test]
    fn requests_have_no_secrets() {
        let request = Request::post("/x").header("Authorization", "Basic c2VjcmV0").header("A", "b").body(());
        let (parts, ()) = request.unwrap().into_parts();
        assert_eq!(Asked(&parts, None).to_string(), "POST /x HTTP/1.1\nauthorization: *****\na: b");
        let command = json!({"command": "config-set", "arguments": {"password": "secret"}});
        let shown = Asked(&parts, Some(&command)).to_string();
        assert!(
            shown
                .ends_with("\n\n{ \"command\": \"config-set\", \"arguments\": { \"password\": \"*****\" } }"),
            "{shown}"
        );
    }

    /// So is what is posted.
    #[test]
    fn posted_commands_have_no_secrets() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Basic c2VjcmV0"));
        let posted = Posted { path: "/", headers: &headers, body: br#"{ "password": "secret" }"# };
        let shown = "POST / HTTP/1.1\nauthorization: *****\n\n{ \"password\": \"*****\" }";
        assert_eq!(posted.to_string(), shown);
    }

    /// So is an answer; both end where they are long.
    #[test]
    fn answers_have_no_secrets_and_an_end() {
        let mut headers = HeaderMap::new();
        headers.insert("a", HeaderValue::from_static("b"));
        let shown = |body: String| {
            let answered = Answered {
                version: Version::HTTP_11,
                status: StatusCode::OK,
                headers: &headers,
                body: body.as_bytes(),
            };
            answered.to_string()
        };
        let body =
            format::text(&json!({"password": "a\\\"b", "x": [{"shared-secret": ""}, "c"]}), Shape::Line);
        assert_eq!(
            shown(body),
            "HTTP/1.1 200 OK\na: b\n\n{ \"password\": \"*****\", \"x\": [ { \"shared-secret\": \"*****\" }, \"c\" ] }"
        );
        let shown = shown("é".repeat(1000));
        assert!(shown.ends_with("é… (cut at 1024 bytes)") && shown.len() < LONGEST + 30, "{shown}");
    }
}
