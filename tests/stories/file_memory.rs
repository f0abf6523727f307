//! A file that is larger than the memory that it takes.
#![cfg(target_os = "linux")]

use std::path::Path;

use shoal_core::module::Modules;
use shoal_testkit::{Backend, Installation, Program};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const MIB: usize = 1 << 20;

/// MiB of the file.
const SIZE: usize = 300;

/// MiB of memory that it may take to come and to go.
const MORE: usize = 48;

fn modules() -> Modules {
    shoal::modules().with(shoal_property::Property).with(shoal_tests::Witness)
}

/// The most memory, in MiB, that a process had.
fn peak(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1024
}

#[tokio::test]
async fn large_files_stream() {
    let place = Installation::new(Backend::Sqlite, modules).await;
    let program = Path::new(env!("CARGO_BIN_EXE_witness"));
    let mut server = Program::at(program, place.database.url(), ["serve"]).serve();
    let connect = async |head: &str| {
        let mut stream = TcpStream::connect(&server.address).await.unwrap();
        let (address, token) = (&server.address, &place.token);
        let rest = format!("host: {address}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n");
        stream.write_all(format!("{head}\r\n{rest}").as_bytes()).await.unwrap();
        stream
    };
    // Warm: the first request makes what stays.
    drop(connect("GET /files/nothing HTTP/1.1").await);
    let before = peak(server.id());
    let mut stream = connect(&format!("POST /files HTTP/1.1\r\ncontent-length: {}", SIZE * MIB)).await;
    let piece: Vec<u8> = (0..MIB).map(|at| u8::try_from(at % 251).unwrap()).collect();
    for _ in 0..SIZE {
        stream.write_all(&piece).await.unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let id = answer.split_once("location: /files/").unwrap().1.split_once("\r\n").unwrap().0;
    let mut stream = connect(&format!("GET /files/{id} HTTP/1.1")).await;
    let (mut buffer, mut read) = (vec![0; MIB], 0);
    loop {
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            bytes => read += bytes,
        }
    }
    assert!((SIZE * MIB..SIZE * MIB + 2_000).contains(&read), "{read}");
    let more = peak(server.id()) - before;
    server.kill();
    assert!(more < MORE, "{more} MiB");
}
