//! Names of contacts in many languages: made of their parts, put in order, and found again.

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use crate::support::{Record, both_databases, change, change_many, contact, refusal, texts};

both_databases!(display_names_follow_their_parts, names_are_in_order, names_are_found);

async fn display_names_follow_their_parts(app: TestApp) {
    let cases = [
        ("Anna", "Lee", "Anna Lee"),
        ("三", "张", "张三"),
        ("太郎", "山田", "山田太郎"),
        ("はなこ", "山田", "山田はなこ"),
        ("민준", "김", "김민준"),
        ("Minjun", "김", "Minjun 김"),
        ("David", "王", "David 王"),
        ("Ольга", "Петрова", "Ольга Петрова"),
    ];
    for (given, family, expected) in cases {
        let input = json!({"givenName": given, "familyName": family});
        let created = change(&app, "contactCreate", input, "displayName").await;
        assert_eq!(created["displayName"], expected);
    }
    let one = contact(&app, json!({"givenName": "Anna", "familyName": "Lee"})).await;
    let married =
        change(&app, "contactUpdate", one.update(&json!({"familyName": "Kim"})), "id version displayName")
            .await;
    assert_eq!(married["displayName"], "Anna Kim", "it follows the parts");
    let named = Record::of(&married).update(&json!({"displayName": "Annie"}));
    let named = change(&app, "contactUpdate", named, "id version displayName").await;
    let moved = Record::of(&named).update(&json!({"familyName": "Park"}));
    let moved = change(&app, "contactUpdate", moved, "id version displayName").await;
    assert_eq!(moved["displayName"], "Annie", "a name of its own stays");
    let cleared = Record::of(&moved).update(&json!({"displayName": null}));
    let cleared = change(&app, "contactUpdate", cleared, "id version displayName").await;
    assert_eq!(cleared["displayName"], "Anna Park");
    let nameless = Record::of(&cleared).update(&json!({"givenName": null, "familyName": null}));
    assert_eq!(refusal(&app, "contactUpdate", nameless).await, "VALIDATION: displayName REQUIRED");
}

/// Family and given names in the order of a phone book, the same on both databases.
const PHONE_BOOK: &[(&str, &str)] = &[
    ("Åberg", "Ann"),
    ("Abel", "Zoë"),
    ("abel", "zoe a"),
    ("Čapek", "Karel"),
    ("Łuka", "Jan"),
    ("O'Brien", "Kim"),
    ("Obrien", "Lou"),
    ("单", "小"),
    ("尉迟", "恭"),
    ("王", "芳"),
    ("曾", "国藩"),
    ("张", "伟"),
    ("章", "子怡"),
    ("Зайцева", "Анна"),
    ("Йорк", "Иван"),
    ("山田", "太郎"),
];

async fn names_are_in_order(app: TestApp) {
    let mut rows: Vec<Json> =
        PHONE_BOOK.iter().map(|(family, given)| json!({"familyName": family, "givenName": given})).collect();
    rows.reverse();
    rows.push(json!({"displayName": "Nobody's family"}));
    let answer = change_many(&app, "contactCreateMany", json!(rows), "id").await;
    assert!(answer.rows("contactCreateMany").iter().all(|row| row == "ok"));
    let query = "{
        up: contacts(orderBy: [{familyName: ASC}, {givenName: ASC}]) { nodes { familyName } }
        down: contacts(orderBy: [{familyName: DESC}, {givenName: DESC}]) { nodes { familyName } }
        display: contacts(orderBy: {displayName: ASC}) { nodes { displayName } }
    }";
    let data = app.data(query, json!({})).await;
    let up = texts(&data["up"]["nodes"], "familyName");
    let expected = [
        "Abel",
        "abel",
        "Åberg",
        "Čapek",
        "Łuka",
        "O'Brien",
        "Obrien",
        "单",
        "山田",
        "王",
        "尉迟",
        "曾",
        "张",
        "章",
        "Зайцева",
        "Йорк",
        "null",
    ];
    assert_eq!(up, expected);
    let mut down = texts(&data["down"]["nodes"], "familyName");
    assert_eq!(down.pop().unwrap(), "null", "nulls come last both ways");
    down.reverse();
    assert_eq!(down, up[..up.len() - 1]);
    let display = texts(&data["display"]["nodes"], "displayName");
    let expected = [
        "Ann Åberg",
        "Jan Łuka",
        "Karel Čapek",
        "Kim O'Brien",
        "Lou Obrien",
        "Nobody's family",
        "单小",
        "山田太郎",
        "王芳",
        "尉迟恭",
        "曾国藩",
        "张伟",
        "章子怡",
        "zoe a abel",
        "Zoë Abel",
        "Анна Зайцева",
        "Иван Йорк",
    ];
    assert_eq!(display, expected);
    // Page by page, either way, is the same list.
    let paged = pages(&app, "first", "after", "endCursor", "hasNextPage").await;
    assert_eq!(paged, display);
    let mut backwards = pages(&app, "last", "before", "startCursor", "hasPreviousPage").await;
    backwards.reverse();
    assert_eq!(backwards, display);
}

/// All display names by pages of three; backwards the last comes first.
async fn pages(app: &TestApp, size: &str, from: &str, cursor: &str, more: &str) -> Vec<String> {
    let (mut names, mut at) = (Vec::new(), Json::Null);
    loop {
        let query = format!(
            "query($at: String) {{ contacts({size}: 3, {from}: $at, orderBy: {{displayName: ASC}}) {{ nodes {{ displayName }} pageInfo {{ {cursor} {more} }} }} }}"
        );
        let data = app.data(&query, json!({"at": at})).await;
        let mut page = texts(&data["contacts"]["nodes"], "displayName");
        if size == "last" {
            page.reverse();
        }
        names.extend(page);
        at = data["contacts"]["pageInfo"][cursor].clone();
        if data["contacts"]["pageInfo"][more] != true {
            return names;
        }
    }
}

async fn names_are_found(app: TestApp) {
    let rows: Vec<Json> = [
        "Zoë Müller",
        "Jose\u{301} Muñoz",
        "张三丰",
        "曾单",
        "Анна Зайцева",
        "100% Real_Name",
        "Straße Weiß",
    ]
    .iter()
    .map(|name| json!({"displayName": name}))
    .collect();
    change_many(&app, "contactCreateMany", json!(rows), "id").await.rows("contactCreateMany");
    let cases: &[(&str, &str, &[&str])] = &[
        ("startsWith", "zoe m", &["Zoë Müller"]),
        ("startsWith", "ZOË", &["Zoë Müller"]),
        ("contains", "muller", &["Zoë Müller"]),
        ("contains", "munoz", &["José Muñoz"]),
        ("endsWith", "MUÑOZ", &["José Muñoz"]),
        ("startsWith", "张", &["张三丰"]),
        ("contains", "三丰", &["张三丰"]),
        ("contains", "zhang", &["张三丰"]),
        ("startsWith", "zhang", &["张三丰"]),
        ("startsWith", "zeng", &["曾单"]),
        ("startsWith", "ceng", &[]),
        ("contains", "丰张", &[]),
        ("contains", "зайцева", &["Анна Зайцева"]),
        ("contains", "0% real_n", &["100% Real_Name"]),
        ("contains", "%", &["100% Real_Name"]),
        ("contains", "_", &["100% Real_Name"]),
        ("contains", "strasse weiss", &["Straße Weiß"]),
        ("contains", "' OR 1=1 --", &[]),
    ];
    for (operator, text, expected) in cases {
        let query = format!(
            "query($text: String) {{ contacts(filter: {{displayName: {{{operator}: $text}}}}, orderBy: {{displayName: ASC}}) {{ nodes {{ displayName }} }} }}"
        );
        let data = app.data(&query, json!({"text": text})).await;
        assert_eq!(texts(&data["contacts"]["nodes"], "displayName"), *expected, "{operator} {text}");
    }
}
