//! `shoal load`: files of people become accounts and contacts.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Program, TestApp};

/// A file of the tests' own.
fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

/// The reference data, which is read where it lies and is not part of the repository.
fn reference(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("SHOAL_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let file = folder.join(name);
    if !file.is_file() {
        say(&format!("not tested: {} is not there (SHOAL_TEST_DATA names its folder)", file.display()));
        return None;
    }
    Some(file)
}

#[expect(clippy::print_stderr, reason = "a test that has nothing to work on must not look as if it had")]
fn say(sentence: &str) {
    eprintln!("{sentence}");
}

fn load(app: &TestApp, file: &Path, more: &[&str]) -> Output {
    let arguments = ["load".as_ref(), file.as_os_str()].into_iter().chain(more.iter().map(AsRef::as_ref));
    Program::new(app.database_url(), arguments).output()
}

/// Exit code, standard output, standard error.
fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn as_json(output: &Output) -> Json {
    let (code, out, err) = told(output);
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {code:?} {out} {err}"))
}

/// Everything a load could change.
async fn state(app: &TestApp) -> Json {
    let query = "{ accounts(first: 1000, orderBy: {id: ASC}) { totalCount nodes { id name version updatedAt tags { id } phones { id } addresses { id } } }
        contacts(first: 1000, orderBy: {id: ASC}) { totalCount nodes { id version updatedAt } } contactRoles { totalCount } }";
    app.data(query, json!({})).await
}

#[tokio::test]
async fn the_500_companies() {
    let Some(file) = reference("companies/sp500.csv") else { return };
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        let output = as_json(&load(&app, &file, &["--json"]));
        assert_eq!(output, json!({"rows": 503, "accounts": 503, "contacts": 0, "refused": []}), "{backend}");
        let query = "{ accounts { totalCount } tags { totalCount }
            one: accounts(filter: {externalIds: {some: {key: {eq: \"MMM\"}}}}) { nodes { name industry foundedYear tags { name } addresses { city region } } } }";
        let data = app.data(query, json!({})).await;
        assert_eq!((&data["accounts"]["totalCount"], &data["tags"]["totalCount"]), (&json!(503), &json!(11)));
        let expected = json!([{"name": "3M", "industry": "Industrial Conglomerates", "foundedYear": 1902,
            "tags": [{"name": "Industrials"}], "addresses": [{"city": "Saint Paul", "region": "Minnesota"}]}]);
        assert_eq!(data["one"]["nodes"], expected);
        let before = state(&app).await;
        assert_eq!(as_json(&load(&app, &file, &["--json"]))["accounts"], 503);
        assert_eq!(state(&app).await, before, "{backend}: the second load changes nothing");
    }
}

#[tokio::test]
async fn the_classic_customers() {
    let Some(file) = reference("northwind/customers.csv") else { return };
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        let output = as_json(&load(&app, &file, &["--json"]));
        assert_eq!(output, json!({"rows": 93, "accounts": 93, "contacts": 93, "refused": []}), "{backend}");
        let query = "{ valid: accounts(filter: {phones: {some: {label: {eq: WORK}, valid: {eq: true}}}}) { totalCount }
            alfki: accounts(filter: {externalIds: {some: {key: {eq: \"ALFKI\"}}}}) {
                nodes { name contacts { nodes { displayName jobTitle account { name } } } addresses { country } } } }";
        let data = app.data(query, json!({})).await;
        let expected = json!([{"name": "Alfreds Futterkiste", "addresses": [{"country": "DE"}], "contacts": {"nodes": [
            {"displayName": "Maria Anders", "jobTitle": "Sales Representative", "account": {"name": "Alfreds Futterkiste"}}]}}]);
        assert_eq!(data["alfki"]["nodes"], expected);
        assert_eq!(data["valid"]["totalCount"], 48, "{backend}");
        let before = state(&app).await;
        load(&app, &file, &[]);
        assert_eq!(state(&app).await, before, "{backend}: the second load changes nothing");
    }
}

#[tokio::test]
async fn own_files_and_refused_rows() {
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        let (code, out, err) = told(&load(&app, &own("companies.csv"), &[]));
        assert_eq!((code, out.as_str()), (Some(0), "3 rows: 3 accounts and 0 contacts saved\n"), "{err}");
        let output = load(&app, &own("customers.csv"), &["--json"]);
        assert_eq!(output.status.code(), Some(1), "some rows were refused");
        let report = as_json(&output);
        assert_eq!(
            (&report["rows"], &report["accounts"], &report["contacts"]),
            (&json!(4), &json!(2), &json!(1)),
            "{report}"
        );
        let refused: Vec<_> = report["refused"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["line"].clone(), row["fields"][0]["path"].clone()))
            .collect();
        assert_eq!(
            refused,
            [(json!(5), json!(["externalId"])), (json!(6), json!(["phones", "0", "number"]))],
            "{report}"
        );
        let (code, out, _) = told(&load(&app, &own("customers.csv"), &[]));
        assert_eq!(code, Some(1));
        assert!(out.contains("  line 6 refused: phones.0.number: "), "{out}");
        let data =
            app.data("{ accounts(orderBy: {name: ASC}) { nodes { name foundedYear } } }", json!({})).await;
        let expected = json!([
            {"name": "Blå Fjord, Inc.", "foundedYear": 1988}, {"name": "Halcyon Data", "foundedYear": 2004},
            {"name": "Nordlicht Logistik", "foundedYear": null}, {"name": "Orrery Instruments", "foundedYear": null},
            {"name": "Quill & Sons", "foundedYear": null},
        ]);
        assert_eq!(data["accounts"]["nodes"], expected);
    }
}

/// More rows than go into one mutation.
#[tokio::test]
async fn long_files_are_loaded_in_parts_but_not_by_half() {
    let companies: Vec<String> = (0..1_200).map(|number| format!("S{number},Company {number}\n")).collect();
    let file = |rows: &[String]| {
        let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
        write!(file, "Symbol,Security\n{}", rows.concat()).unwrap();
        file
    };
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        let mut rows = companies.clone();
        rows.push("S1200,Company,1200\n".to_owned());
        let (code, out, err) = told(&load(&app, file(&rows).path(), &["--json"]));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains("line 1202"), "{err}");
        let data = app.data("{ accounts { totalCount } }", json!({})).await;
        assert_eq!(
            data["accounts"]["totalCount"], 0,
            "{backend}: the last line is wrong, so nothing is loaded"
        );

        let mut rows = companies.clone();
        rows[1_100] = "S1100,\n".to_owned();
        let report = as_json(&load(&app, file(&rows).path(), &["--json"]));
        assert_eq!((&report["rows"], &report["accounts"]), (&json!(1_200), &json!(1_199)), "{backend}");
        assert_eq!((&report["refused"][0]["line"], &report["refused"][1]), (&json!(1_102), &Json::Null));
    }
}

#[tokio::test]
async fn files_that_cannot_be_read_are_told_in_a_sentence() {
    let app = TestApp::start(Backend::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&str, &[u8], &str); 9] = [
        ("columns.csv", b"a,b\n1,2\n", "the columns are not known (a, b)"),
        ("empty.csv", b"", "the columns are not known"),
        ("quote.csv", b"Symbol,Security\nA,\"Open\nB,Other\n", "the quotation mark in line 2"),
        ("lengths.csv", b"Symbol,Security\r\n\r\nA\r\n", "line 3 has 1 values, the header has 2"),
        ("nul.csv", b"Symbol,Security\nA,Alpha\nB,Be\0ta\n", "line 3 holds the character U+0000"),
        ("latin1.csv", b"Symbol,Security\nA,Caf\xe9\n", "UTF-8"),
        ("utf16.csv", b"\xff\xfeS\0y\0m\0", "UTF-8"),
        ("binary.csv", &[0, 1, 2, 255, 254], "UTF-8"),
        ("missing.csv", b"", "cannot be opened"),
    ];
    for (name, content, part) in cases {
        let file = folder.path().join(name);
        if part != "cannot be opened" {
            fs::write(&file, content).unwrap();
        }
        let (code, out, err) = told(&load(&app, &file, &["--json"]));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{name}: {err}");
        assert!(err.starts_with("shoal: ") && err.contains(part), "{name}: {err}");
        assert!(!err.contains("panicked") && err.lines().count() <= 3, "{name}: {err}");
    }
    let marked = folder.path().join("bom.csv");
    fs::write(&marked, "\u{feff}\"Symbol\",Security\r\nA,Alpha\nB,Beta\r\n").unwrap();
    let (code, out, err) = told(&load(&app, &marked, &[]));
    assert_eq!((code, out.as_str()), (Some(0), "2 rows: 2 accounts and 0 contacts saved\n"), "{err}");
}

#[tokio::test]
async fn refused_rows_are_told_by_their_line_whatever_ends_it() {
    let app = TestApp::start(Backend::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    for (content, line) in [
        ("Symbol,Security\nA,Alpha\nB,\n", 3),
        ("Symbol,Security\r\nA,Alpha\r\nB,\r\n", 3),
        ("\u{feff}Symbol,Security\r\nA,\"Al\r\npha\"\r\nB,", 4),
        ("Symbol,Security\n\n\n\nB,\n", 5),
        ("Symbol,Security\rA,Alpha\rB,\r", 3),
    ] {
        let file = folder.path().join("companies.csv");
        fs::write(&file, content).unwrap();
        let told = as_json(&load(&app, &file, &["--json"]));
        assert_eq!(told["refused"][0]["line"], line, "{content:?}: {told}");
    }
}
