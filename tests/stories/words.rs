//! Refusals are told in the language of whoever is refused.

use serde_json::{Value as Json, json};
use shoal_core::role::{ADMINISTRATOR, EMPLOYEE};
use shoal_testkit::{Backend, Options, TestApp};
use uuid::Uuid;

use crate::support::{account, both_databases, change, change_many, contact, try_change};

both_databases!(
    people_are_refused_in_their_language,
    numbers_choose_the_form,
    each_row_of_many_is_told,
    strangers_are_told_in_the_language_of_their_browser,
);

mod limits {
    use super::{limited, waiting_is_asked_for_politely};

    crate::support::both_databases!(with limited, waiting_is_asked_for_politely);
}

mod pages {
    use super::pages_and_streams_are_told_as_well;
    use crate::support::with_property;

    crate::support::both_databases!(with with_property, pages_and_streams_are_told_as_well);
}

/// Somebody who reads this language.
async fn reader(app: &TestApp, language: &str, built_in: &'static str) -> TestApp {
    let person = app.user(&format!("{language}-{built_in}@company.example"), built_in).await;
    change(&person, "viewerUpdate", json!({"language": language}), "id").await;
    person
}

/// Readers of English, Russian and Chinese, in this order.
async fn readers(app: &TestApp, built_in: &'static str) -> [TestApp; 3] {
    [
        reader(app, "en", built_in).await,
        reader(app, "ru", built_in).await,
        reader(app, "zh-CN", built_in).await,
    ]
}

/// What the first error says, and what its fields say.
#[track_caller]
fn told(error: &Json) -> Vec<String> {
    let of = |json: &Json| json["message"].as_str().unwrap_or_else(|| panic!("{error}")).to_owned();
    let fields = error["extensions"]["fields"].as_array().or(error["fields"].as_array());
    [of(error)].into_iter().chain(fields.into_iter().flatten().map(of)).collect()
}

/// Checks what each reader is told of a mutation.
async fn refused(readers: &[TestApp; 3], mutation: &str, input: Json, expected: [&[&str]; 3]) {
    for (reader, expected) in readers.iter().zip(expected) {
        let answer = try_change(reader, mutation, input.clone(), "id").await;
        assert_eq!(told(answer.error()), expected, "{mutation} {input}");
    }
}

async fn people_are_refused_in_their_language(app: TestApp) {
    let readers = readers(&app, ADMINISTRATOR).await;
    refused(
        &readers,
        "accountCreate",
        json!({"name": "  ", "employees": -1}),
        [
            &[
                "name: an account needs a name (and 1 more)",
                "an account needs a name",
                "must not be negative",
            ],
            &[
                "name: Укажите название компании (и ещё 1)",
                "Укажите название компании",
                "Значение не может быть отрицательным",
            ],
            &["name：请填写客户名称（另有 1 处）", "请填写客户名称", "不能为负数"],
        ],
    )
    .await;
    refused(
        &readers,
        "contactDelete",
        json!({"id": Uuid::nil(), "expectedVersion": 1}),
        [&["contact not found"; 2], &["Контакт не найден"; 2], &["未找到联系人"; 2]],
    )
    .await;
    change(&app, "teamCreate", json!({"name": "North"}), "id").await;
    refused(
        &readers,
        "teamCreate",
        json!({"name": "north"}),
        [
            &["another team beside it has this name"; 2],
            &["Рядом уже есть команда с таким названием"; 2],
            &["同级已有同名团队"; 2],
        ],
    )
    .await;
    let old = account(&app, "Old").await;
    change(&app, "accountUpdate", old.update(&json!({"name": "New"})), "id").await;
    refused(
        &readers,
        "accountUpdate",
        old.update(&json!({"name": "Other"})),
        [
            &[
                "the record has changed: you know version 1, it is at version 2; read it again",
                "differs from what is there now",
            ],
            &[
                "Запись изменилась: у вас версия 1, сейчас 2; загрузите её заново",
                "Отличается от текущего значения",
            ],
            &["记录已被修改：您的版本为 1，当前版本为 2；请重新读取", "与当前内容不同"],
        ],
    )
    .await;
}

async fn numbers_choose_the_form(app: TestApp) {
    let readers = readers(&app, ADMINISTRATOR).await;
    for (length, form) in [(256, "символов"), (261, "символ"), (262, "символа")] {
        let input = json!({"name": "x".repeat(length)});
        let english = format!("the text has {length} characters; at most 255 are allowed");
        let russian = format!("В тексте {length} {form}, допускается не более 255");
        let chinese = format!("文本有 {length} 个字符，最多允许 255 个");
        let both = [
            [format!("name: {english}"), english],
            [format!("name: {russian}"), russian],
            [format!("name：{chinese}"), chinese],
        ];
        let expected = both.each_ref().map(|told| told.each_ref().map(String::as_str));
        refused(&readers, "accountCreate", input, expected.each_ref().map(|told| &told[..])).await;
    }
}

async fn each_row_of_many_is_told(app: TestApp) {
    let rows = json!([{"givenName": "Anna"}, {}, {"givenName": "Bo", "emails": [{"address": "bo@host"}]}]);
    let expected = [
        [
            "a contact needs a given name, a family name or a display name",
            "the e-mail address is not valid: after the @, the name has no dot",
        ],
        [
            "Укажите имя, фамилию или отображаемое имя контакта",
            "Неверный адрес электронной почты: после @ имя без точки",
        ],
        ["请填写联系人的名、姓或显示名称", "电子邮箱无效：@ 之后域名中没有点"],
    ];
    for (reader, expected) in readers(&app, ADMINISTRATOR).await.iter().zip(expected) {
        let data = change_many(reader, "contactCreateMany", rows.clone(), "id").await.expect_data();
        let results = data["contactCreateMany"]["results"].as_array().unwrap();
        assert_eq!(results[0]["error"], Json::Null, "{data}");
        for (result, expected) in results[1..].iter().zip(expected) {
            let told = told(&result["error"]);
            assert!(told[0].ends_with(expected) && told[1] == expected, "{told:?}");
        }
    }
}

const SIGN_IN: &str = "/auth/sign-in";

/// What a stranger with this `Accept-Language` is told.
async fn stranger(app: &TestApp, language: &str, path: &str, body: &Json) -> Vec<String> {
    let headers = [("content-type", "application/json"), ("accept-language", language)];
    let exchange = app.http_as_nobody("POST", path, &headers, body.to_string().as_bytes()).await;
    assert_eq!(exchange.header("content-length"), Some(exchange.body.len().to_string().as_str()));
    told(&exchange.json()["errors"][0])
}

async fn strangers_are_told_in_the_language_of_their_browser(app: TestApp) {
    let guess = json!({"email": "anna@company.example", "password": "wrong horse"});
    for (language, expected) in [
        ("ru-RU,ru;q=0.9,en;q=0.8", "Неверный адрес электронной почты или пароль."),
        ("de, zh-CN;q=0.5", "邮箱或密码不正确。"),
        ("de", "E-mail and password do not fit."),
        ("", "E-mail and password do not fit."),
    ] {
        assert_eq!(stranger(&app, language, SIGN_IN, &guess).await, [expected], "{language}");
    }
    let asked = json!({"query": "{ viewer { language } }"});
    assert!(stranger(&app, "ru", "/graphql", &asked).await[0].starts_with("Войдите в систему или"));
    let link = json!({"token": "shoal_link_nothing", "password": "correct horse"});
    assert_eq!(stranger(&app, "zh", "/auth/link", &link).await, ["此链接已被使用或已过期；请重新申请"]);
    // What only developers meet is English, and what is not JSON stays as it is.
    assert!(stranger(&app, "ru", "/graphql", &json!({"query": 1})).await[0].is_ascii());
    let nothing = app.http_as_nobody("HEAD", "/nothing", &[("accept-language", "ru")], b"").await;
    assert_eq!((nothing.status, nothing.body.len()), (404, 0));
}

async fn pages_and_streams_are_told_as_well(app: TestApp) {
    let readers = readers(&app, EMPLOYEE).await;
    let title = [
        "Property management is not enabled",
        "Модуль «Управление недвижимостью» не включён",
        "模块“物业管理”未启用",
    ];
    let disabled =
        ["the module \"property\" is not enabled", "Модуль «property» не включён", "模块“property”未启用"];
    let forbidden = [
        "this needs the right `core.api_key.read`",
        "Нужно право `core.api_key.read`",
        "需要权限 `core.api_key.read`",
    ];
    let unknown = "type `Query` does not have a field `nothing`";
    for (place, reader) in readers.iter().enumerate() {
        // Who is known is told in their own language, whatever machine they sit at.
        let french = [("accept-language", "fr"), ("accept", "application/json")];
        let page = reader.http("GET", "/modules/property/repair_requests.csv", &french, b"").await;
        assert_eq!(told(&page.json()["errors"][0]), [title[place]]);
        let ask = async |query: &str| told(reader.graphql(query, json!({})).await.error());
        assert_eq!(ask("{ units { totalCount } }").await, [disabled[place]]);
        assert_eq!(ask("{ apiKeys { totalCount } }").await, [forbidden[place]]);
        assert!(ask("{ nothing }").await[0].starts_with(unknown));
        let body = json!({"query": "subscription { accountChanged(filter: {name: {eq: null}}) { kind } }"});
        let headers = [("content-type", "application/json"), ("accept", "text/event-stream")];
        let stream = reader.http("POST", "/graphql", &headers, body.to_string().as_bytes()).await;
        let stream = String::from_utf8(stream.body).unwrap();
        let field = ["filter.name.eq: null", "filter.name.eq: null", "filter.name.eq：null"][place];
        assert!(stream.contains(field), "{stream}");
    }
}

/// So little that the second question is too much.
async fn limited(backend: Backend) -> TestApp {
    let mut options = Options::default();
    let graphql = &mut options.config.graphql;
    (graphql.max_cost, graphql.rate_limit_burst, graphql.rate_limit_per_minute) = (100, 100, 60);
    TestApp::start_with(backend, options).await
}

async fn waiting_is_asked_for_politely(app: TestApp) {
    let reader = reader(&app, "ru", ADMINISTRATOR).await;
    let query = format!(
        "{{ {} }}",
        ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
            .map(|a| format!("{a}: accountsAggregate {{ count }}"))
            .join(" ")
    );
    let mut answer = reader.graphql(&query, json!({})).await;
    while answer.errors().is_empty() {
        answer = reader.graphql(&query, json!({})).await;
    }
    let told = &told(answer.error())[0];
    assert!(told.starts_with("Слишком много запросов за короткое время; повторите через "), "{told}");
    let contact = contact(&app, json!({"givenName": "Anna"})).await;
    assert!(!contact.id.is_empty(), "others go on");
}
