//! Files come in, and go out.

use std::path::PathBuf;
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use shoal_core::role::{ADMINISTRATOR, EMPLOYEE};
use shoal_testkit::{Backend, Exchange, Options, TestApp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::support::{both_databases, in_parallel};

both_databases!(
    a_file_comes_and_goes,
    types_are_read_from_the_bytes,
    browsers_send_forms,
    parts_of_a_file,
    who_may_have_a_file,
    what_is_thrown_away,
);

mod limits {
    use super::{limited, what_is_too_large_leaves_nothing, who_breaks_off_leaves_nothing};

    crate::support::both_databases!(
        with limited, what_is_too_large_leaves_nothing, who_breaks_off_leaves_nothing,
    );
}

mod parallel {
    use super::{in_parallel, many_at_once};

    in_parallel!(many_at_once);
}

/// Files of 1,000 bytes at the most, 2,500 in a company, and little patience.
async fn limited(backend: Backend) -> TestApp {
    let mut options = Options::default();
    options.config.files.max_bytes = 1_000;
    options.config.files.max_company_bytes = 2_500;
    options.config.server.request_timeout_seconds = 3;
    TestApp::start_with(backend, options).await
}

/// Uploads a file under a name, percent-encoded.
pub async fn send(app: &TestApp, name: &str, bytes: &[u8]) -> Exchange {
    app.http("POST", &format!("/files?name={name}"), &[], bytes).await
}

/// The id of a file that is uploaded.
pub async fn upload(app: &TestApp, name: &str, bytes: &[u8]) -> String {
    let made = send(app, name, bytes).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    made.json()["id"].as_str().unwrap().to_owned()
}

pub async fn download(app: &TestApp, id: &str) -> Exchange {
    app.http("GET", &format!("/files/{id}"), &[], b"").await
}

/// Status and code of a refusal.
#[track_caller]
fn refusal(exchange: &Exchange) -> (u16, String) {
    let code = &exchange.json()["errors"][0]["extensions"]["code"];
    (exchange.status, code.as_str().unwrap_or_else(|| panic!("{}", exchange.json())).to_owned())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Everything in the company's folder of the store.
fn stored(app: &TestApp) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(app.files().join(app.tenant_id().to_string()));
    entries.into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
}

async fn count(app: &TestApp) -> Json {
    app.data("{ files { totalCount } }", json!({})).await["files"]["totalCount"].take()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// No text.
fn some(length: usize, seed: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 31 + seed * 7 + at / 256) % 256).unwrap()).collect()
}

async fn a_file_comes_and_goes(app: TestApp) {
    // More than one part, and a rest.
    let bytes = some(2_500_000, 1);
    let made = send(&app, "%E5%AE%A2%E6%88%B7%2F..%2F%E5%90%8D%E5%8D%95%201.bin", &bytes).await;
    let told = made.json();
    let id = told["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (made.status, made.header("location"), &told),
        (
            201,
            Some(format!("/files/{id}").as_str()),
            &json!({"id": id, "name": "名单 1.bin", "size": 2_500_000, "mediaType": "application/octet-stream",
                "sha256": sha256(&bytes)})
        )
    );
    let file = download(&app, &id).await;
    assert!(file.status == 200 && file.body == bytes);
    let tag = format!("\"{}\"", sha256(&bytes));
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-length", "2500000"),
        (
            "content-disposition",
            "attachment; filename=\"__ 1.bin\"; filename*=UTF-8''%E5%90%8D%E5%8D%95%201.bin",
        ),
        ("etag", &tag),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, no-cache"),
    ] {
        assert_eq!(file.header(name), Some(value), "{name}");
    }
    let document = "query($id: ID!) { file(id: $id) {
        id name mediaType size sha256 url createdAt expiresAt version createdBy { id } record { id }
    } }";
    let known = app.data(document, json!({"id": id})).await["file"].clone();
    assert_eq!(
        known,
        json!({"id": id, "name": "名单 1.bin", "mediaType": "application/octet-stream", "size": 2_500_000,
            "sha256": sha256(&bytes), "url": format!("/files/{id}"), "createdAt": "2026-03-02T09:30:00Z",
            "expiresAt": "2026-03-03T09:30:00Z", "version": 1, "createdBy": {"id": app.user_id()}, "record": null})
    );
    // Nothing is a file, too, and so is what has no name.
    let nothing = app.http("POST", "/files", &[], b"").await.json();
    assert_eq!((&nothing["size"], &nothing["name"]), (&json!(0), &json!("file")));
    let nothing = download(&app, nothing["id"].as_str().unwrap()).await;
    assert_eq!((nothing.status, nothing.header("content-length")), (200, Some("0")));
    assert_eq!(count(&app).await, 2);
    assert!(download(&app.second_node().await, &id).await.body == bytes, "servers share them");
}

async fn types_are_read_from_the_bytes(app: TestApp) {
    let html = b"<!DOCTYPE html><script>alert(1)</script>";
    for (name, bytes, media_type, shown) in [
        ("a.txt", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png", "inline"),
        ("a.png", html, "text/html", "attachment"),
        ("a.png", b"name;tel\n", "text/plain", "attachment"),
        ("a.csv", b"%PDF-1.7\n", "application/pdf", "attachment"),
    ] {
        let headers = [("content-type", "image/png")];
        let made = app.http("POST", &format!("/files?name={name}"), &headers, bytes).await.json();
        assert_eq!((&made["name"], &made["mediaType"]), (&json!(name), &json!(media_type)));
        let file = download(&app, made["id"].as_str().unwrap()).await;
        assert_eq!(file.header("content-type"), Some(media_type));
        assert!(file.header("content-disposition").unwrap().starts_with(shown), "{name} {media_type}");
    }
}

async fn browsers_send_forms(app: TestApp) {
    let form = async |body: &str| {
        let headers = [("content-type", "multipart/form-data; boundary=XX")];
        app.http("POST", "/files", &headers, body.replace('\n', "\r\n").as_bytes()).await
    };
    let file = "--XX\nContent-Disposition: form-data; name=\"f\"; filename=\"列表.csv\"\nContent-Type: image/png\n\na,b\n";
    let note = "--XX\nContent-Disposition: form-data; name=\"note\"\n\nhello\n";
    let made = form(&format!("{note}{file}--XX--\n")).await;
    assert_eq!(
        (made.status, &made.json()["name"], &made.json()["size"]),
        (201, &json!("列表.csv"), &json!(3))
    );
    assert_eq!(&made.json()["mediaType"], "text/plain");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(download(&app, &id).await.body, b"a,b");
    for wrong in [
        format!("{note}--XX--\n"),
        format!("{file}{file}--XX--\n"),
        file.to_owned(),
        "nonsense".to_owned(),
        format!("--XX\nContent-Disposition: {}", "x".repeat(3_000_000)),
        "x".repeat(3_000_000),
    ] {
        assert_eq!(refusal(&form(&wrong).await), refused(400, "BAD_REQUEST"), "{wrong:.100}");
    }
    let headers = [("content-type", "multipart/form-data")];
    let without = app.http("POST", "/files", &headers, b"x").await;
    assert_eq!(refusal(&without), refused(400, "BAD_REQUEST"));
    assert_eq!((count(&app).await, stored(&app).len()), (json!(1), 1));
    // As with all that may change something, a cookie has to come from a page of ours.
    let company = app.tenant_id().simple().to_string();
    let cookie = format!("shoal-{}={}", &company[company.len() - 8..], app.token());
    let with = async |site: &str| {
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", site)];
        app.http_as_nobody("POST", "/files?name=a", &headers, b"x").await
    };
    assert_eq!(refusal(&with("cross-site").await), refused(403, "CSRF"));
    assert_eq!(with("same-origin").await.status, 201);
}

async fn parts_of_a_file(app: TestApp) {
    let id = upload(&app, "a.txt", b"0123456789").await;
    let with = async |method: &str, name: &str, value: &str| {
        app.http(method, &format!("/files/{id}"), &[(name, value)], b"").await
    };
    for (range, body, told) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=5-99", "56789", "bytes 5-9/10"),
    ] {
        let part = with("GET", "range", range).await;
        assert_eq!((part.status, part.header("content-range")), (206, Some(told)), "{range}");
        assert_eq!(
            (part.body.as_slice(), part.header("content-length")),
            (body.as_bytes(), Some(body.len().to_string().as_str()))
        );
    }
    let beyond = with("GET", "range", "bytes=10-").await;
    assert_eq!(
        (beyond.status, beyond.header("content-range"), beyond.body.len()),
        (416, Some("bytes */10"), 0)
    );
    assert_eq!(with("GET", "range", "bytes=0-1,4-5").await.body, b"0123456789");
    let head = with("HEAD", "accept", "*/*").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("10"), 0));
    let tag = head.header("etag").unwrap().to_owned();
    let known = with("GET", "if-none-match", &tag).await;
    assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, Some(tag.as_str())));
    for (method, path, allowed) in
        [("DELETE", format!("/files/{id}"), "GET, HEAD"), ("GET", "/files".to_owned(), "POST")]
    {
        let wrong = app.http(method, &path, &[], b"").await;
        assert_eq!(
            (refusal(&wrong), wrong.header("allow")),
            (refused(405, "METHOD_NOT_ALLOWED"), Some(allowed))
        );
    }
}

async fn who_may_have_a_file(app: TestApp) {
    let [one, other] =
        [app.user("one@company.example", EMPLOYEE).await, app.user("other@company.example", EMPLOYEE).await];
    let id = upload(&one, "a.txt", b"mine").await;
    assert_eq!((download(&one, &id).await.status, download(&app, &id).await.status), (200, 200));
    assert_eq!((count(&one).await, count(&other).await, count(&app).await), (json!(1), json!(0), json!(1)));
    let stranger = app.tenant(2).await;
    let nobody = app.nobody("nobody@company.example").await;
    let said = |exchange: &Exchange| (refusal(exchange), exchange.json()["errors"][0]["message"].clone());
    let nothing = said(&download(&app, crate::staff::NOTHING).await);
    assert_eq!(nothing.0, refused(404, "NOT_FOUND"));
    for hidden in [download(&other, &id).await, download(&stranger, &id).await, download(&nobody, &id).await]
    {
        assert_eq!(said(&hidden), nothing);
    }
    assert_eq!(said(&download(&app, "nonsense").await), nothing);
    let path = format!("/files/{id}");
    for (method, path) in [("GET", path.as_str()), ("POST", "/files")] {
        assert_eq!(
            refusal(&app.http_as_nobody(method, path, &[], b"").await),
            refused(401, "UNAUTHENTICATED")
        );
    }
    assert_eq!(refusal(&send(&nobody, "a", b"x").await), refused(403, "FORBIDDEN"));
    assert_eq!(stored(&app).len(), 1);
    let reader = app.user("reader@company.example", ADMINISTRATOR).await;
    crate::support::change(&reader, "viewerUpdate", json!({"language": "zh-CN"}), "id").await;
    assert_eq!(
        download(&reader, crate::staff::NOTHING).await.json()["errors"][0]["message"],
        "此处没有内容。"
    );
}

async fn what_is_too_large_leaves_nothing(app: TestApp) {
    let fits = some(1_000, 1);
    assert_eq!(send(&app, "fits", &fits).await.status, 201);
    let over = send(&app, "over", &some(1_001, 1)).await;
    assert_eq!(refusal(&over), refused(413, "FILE_TOO_LARGE"));
    assert_eq!(over.json()["errors"][0]["message"], "The file is larger than 1000 bytes.");
    let chunked =
        "transfer-encoding: chunked\r\n\r\n3e9\r\n".to_owned() + &"x".repeat(1_001) + "\r\n0\r\n\r\n";
    assert!(raw(&app, &chunked).await.contains("FILE_TOO_LARGE"));
    let form = |length: usize| {
        let text = "x".repeat(length);
        format!(
            "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n{text}\r\n--XX--\r\n"
        )
    };
    let headers = [("content-type", "multipart/form-data; boundary=XX")];
    let over = app.http("POST", "/files", &headers, form(1_001).as_bytes()).await;
    assert_eq!(refusal(&over), refused(413, "FILE_TOO_LARGE"));
    assert_eq!((count(&app).await, stored(&app).len()), (json!(1), 1));
    // A company has room for so much.
    assert_eq!(app.http("POST", "/files", &headers, form(1_000).as_bytes()).await.status, 201);
    assert_eq!(refusal(&send(&app, "over", &some(501, 3)).await), refused(413, "FILE_STORAGE_FULL"));
    assert_eq!(send(&app, "fits", &some(500, 3)).await.status, 201);
    for bytes in [&b"x"[..], b""] {
        assert_eq!(refusal(&send(&app, "over", bytes).await), refused(413, "FILE_STORAGE_FULL"));
    }
    assert_eq!((count(&app).await, stored(&app).len()), (json!(3), 3));
    assert_eq!(send(&app.tenant(2).await, "others", &fits).await.status, 201);
}

/// What the server says to an upload with this rest of its head and this body.
async fn raw(app: &TestApp, rest: &str) -> String {
    let mut stream = begin(app, rest).await;
    let mut answer = String::new();
    // A server that refuses a body need not read it.
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

async fn begin(app: &TestApp, rest: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.address()).await.unwrap();
    let (address, token) = (app.address(), app.token());
    let head = format!(
        "POST /files HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n"
    );
    stream.write_all((head + rest).as_bytes()).await.unwrap();
    stream
}

async fn who_breaks_off_leaves_nothing(app: TestApp) {
    // Too slow, and then gone.
    let slow = raw(&app, "content-length: 100\r\n\r\nsome").await;
    assert!(slow.starts_with("HTTP/1.1 408 ") && slow.contains("\"TIMEOUT\""), "{slow}");
    drop(begin(&app, "content-length: 100\r\n\r\nsome").await);
    drop(begin(&app, "transfer-encoding: chunked\r\n\r\n5\r\nab").await);
    assert!(raw(&app, "content-length: 3\r\ncontent-encoding: gzip\r\n\r\nabc").await.contains("415"));
    sleep(Duration::from_millis(100)).await;
    assert_eq!((count(&app).await, stored(&app).len()), (json!(0), 0));
    // So much that some of it is in the store already.
    let large = TestApp::start(app.backend()).await;
    let mut stream = begin(&large, "content-length: 3000000\r\n\r\n").await;
    stream.write_all(&some(2_900_000, 1)).await.unwrap();
    until(|| stored(&large).len() == 1).await;
    drop(stream);
    until(|| stored(&large).is_empty()).await;
    assert_eq!(count(&large).await, 0);
}

async fn until(holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("not within ten seconds");
}

async fn many_at_once(app: TestApp) {
    let uploads = (0..32).map(|number| {
        let app = app.clone();
        async move {
            let bytes = some(300_000 + number, number);
            (upload(&app, &format!("{number}.bin"), &bytes).await, bytes)
        }
    });
    let made = join_all(uploads).await;
    assert_eq!(count(&app).await, 32);
    for (id, bytes) in made {
        assert!(download(&app, &id).await.body == bytes, "{id}");
    }
}

async fn what_is_thrown_away(app: TestApp) {
    let clean_up = async || app.do_job("core.clean_up_files").await;
    let folder = app.files().join(app.tenant_id().to_string());
    let kept = upload(&app, "kept", b"kept").await;
    let contact = crate::support::contact(&app, json!({"givenName": "Anna"})).await;
    crate::support::change(&app, "fileAttach", json!({"fileId": kept, "recordId": contact.id}), "id").await;
    let mut gone = Vec::new();
    for number in 0..3 {
        gone.push(upload(&app, &format!("{number}"), b"unused").await);
    }
    // What was never told of: whole, and in part.
    let orphans = [crate::staff::NOTHING.to_owned(), format!("{}#1", crate::staff::NOTHING)];
    for orphan in &orphans {
        std::fs::write(folder.join(orphan), b"nobody's").unwrap();
    }
    let aged = |name: &str, hours: u64| {
        let file = std::fs::File::options().write(true).open(folder.join(name)).unwrap();
        let now = std::time::SystemTime::from(shoal_core::clock::Clock::now(app.clock()));
        file.set_modified(now - Duration::from_hours(hours)).unwrap();
    };
    app.clock().advance(Duration::from_hours(23));
    for name in orphans.iter().chain(&gone).chain([&kept]) {
        aged(name, 23);
    }
    clean_up().await;
    assert_eq!((count(&app).await, stored(&app).len()), (json!(4), 6), "all may be needed still");
    app.clock().advance(Duration::from_hours(2));
    clean_up().await;
    assert_eq!((count(&app).await, stored(&app)), (json!(1), vec![folder.join(&kept)]));
    assert_eq!(download(&app, &kept).await.body, b"kept");
    assert_eq!(download(&app, &gone[0]).await.status, 404);
}
