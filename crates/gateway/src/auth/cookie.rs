//! The cookie of a session.

use axum::http::{HeaderMap, HeaderValue, header};

/// The value of a cookie.
pub(crate) fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The name of the cookie. `__Host-` makes browsers refuse it from other hosts and without encryption; they only take
/// such a name over HTTPS.
pub(super) fn name(instance: &str, secure: bool) -> String {
    let prefix = if secure { "__Host-" } else { "" };
    format!("{prefix}shoal-{instance}")
}

/// The name of the cookie by which a browser says who has signed in with it before.
pub(super) fn device_name(instance: &str, secure: bool) -> String {
    name(&format!("device-{instance}"), secure)
}

/// Sets the cookie for so many seconds; none takes it away.
pub(super) fn set(name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if name.starts_with("__Host-") { "; Secure" } else { "" };
    let seconds = seconds.max(0);
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).ok()
}
