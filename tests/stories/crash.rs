//! `kill -9` in the middle of writing leaves all of a mutation or nothing.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Program, TestApp};

/// Sends a request and does not wait for what comes.
fn send(address: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).unwrap();
    stream
}

fn ask(address: &str, query: &str) -> Json {
    let mut answer = String::new();
    send(address, &json!({"query": query}).to_string()).read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_leaves_all_or_nothing() {
    let rows: Vec<Json> = (0..1_000)
        .map(|row| json!({"givenName": format!("G{row}"), "tags": [format!("t{row}")], "emails": [{"address": format!("a{row}@b.example")}]}))
        .collect();
    let document =
        "mutation($rows: [ContactCreate!]!) { contactCreateMany(input: $rows) { results { id } } }";
    let body = json!({"query": document, "variables": {"rows": rows}}).to_string();
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        let mut seen = 0;
        for delay in [20, 60, 120, 200, 350, 600, 5_000] {
            let mut server = Program::new(app.database_url(), ["serve"]).serve();
            let mut writing = send(&server.address, &body);
            let _ = writing.set_read_timeout(Some(Duration::from_millis(delay)));
            let _ = writing.read(&mut [0; 100]);
            server.kill();
            let server = Program::new(app.database_url(), ["serve"]).serve();
            let query = "{ contacts { totalCount } tags { totalCount } contactRoles { totalCount }
                mailed: contacts(filter: {emails: {some: {position: {eq: 0}}}}) { totalCount }
                tagged: contacts(filter: {tags: {some: {name: {startsWith: \"t\"}}}}) { totalCount } }";
            let data = &ask(&server.address, query)["data"];
            let count = data["contacts"]["totalCount"].as_u64().unwrap();
            assert_eq!(count % 1_000, 0, "{backend} after {delay} ms: {data}");
            assert_eq!(
                (&data["mailed"]["totalCount"], &data["tagged"]["totalCount"]),
                (&json!(count), &json!(count)),
                "{backend}"
            );
            assert_eq!(data["tags"]["totalCount"], if count == 0 { 0 } else { 1_000 }, "{backend}");
            assert!(count == seen || count == seen + 1_000, "{backend}: {seen} then {count}");
            seen = count;
        }
        assert!(seen > 0, "{backend}: the last one had time enough");
    }
}
