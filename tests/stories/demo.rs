//! `shoal demo`: customers of invention.

use std::fs;

use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Program, TestApp};

fn demo(app: &TestApp, more: &[&str]) -> Json {
    let arguments: Vec<&str> = ["demo", "--json"].into_iter().chain(more.iter().copied()).collect();
    let output = Program::new(app.database_url(), arguments).output();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn state(app: &TestApp) -> Json {
    let query = "{ contacts(first: 1000, orderBy: {id: ASC}) { nodes { id displayName version emails { address } } } accounts { totalCount } }";
    app.data(query, json!({})).await
}

#[tokio::test]
async fn the_small_one_shows_what_there_is() {
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        assert_eq!(demo(&app, &[])[0]["contacts"], 200, "{backend}");
        // What the README asks first.
        let query = "{ decide: contacts(filter: {account: {tier: {eq: GOLD}}, jobTitle: {contains: \"manager\"}}) { totalCount }
            managers: contacts(filter: {jobTitle: {contains: \"manager\"}}) { totalCount }
            spend: accountsAggregate(groupBy: {field: TIER}) { keys count sum { annualBudget { amount currency } } }
            han: contacts(filter: {search: \"zhang\"}) { totalCount } cyrillic: contacts(filter: {search: \"ива\"}) { totalCount }
            invalid: contacts(filter: {phones: {some: {valid: {eq: false}}}}) { totalCount }
            languages: contactsAggregate(groupBy: {field: LANGUAGE}) { keys count } }";
        let data = app.data(query, json!({})).await;
        for found in ["decide", "managers", "han", "cyrillic"] {
            assert!(data[found]["totalCount"].as_i64().unwrap() > 0, "{backend}: {found}: {data}");
        }
        assert!(data["spend"].as_array().unwrap().len() > 2, "{data}");
        let languages = data["languages"].as_array().unwrap();
        assert!(languages.iter().filter(|group| group["count"].as_i64() >= Some(30)).count() == 3, "{data}");
        let before = state(&app).await;
        demo(&app, &[]);
        assert_eq!(state(&app).await, before, "{backend}: once is enough");
    }
}

#[tokio::test]
async fn more_people_are_added_to_those_who_are_there() {
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        assert_eq!(demo(&app, &["--contacts", "40"])[0]["contacts"], 40);
        let few = state(&app).await;
        let told = demo(&app, &["--contacts", "150"]);
        assert_eq!(told[0]["contacts"], 150, "{backend}: {told}");
        let many = state(&app).await;
        demo(&app, &["--contacts", "150"]);
        assert_eq!(state(&app).await, many, "{backend}: once is enough");
        let (few, many) =
            (few["contacts"]["nodes"].as_array().unwrap(), many["contacts"]["nodes"].as_array().unwrap());
        assert_eq!(few[..], many[..40], "{backend}: who was there stays as they are");
        // Somebody is there twice, and has another e-mail address or none.
        let name = |contact: &Json| contact["displayName"].as_str().unwrap().to_lowercase();
        let mut names: Vec<String> = many.iter().map(name).collect();
        names.sort();
        names.dedup();
        assert!(names.len() < many.len(), "{backend}: nobody is there twice");
        // Another seed is other people.
        assert_eq!(demo(&app, &["--contacts", "20", "--seed", "7"])[0]["contacts"], 170, "{backend}");
    }
}

#[tokio::test]
async fn lists_are_written_for_imports() {
    let folder = tempfile::tempdir().unwrap();
    let lists = |name: &str, seed: &str| {
        let folder = folder.path().join(name);
        let arguments = ["demo", "--contacts", "500", "--seed", seed, "--folder", folder.to_str().unwrap()];
        let output = Program::new("sqlite::memory:", arguments).output();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        ["companies.csv", "people.csv"].map(|name| fs::read_to_string(folder.join(name)).unwrap())
    };
    let one = lists("one", "1");
    assert_eq!(one, lists("same", "1"));
    assert_ne!(one, lists("other", "2"));
    assert_eq!(one[1].lines().count(), 501);
    for script in ["张", "Иван", "Smith"] {
        assert!(one[1].contains(script), "{script}");
    }
}

#[tokio::test]
async fn what_cannot_be_made_is_refused() {
    let app = TestApp::start(Backend::Sqlite).await;
    let refused = |arguments: &[&str]| {
        let output = Program::new(app.database_url(), arguments).output();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let many = refused(&["demo", "--contacts", "10000001"]);
    assert!(many.contains("at most 10,000,000 people can be made at once"), "{many}");
    let change = ["module", "change", "disable", "contacts"];
    assert!(Program::new(app.database_url(), change).output().status.success());
    for demo in [&["demo"][..], &["demo", "--contacts", "5"]] {
        let off = refused(demo);
        assert!(off.contains("`shoal module change enable contacts --tenant "), "{off}");
    }
}
