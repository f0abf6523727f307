//! Lists of the real world, as docs/import.md imports them: Northwind's customers, and the companies of an index.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Program, TestApp};

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

/// Imports a copy of the file, as what is refused is written beside it.
fn import(app: &TestApp, file: &Path, more: &[&str]) -> Json {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join(file.file_name().unwrap());
    std::fs::copy(file, &copy).unwrap();
    let arguments = ["import", copy.to_str().unwrap(), "--json"];
    let output = Program::new(app.database_url(), arguments.iter().chain(more)).output();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// The commands of a block of the documentation, word by word.
fn documented(part: &str) -> Vec<Vec<String>> {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/import.md")).unwrap();
    let block = text.split(part).nth(1).unwrap().split("```sh\n").nth(1).unwrap();
    let block = block.split("```").next().unwrap().replace("\\\n", " ");
    let commands = block.lines().filter(|line| line.starts_with("shoal import "));
    let words = commands.map(|line| line.split_whitespace().skip(3).map(str::to_owned).collect());
    words.collect()
}

/// Runs them, and answers what became of the rows: created, updated, unchanged, refused.
fn follow(app: &TestApp, file: &Path, part: &str) -> Vec<[i64; 4]> {
    let commands = documented(part);
    let run = |words: Vec<String>| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let told = import(app, file, &words);
        ["created", "updated", "unchanged", "refused"].map(|name| told[name].as_i64().unwrap())
    };
    commands.into_iter().map(run).collect()
}

#[tokio::test]
async fn northwind_is_a_sequence() {
    let Some(file) = reference("northwind/customers.csv") else { return };
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        let told = follow(&app, &file, "## Northwind, as a sequence");
        assert_eq!(told, [[93, 0, 0, 0], [93, 0, 0, 0]], "{backend}");
        let query = "{ valid: accounts(filter: {phones: {some: {label: {eq: WORK}, valid: {eq: true}}}}) { totalCount }
            alfki: accounts(filter: {externalIds: {some: {key: {eq: \"ALFKI\"}}}}) {
                nodes { name contacts { nodes { displayName jobTitle account { name } } } addresses { country } } } }";
        let data = app.data(query, json!({})).await;
        let expected = json!([{"name": "Alfreds Futterkiste", "addresses": [{"country": "DE"}], "contacts": {"nodes": [
            {"displayName": "Maria Anders", "jobTitle": "Sales Representative", "account": {"name": "Alfreds Futterkiste"}}]}}]);
        assert_eq!(data["alfki"]["nodes"], expected);
        assert_eq!(data["valid"]["totalCount"], 48, "{backend}");
        let again = follow(&app, &file, "## Northwind, as a sequence");
        assert_eq!(again, [[0, 0, 93, 0], [0, 0, 93, 0]], "{backend}");
    }
}

#[tokio::test]
async fn five_hundred_companies() {
    let Some(file) = reference("companies/sp500.csv") else { return };
    let words = [
        "--type",
        "Account",
        "--map",
        "Symbol=externalIds.0.key",
        "--set",
        "externalIds.0.system=ticker",
        "--map",
        "GICS Sector=tags",
        "--map",
        "GICS Sub-Industry=industry",
        "--map",
        "Headquarters Location=addresses.0.city",
    ];
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        let told = import(&app, &file, &words);
        assert_eq!((&told["created"], &told["refused"]), (&json!(464), &json!(39)), "{backend}: {told}");
        let first = &told["errors"][0];
        assert_eq!(first["errors"][0]["column"], "Founded", "{backend}: {told}");
        let query = "{ accounts { totalCount } tags { totalCount }
            one: accounts(filter: {externalIds: {some: {key: {eq: \"MMM\"}}}}) { nodes { name industry foundedYear tags { name } addresses { city } } } }";
        let data = app.data(query, json!({})).await;
        assert_eq!(
            (&data["accounts"]["totalCount"], &data["tags"]["totalCount"]),
            (&json!(464), &json!(11)),
            "{data}"
        );
        let expected = json!([{"name": "3M", "industry": "Industrial Conglomerates", "foundedYear": 1902,
            "tags": [{"name": "Industrials"}], "addresses": [{"city": "Saint Paul, Minnesota"}]}]);
        assert_eq!(data["one"]["nodes"], expected);
        let again = import(&app, &file, &words);
        assert_eq!((&again["created"], &again["refused"]), (&json!(0), &json!(39)), "{backend}: {again}");
    }
}
