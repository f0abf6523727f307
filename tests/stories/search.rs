//! Records are found by any part of a name, an address or a number, by whoever may see them.

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use crate::staff::{team, with_rights};
use crate::support::{Record, account, both_databases, change, change_many, contact, texts};

both_databases!(
    names_addresses_and_numbers_are_found,
    whole_words_stand_first,
    hits_are_records_of_their_types,
    what_changes_is_found_as_it_is,
    only_what_one_may_see_is_found,
    odd_searches_have_clear_answers,
    filters_count_and_go_through_relations,
    teams_find_their_own,
    subjects_of_interactions_are_found,
);

/// Titles and what they were found by, in the order of the search.
pub async fn hits(app: &TestApp, query: &str) -> Vec<String> {
    let document = "query($query: String!) { search(query: $query, first: 50) { title recordType matched } }";
    let data = app.data(document, json!({"query": query})).await;
    let hit =
        |hit: &Json| format!("{} {}", hit["title"].as_str().unwrap_or("-"), hit["matched"].as_str().unwrap());
    data["search"].as_array().unwrap().iter().map(hit).collect()
}

/// The titles of those that the search finds, and the filter of contacts as well.
pub async fn found(app: &TestApp, query: &str) -> Vec<String> {
    let document = "query($query: String!) { search(query: $query, first: 50) { title }
        contacts(filter: {search: $query}, orderBy: [{displayName: ASC}]) { nodes { displayName } totalCount } }";
    let data = app.data(document, json!({"query": query})).await;
    let mut titles = texts(&data["search"], "title");
    let mut filtered = texts(&data["contacts"]["nodes"], "displayName");
    assert_eq!(data["contacts"]["totalCount"], filtered.len());
    titles.sort_unstable();
    filtered.sort_unstable();
    assert_eq!(titles, filtered, "{query}: the search and the filter");
    titles
}

/// Five people in three scripts.
pub async fn people(app: &TestApp) {
    let rows = json!([
        {"familyName": "张", "givenName": "三", "phones": [{"number": "+86 138 0013 8000"}]},
        {"familyName": "Иванов", "givenName": "Пётр"},
        {"familyName": "Müller", "givenName": "Jürgen", "phones": [{"number": "0171 1234567", "country": "DE"}]},
        {"familyName": "Smith", "givenName": "Anna", "emails": [{"address": "Anna.Smithers@Example.com"}]},
        {"familyName": "O'Brien", "givenName": "Sinéad", "jobTitle": "Head of sales"},
    ]);
    let answer = change_many(app, "contactCreateMany", rows, "id").await;
    assert_eq!(answer.rows("contactCreateMany"), ["ok"; 5]);
}

async fn names_addresses_and_numbers_are_found(app: TestApp) {
    people(&app).await;
    for (name, queries) in [
        (
            "张三",
            &[
                "张",
                "三",
                "zhangsan",
                "ZhangS",
                "zs",
                "san",
                "1380",
                "8000",
                "+86 138",
                "8613800138000",
                "张 1380",
            ][..],
        ),
        ("Пётр Иванов", &["ива", "ИВА", "петр", "нов", "иванов пётр"]),
        ("Jürgen Müller", &["mul", "muller", "MÜLLER", "ürg", "0171", "1711234567", "4567"]),
        (
            "Anna Smith",
            &["smith", "mit", "smithers", "exam", "example.com", "anna.smithers@example.com", "ith an"],
        ),
        ("Sinéad O'Brien", &["obrien", "O’Brien", "sine", "sales"]),
    ] {
        for query in queries {
            assert_eq!(found(&app, query).await, [name], "{query}");
        }
    }
    for query in ["nobody", "com", "zs smith", "ales", "99"] {
        assert!(found(&app, query).await.is_empty(), "{query}");
    }
}

async fn whole_words_stand_first(app: TestApp) {
    let rows = json!([
        {"displayName": "Zed", "jobTitle": "Ann of all work"},
        {"displayName": "Joanna"},
        {"displayName": "Bob", "emails": [{"address": "ann@example.com"}]},
        {"displayName": "Carl", "emails": [{"address": "annie@example.com"}]},
        {"displayName": "Annabel"},
        {"displayName": "Zoë Ann Lee"},
        {"displayName": "Ann"},
        {"displayName": "Dora", "emails": [{"address": "joanna@example.com"}]},
    ]);
    change_many(&app, "contactCreateMany", rows, "id").await;
    account(&app, "Ann & Sons").await;
    let expected = [
        "Ann Contact.displayName",
        "Ann & Sons Account.name",
        "Zoë Ann Lee Contact.displayName",
        "Bob EmailAddress.normalised",
        "Zed Contact.jobTitle",
        "Annabel Contact.displayName",
        "Carl EmailAddress.normalised",
        "Joanna Contact.displayName",
        "Dora EmailAddress.normalised",
    ];
    assert_eq!(hits(&app, "ann").await, expected);
    let document = "{ search(query: \"ann\", types: [\"Account\"]) { recordType title }
        first: search(query: \"ann\", first: 2) { title } }";
    let data = app.data(document, json!({})).await;
    assert_eq!(data["search"], json!([{"recordType": "Account", "title": "Ann & Sons"}]));
    assert_eq!(texts(&data["first"], "title"), ["Ann", "Ann & Sons"]);
}

async fn hits_are_records_of_their_types(app: TestApp) {
    let firm = account(&app, "Smith & Sons").await;
    for name in ["Anna Smith", "Bob Smith"] {
        contact(&app, json!({"displayName": name, "accountId": firm.id})).await;
    }
    let document = "{ search(query: \"smith\") { id recordType
        record { __typename id ... on Contact { displayName account { name } } ... on Account { name contacts { nodes { displayName } } } }
        again: record { ... on Contact { name: displayName } } } }";
    let answer = app.graphql(document, json!({})).await;
    let hits = &answer.data()["search"];
    for (hit, expected) in hits.as_array().unwrap().iter().zip([
        json!({"displayName": "Anna Smith", "account": {"name": "Smith & Sons"}}),
        json!({"displayName": "Bob Smith", "account": {"name": "Smith & Sons"}}),
        json!({"name": "Smith & Sons", "contacts": {"nodes": [{"displayName": "Anna Smith"}, {"displayName": "Bob Smith"}]}}),
    ]) {
        let mut expected = expected;
        expected["id"] = hit["id"].clone();
        expected["__typename"] = hit["recordType"].clone();
        assert_eq!(hit["record"], expected);
        assert_eq!(hit["again"]["name"], expected["displayName"]);
    }
    // Of those of whom one may see the name alone.
    let reader = with_rights(&app, "reader", &["contacts.contact.read"]).await;
    let data = reader
        .data("{ search(query: \"smith\") { record { ... on Contact { displayName } } } }", json!({}))
        .await;
    let names =
        [json!({"record": {"displayName": "Anna Smith"}}), json!({"record": {"displayName": "Bob Smith"}})];
    assert_eq!(data["search"], json!(names));
    let document = "{ search(query: \"smith\") { record { ... on Contact { emails { address } } } } }";
    assert_eq!(reader.graphql(document, json!({})).await.code(), "FORBIDDEN");
}

async fn what_changes_is_found_as_it_is(app: TestApp) {
    let input = json!({"givenName": "Anna", "familyName": "Lee", "emails": [{"address": "anna@one.example"}, {"address": "lee@one.example"}]});
    let one = contact(&app, input).await;
    let fields = json!({"familyName": "Kim", "emails": [{"address": "lee@two.example"}]});
    let one = Record::of(&change(&app, "contactUpdate", one.update(&fields), "id version").await);
    for (query, count) in [("kim", 1), ("two", 1), ("lee", 1), ("one", 0), ("anna@", 1), ("anna@one", 0)] {
        assert_eq!(found(&app, query).await.len(), count, "{query}");
    }
    change(&app, "contactDelete", one.input(), "id").await;
    let one = Record { version: one.version + 1, ..one };
    assert!(found(&app, "kim").await.is_empty());
    let deleted = "{ contacts(filter: {search: \"kim\"}, deleted: ONLY) { totalCount } }";
    assert_eq!(app.data(deleted, json!({})).await["contacts"]["totalCount"], 1);
    change(&app, "contactRestore", one.input(), "id version").await;
    assert_eq!(found(&app, "kim").await, ["Anna Kim"]);
}

async fn only_what_one_may_see_is_found(app: TestApp) {
    people(&app).await;
    let other = app.tenant(2).await;
    assert!(found(&other, "smith").await.is_empty());
    let reader = with_rights(&app, "reader", &["contacts.contact.read", "contacts.detail.read"]).await;
    assert_eq!(hits(&reader, "smithers").await, ["Anna Smith EmailAddress.normalised"]);
    // Neither addresses nor numbers.
    let clerk = with_rights(&app, "clerk", &["contacts.contact.read"]).await;
    assert_eq!(found(&clerk, "smith").await, ["Anna Smith"]);
    for query in ["smithers", "1380", "example"] {
        assert!(found(&clerk, query).await.is_empty(), "{query}");
    }
    let seller = with_rights(
        &app,
        "seller",
        &["contacts.contact.read:OWN", "contacts.contact.create", "contacts.detail.read"],
    )
    .await;
    assert!(found(&seller, "smith").await.is_empty());
    contact(&seller, json!({"displayName": "Own Smith"})).await;
    assert_eq!(found(&seller, "smith").await, ["Own Smith"]);
    account(&app, "Smith Ltd").await;
    assert_eq!(hits(&seller, "smith ltd").await, [""; 0]);
    let refused =
        seller.graphql("{ search(query: \"smith\", types: [\"Contact\", \"Tag\"]) { id } }", json!({})).await;
    assert_eq!(refused.refusal(), "VALIDATION: types.1 UNKNOWN_TYPE");
}

async fn teams_find_their_own(app: TestApp) {
    let rights = ["contacts.contact.read:TEAM", "contacts.account.read:TEAM", "contacts.detail.read"];
    let seller = with_rights(&app, "seller", &rights).await;
    let own = team(&app, "Own", None, &[seller.user_id()]).await;
    let other = team(&app, "Other", None, &[]).await;
    for (name, team) in [("Nora Smith", &own), ("Sue Smith", &other)] {
        let emails = json!([{"address": format!("{}@smithers.example", name.replace(' ', "."))}]);
        contact(&app, json!({"displayName": name, "teamId": team.id, "emails": emails})).await;
        change(&app, "accountCreate", json!({"name": format!("{name} & Co"), "teamId": team.id}), "id").await;
    }
    for (query, everybody, team) in [
        ("smith", &["Nora Smith", "Nora Smith & Co", "Sue Smith", "Sue Smith & Co"][..], 2),
        ("smithers", &["Nora Smith", "Sue Smith"], 1),
        ("mith smithers.exam", &["Nora Smith", "Sue Smith"], 1),
        ("sue", &["Sue Smith", "Sue Smith & Co"], 0),
    ] {
        let titles = |hits: Vec<String>| {
            let title = |hit: &String| hit.rsplit_once(' ').unwrap().0.to_owned();
            let mut titles: Vec<String> = hits.iter().map(title).collect();
            titles.sort_unstable();
            titles
        };
        assert_eq!(titles(hits(&app, query).await), everybody, "{query}");
        assert_eq!(titles(hits(&seller, query).await), everybody[..team], "{query}");
    }
    let document = "{ contacts(filter: {search: \"smith\"}) { totalCount nodes { displayName } }
        contactsAggregate(filter: {search: \"smithers\"}) { count } }";
    let data = seller.data(document, json!({})).await;
    assert_eq!(
        (&data["contacts"]["totalCount"], texts(&data["contacts"]["nodes"], "displayName")),
        (&json!(1), vec!["Nora Smith".to_owned()])
    );
    assert_eq!(data["contactsAggregate"][0]["count"], 1);
}

async fn odd_searches_have_clear_answers(app: TestApp) {
    people(&app).await;
    for query in ["", "   ", "?!…", "%", "_", "%%", "'", "🙂", "\u{10FFFF}"] {
        assert!(found(&app, query).await.is_empty(), "{query:?}");
    }
    assert_eq!(found(&app, "a").await, ["Anna Smith"], "one letter: beginnings of words");
    assert_eq!(found(&app, "an%na").await.len(), 0);
    let document = "query($query: String!) { search(query: $query) { id } }";
    for (query, code) in
        [("x".repeat(201), "TOO_LONG"), ("a ".repeat(9), "TOO_LONG"), ("é".repeat(300_000), "TOO_LONG")]
    {
        let answer = app.graphql(document, json!({"query": query})).await;
        assert_eq!(answer.refusal(), format!("VALIDATION: query {code}"));
    }
    let answer = app.graphql(document, json!({"query": "a\u{0}"})).await;
    assert_eq!(answer.refusal(), "VALIDATION: query TYPE");
    let filter = "query($query: String!) { contacts(filter: {search: $query}) { totalCount } }";
    let answer = app.graphql(filter, json!({"query": "x".repeat(201)})).await;
    assert_eq!(answer.refusal(), "VALIDATION: filter.search TOO_LONG");
    let answer = app.graphql("{ search(query: \"a\", first: 51) { id } }", json!({})).await;
    assert_eq!(answer.refusal(), "VALIDATION: first RANGE");
    let not = "{ contacts(filter: {not: {search: \"smith\"}}) { totalCount } all: contacts(filter: {not: {search: \"\"}}) { totalCount } }";
    let data = app.data(not, json!({})).await;
    assert_eq!((&data["contacts"]["totalCount"], &data["all"]["totalCount"]), (&json!(4), &json!(5)));
}

async fn filters_count_and_go_through_relations(app: TestApp) {
    let firm = account(&app, "北京百度网讯科技").await;
    contact(&app, json!({"displayName": "Li Lei", "accountId": firm.id, "jobTitle": "CEO"})).await;
    contact(&app, json!({"displayName": "Han Mei", "accountId": firm.id})).await;
    let data = app
        .data(
            "{ contacts(filter: {account: {search: \"bdwx\"}, jobTitle: {eq: \"CEO\"}}) { nodes { displayName } }
               accounts(filter: {contacts: {some: {search: \"han\"}}}) { totalCount }
               accountsAggregate(filter: {search: \"百度\"}) { count }
               either: contacts(filter: {or: [{search: \"lei\"}, {search: \"mei\"}]}) { totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(texts(&data["contacts"]["nodes"], "displayName"), ["Li Lei"]);
    assert_eq!(data["accounts"]["totalCount"], 1);
    assert_eq!(data["accountsAggregate"][0]["count"], 1);
    assert_eq!(data["either"]["totalCount"], 2);
}

async fn subjects_of_interactions_are_found(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let say = |subject: &str| json!({"kind": "CALL", "subject": subject, "contactIds": [anna.id]});
    let made = change(&app, "interactionCreate", say("Offer for five boats"), "id version").await;
    let gone = Record::of(&change(&app, "interactionCreate", say("Boats of others"), "id version").await);
    change(&app, "interactionDelete", gone.input(), "id").await;
    assert_eq!(hits(&app, "boat offer").await, ["Offer for five boats Interaction.subject"]);
    let counted = app.data("{ interactions(filter: {search: \"boats\"}) { totalCount } }", json!({})).await;
    assert_eq!(counted["interactions"]["totalCount"], 1);
    // Only what one may see is found.
    let own = with_rights(&app, "own", &["contacts.interaction.read:OWN", "contacts.contact.read"]).await;
    assert_eq!(hits(&own, "boats").await, [""; 0]);
    let input = json!({"id": made["id"], "expectedVersion": 1, "subject": "Ships"});
    change(&app, "interactionUpdate", input, "id").await;
    assert_eq!((hits(&app, "boats").await.len(), hits(&app, "ships").await.len()), (0, 1));
}
