//! Accounts: what can be said of them, and everything that is refused.

use serde_json::json;
use shoal_testkit::TestApp;

use crate::support::{Record, account, both_databases, change, change_many, refusal, try_change};

both_databases!(
    creates_and_reads_back,
    refuses_bad_values,
    updates_what_is_given_only,
    stale_versions_conflict,
    clears_by_null_and_keeps_by_absence,
    deletes_and_restores,
    unknown_ids,
    trees_have_no_cycles,
);

const ALL: &str = "id version name legalName domain industry employees taxId tier lifecycleStage foundedYear
    createdAt updatedAt deletedAt annualBudget { amount currency } parent { name }
    tags { name } emails { address normalised label position } phones { number e164 extension valid label position }
    addresses { street postalCode city region country label position } externalIds { system key }";

async fn creates_and_reads_back(app: TestApp) {
    let parent = account(&app, "Holding").await;
    let input = json!({
        "name": "  Blå  Fjord\tAS ", "legalName": "Blå Fjord Aksjeselskap", "domain": "https://WWW.Blåfjord.example/kontakt",
        "industry": "Fish farming", "employees": 12, "parentId": parent.id, "taxId": "NO 123", "tier": "GOLD",
        "lifecycleStage": "CUSTOMER", "annualBudget": {"amount": "9007199254740993.27", "currency": "eur"},
        "foundedYear": 1988, "tags": ["Fish", "Norway"],
        "emails": [{"address": "Post@BLÅFJORD.example"}, {"address": "bills@fjord.example", "label": "BILLING"}],
        "phones": [{"number": "+47 22 12 34 56"}],
        "addresses": [{"street": "Havnegata 1\nOppgang B", "postalCode": "0150", "city": "Oslo", "country": "no"}],
        "externalIds": [{"system": "erp", "key": "4711"}],
    });
    let created = change(&app, "accountCreate", input, ALL).await;
    let expected = json!({
        "id": created["id"], "version": 1, "name": "Blå Fjord AS", "legalName": "Blå Fjord Aksjeselskap",
        "domain": "xn--blfjord-fxa.example", "industry": "Fish farming", "employees": 12, "taxId": "NO 123",
        "tier": "GOLD", "lifecycleStage": "CUSTOMER", "foundedYear": 1988,
        "createdAt": "2026-03-02T09:30:00Z", "updatedAt": "2026-03-02T09:30:00Z", "deletedAt": null,
        "annualBudget": {"amount": "9007199254740993.27", "currency": "EUR"}, "parent": {"name": "Holding"},
        "tags": [{"name": "Fish"}, {"name": "Norway"}],
        "emails": [
            {"address": "Post@BLÅFJORD.example", "normalised": "post@xn--blfjord-fxa.example", "label": "WORK", "position": 0},
            {"address": "bills@fjord.example", "normalised": "bills@fjord.example", "label": "BILLING", "position": 1},
        ],
        "phones": [{"number": "+47 22 12 34 56", "e164": "+4722123456", "extension": null, "valid": true, "label": "WORK", "position": 0}],
        "addresses": [{"street": "Havnegata 1\nOppgang B", "postalCode": "0150", "city": "Oslo", "region": null,
            "country": "NO", "label": "WORK", "position": 0}],
        "externalIds": [{"system": "erp", "key": "4711"}],
    });
    assert_eq!(created, expected);
    let query = format!(
        "query($id: ID!) {{ account(id: $id) {{ {ALL} }} node(id: $id) {{ ... on Account {{ name }} }} }}"
    );
    let read = app.data(&query, json!({"id": created["id"]})).await;
    assert_eq!(read["account"], expected);
    assert_eq!(read["node"]["name"], "Blå Fjord AS");
}

async fn refuses_bad_values(app: TestApp) {
    let long = "x".repeat(256);
    let cases = [
        (json!({"name": ""}), "VALIDATION: name REQUIRED"),
        (json!({"name": " \u{3000}\t"}), "VALIDATION: name REQUIRED"),
        (json!({"name": long}), "VALIDATION: name TEXT_TOO_LONG"),
        (json!({"name": "a\u{0}b"}), "VALIDATION: name TYPE"),
        (json!({"name": "a\u{1}b"}), "VALIDATION: name TEXT_CONTROL_CHARACTER"),
        (json!({"name": "a\u{1b}[31m"}), "VALIDATION: name TEXT_CONTROL_CHARACTER"),
        (
            json!({"name": "A", "legalName": long, "taxId": "\u{7}"}),
            "VALIDATION: legalName TEXT_TOO_LONG, taxId TEXT_CONTROL_CHARACTER",
        ),
        (json!({"name": "A", "domain": "not a domain"}), "VALIDATION: domain DOMAIN_INVALID"),
        (json!({"name": "A", "domain": "10.0.0.1"}), "VALIDATION: domain DOMAIN_INVALID"),
        (json!({"name": "A", "employees": -1}), "VALIDATION: employees RANGE"),
        (
            json!({"name": "A", "emails": [{"address": "ok@a.example"}, {"address": "nobody"}]}),
            "VALIDATION: emails.1.address EMAIL_INVALID",
        ),
        (
            json!({"name": "A", "emails": [{"address": "a@b@c.example"}]}),
            "VALIDATION: emails.0.address EMAIL_INVALID",
        ),
        (
            json!({"name": "A", "phones": [{"number": "call me"}]}),
            "VALIDATION: phones.0.number PHONE_INVALID",
        ),
        (
            json!({"name": "A", "phones": [{"number": "030 123456"}]}),
            "VALIDATION: phones.0.number PHONE_REGION_MISSING",
        ),
        (
            json!({"name": "A", "phones": [{"number": "030 123456", "country": "XX"}]}),
            "VALIDATION: phones.0.country COUNTRY_UNKNOWN",
        ),
        (
            json!({"name": "A", "addresses": [{"city": "X", "country": "Atlantis"}]}),
            "VALIDATION: addresses.0.country COUNTRY_UNKNOWN",
        ),
        (
            json!({"name": "A", "annualBudget": {"amount": "1", "currency": "XXL"}}),
            "VALIDATION: annualBudget CURRENCY_UNKNOWN",
        ),
        (
            json!({"name": "A", "annualBudget": {"amount": "1.005", "currency": "EUR"}}),
            "VALIDATION: annualBudget MONEY_PRECISION",
        ),
        (
            json!({"name": "A", "annualBudget": {"amount": "1.5", "currency": "JPY"}}),
            "VALIDATION: annualBudget MONEY_PRECISION",
        ),
        (
            json!({"name": "A", "annualBudget": {"amount": "-1", "currency": "EUR"}}),
            "VALIDATION: annualBudget RANGE",
        ),
        (
            json!({"name": "A", "annualBudget": {"amount": "92233720368547758.08", "currency": "EUR"}}),
            "VALIDATION: annualBudget MONEY_RANGE",
        ),
        (json!({"name": "A", "tags": ["ok", long]}), "VALIDATION: tags.1 TEXT_TOO_LONG"),
        (json!({"name": "A", "tags": vec!["t"; 51]}), "VALIDATION: tags TOO_MANY"),
        (
            json!({"name": "A", "emails": vec![json!({"address": "a@b.example"}); 51]}),
            "VALIDATION: emails TOO_MANY",
        ),
        (
            json!({"name": "A", "externalIds": [{"system": "", "key": "1"}]}),
            "VALIDATION: externalIds.0.system TEXT_EMPTY",
        ),
        (
            json!({"name": "A", "externalIds": [{"system": "erp", "key": "1"}, {"system": "erp", "key": "1"}]}),
            "DUPLICATE: externalIds.1 DUPLICATE",
        ),
        (
            json!({"name": "A", "parentId": "00000000-0000-7000-8000-00000000ffff"}),
            "NOT_FOUND: parentId NOT_FOUND",
        ),
    ];
    for (input, expected) in cases {
        assert_eq!(refusal(&app, "accountCreate", input.clone()).await, expected, "{input}");
    }
    let count = app.data("{ accounts { totalCount } tags { totalCount } }", json!({})).await;
    assert_eq!(
        count,
        json!({"accounts": {"totalCount": 0}, "tags": {"totalCount": 0}}),
        "nothing is written"
    );
}

async fn updates_what_is_given_only(app: TestApp) {
    let input = json!({"name": "A", "industry": "Fish", "employees": 3, "tags": ["x"], "emails": [{"address": "a@b.example"}]});
    let record = Record::of(&change(&app, "accountCreate", input, "id version").await);
    app.clock().advance_days(1);
    let changed = change(&app, "accountUpdate", record.update(&json!({"employees": 4})), ALL).await;
    assert_eq!((&changed["version"], &changed["employees"]), (&json!(2), &json!(4)));
    assert_eq!((&changed["industry"], &changed["tags"]), (&json!("Fish"), &json!([{"name": "x"}])));
    assert_eq!(changed["emails"][0]["address"], "a@b.example");
    assert_eq!(
        (&changed["createdAt"], &changed["updatedAt"]),
        (&json!("2026-03-02T09:30:00Z"), &json!("2026-03-03T09:30:00Z"))
    );

    let record = Record::of(&changed);
    let same = change(&app, "accountUpdate", record.update(&json!({"employees": 4})), "id version").await;
    assert_eq!(Record::of(&same), record, "nothing has changed, nor the version");
    let lists = json!({"tags": ["X"], "emails": [{"address": "a@b.example"}]});
    let same = change(&app, "accountUpdate", record.update(&lists), "id version").await;
    assert_eq!(Record::of(&same), record, "the lists are the same too");
    let other =
        change(&app, "accountUpdate", record.update(&json!({"emails": []})), "id version emails { id }")
            .await;
    assert_eq!((&other["version"], &other["emails"]), (&json!(3), &json!([])));
}

async fn stale_versions_conflict(app: TestApp) {
    let record = account(&app, "A").await;
    change(&app, "accountUpdate", record.update(&json!({"name": "B"})), "id").await;
    let stale = record.update(&json!({"name": "C", "employees": 1}));
    let refused = try_change(&app, "accountUpdate", stale, "id").await;
    assert_eq!(refused.refusal(), "CONFLICT: input.employees CHANGED, input.name CHANGED", "the whole path");
    let budget = record.update(&json!({"annualBudget": {"amount": "1", "currency": "EUR"}}));
    assert_eq!(refusal(&app, "accountUpdate", budget).await, "CONFLICT: annualBudget CHANGED");
    assert_eq!(refusal(&app, "accountDelete", record.input()).await, "CONFLICT");
    let read =
        app.data("query($id: ID!) { account(id: $id) { name version } }", json!({"id": record.id})).await;
    assert_eq!(read["account"], json!({"name": "B", "version": 2}));
}

async fn clears_by_null_and_keeps_by_absence(app: TestApp) {
    let input = json!({"name": "A", "industry": "Fish", "tier": "GOLD", "annualBudget": {"amount": "5", "currency": "USD"}});
    let created = change(&app, "accountCreate", input, "id version").await;
    let record = Record::of(&created);
    let document = "mutation($id: ID!, $version: Int!, $industry: String, $tier: AccountTier, $budget: MoneyInput) {
        accountUpdate(input: {id: $id, expectedVersion: $version, industry: $industry, tier: $tier, annualBudget: $budget}) {
            account { version industry tier annualBudget { amount } }
        }
    }";
    // Variables that are left out leave their fields out.
    let kept = app.data(document, json!({"id": record.id, "version": 1})).await;
    let expected =
        json!({"version": 1, "industry": "Fish", "tier": "GOLD", "annualBudget": {"amount": "5.00"}});
    assert_eq!(kept["accountUpdate"]["account"], expected);
    let variables = json!({"id": record.id, "version": 1, "industry": null, "budget": null});
    let cleared = app.data(document, variables).await;
    let expected = json!({"version": 2, "industry": null, "tier": "GOLD", "annualBudget": null});
    assert_eq!(cleared["accountUpdate"]["account"], expected);
    let literal = format!(
        "mutation {{ accountUpdate(input: {{id: \"{}\", expectedVersion: 2, tier: null}}) {{ account {{ version tier }} }} }}",
        record.id
    );
    let cleared = app.data(&literal, json!({})).await;
    assert_eq!(cleared["accountUpdate"]["account"], json!({"version": 3, "tier": null}));
    // What cannot be empty cannot be cleared.
    for input in [
        json!({"name": null}),
        json!({"lifecycleStage": null}),
        json!({"tags": null}),
        json!({"emails": null}),
    ] {
        let record = Record { version: 3, ..record.clone() };
        let answer = try_change(&app, "accountUpdate", record.update(&input), "id").await;
        assert!(!answer.errors().is_empty(), "{input}: {answer}");
    }
    let name = Record { version: 3, ..record }.update(&json!({"name": " "}));
    assert_eq!(refusal(&app, "accountUpdate", name).await, "VALIDATION: name REQUIRED");
}

async fn deletes_and_restores(app: TestApp) {
    let parent = account(&app, "Parent").await;
    let child = change(&app, "accountCreate", json!({"name": "Child", "parentId": parent.id}), "id").await;
    let deleted = try_change(&app, "accountDelete", parent.input(), "id").await.expect_data();
    assert_eq!(deleted["accountDelete"], json!({"id": parent.id, "account": null}));

    let names = async |which: &str| {
        let query =
            format!("{{ accounts({which}orderBy: {{name: ASC}}) {{ totalCount nodes {{ name }} }} }}");
        let data = app.data(&query, json!({})).await;
        assert_eq!(data["accounts"]["totalCount"], data["accounts"]["nodes"].as_array().unwrap().len());
        crate::support::texts(&data["accounts"]["nodes"], "name")
    };
    assert_eq!(names("").await, ["Child"]);
    assert_eq!(names("deleted: EXCLUDE, ").await, ["Child"]);
    assert_eq!(names("deleted: ONLY, ").await, ["Parent"]);
    assert_eq!(names("deleted: INCLUDE, ").await, ["Child", "Parent"]);

    let query = "query($child: ID!, $id: ID!) {
        account(id: $id) { id } node(id: $id) { id } child: account(id: $child) { name parent { name } }
        through: accounts(filter: {parent: {name: {eq: \"Parent\"}}}) { totalCount }
    }";
    let variables = json!({"child": child["id"], "id": parent.id});
    let read = app.data(query, variables.clone()).await;
    let expected = json!({"account": null, "node": null, "child": {"name": "Child", "parent": null}, "through": {"totalCount": 0}});
    assert_eq!(read, expected);

    assert_eq!(
        refusal(&app, "accountDelete", Record { version: 2, ..parent.clone() }.input()).await,
        "NOT_FOUND: id NOT_FOUND"
    );
    assert_eq!(
        refusal(&app, "accountUpdate", Record { version: 2, ..parent.clone() }.update(&json!({"name": "X"})))
            .await,
        "NOT_FOUND: id NOT_FOUND"
    );
    assert_eq!(
        refusal(&app, "accountCreate", json!({"name": "X", "parentId": parent.id})).await,
        "NOT_FOUND: parentId NOT_FOUND"
    );
    assert_eq!(refusal(&app, "accountRestore", parent.input()).await, "CONFLICT");
    let restored = change(
        &app,
        "accountRestore",
        Record { version: 2, ..parent.clone() }.input(),
        "name version deletedAt",
    )
    .await;
    assert_eq!(restored, json!({"name": "Parent", "version": 3, "deletedAt": null}));
    let read = app.data(query, variables).await;
    assert_eq!(
        (&read["child"]["parent"]["name"], &read["through"]["totalCount"]),
        (&json!("Parent"), &json!(1))
    );
    assert_eq!(
        refusal(&app, "accountRestore", Record { version: 3, ..parent }.input()).await,
        "NOT_FOUND: id NOT_FOUND"
    );
}

async fn unknown_ids(app: TestApp) {
    let stranger = app.tenant(2).await;
    let theirs = account(&stranger, "Theirs").await;
    for id in [theirs.id.as_str(), "00000000-0000-7000-8000-00000000ffff"] {
        let read = app
            .data("query($id: ID!) { account(id: $id) { id } node(id: $id) { id } }", json!({"id": id}))
            .await;
        assert_eq!(read, json!({"account": null, "node": null}));
        let record = Record { id: id.to_owned(), version: 1 };
        for (mutation, input) in [
            ("accountUpdate", record.update(&json!({"name": "Mine"}))),
            ("accountDelete", record.input()),
            ("accountRestore", record.input()),
        ] {
            assert_eq!(refusal(&app, mutation, input).await, "NOT_FOUND: id NOT_FOUND", "{mutation}");
        }
        assert_eq!(
            refusal(&app, "accountCreate", json!({"name": "A", "parentId": id})).await,
            "NOT_FOUND: parentId NOT_FOUND"
        );
    }
    let read = stranger
        .data("query($id: ID!) { account(id: $id) { name version } }", json!({"id": theirs.id}))
        .await;
    assert_eq!(read["account"], json!({"name": "Theirs", "version": 1}));
    for bad in ["not-an-id", "", "00000000-0000-7000-8000-00000000fffg"] {
        let read = app.graphql("query($id: ID!) { account(id: $id) { id } }", json!({"id": bad})).await;
        assert_eq!((read.status, read.refusal().as_str()), (400, "VALIDATION: id TYPE"), "{bad}");
        let input = json!({"id": bad, "expectedVersion": 1, "name": "X"});
        assert_eq!(refusal(&app, "accountUpdate", input).await, "VALIDATION: id TYPE", "{bad}");
    }
}

async fn trees_have_no_cycles(app: TestApp) {
    let (a, b, c) = (account(&app, "A").await, account(&app, "B").await, account(&app, "C").await);
    let under = |child: &Record, parent: &Record| child.update(&json!({"parentId": parent.id}));
    assert_eq!(refusal(&app, "accountUpdate", under(&a, &a)).await, "VALIDATION: parentId CYCLE");
    let b = Record::of(&change(&app, "accountUpdate", under(&b, &a), "id version").await);
    let c = Record::of(&change(&app, "accountUpdate", under(&c, &b), "id version").await);
    assert_eq!(refusal(&app, "accountUpdate", under(&a, &c)).await, "VALIDATION: parentId CYCLE");

    // A deleted account still stands in the tree: once restored, it must not be above itself.
    change(&app, "accountDelete", b.input(), "id").await;
    assert_eq!(refusal(&app, "accountUpdate", under(&a, &c)).await, "VALIDATION: parentId CYCLE");
    let b = Record { version: b.version + 1, ..b };
    let b = Record::of(&change(&app, "accountRestore", b.input(), "id version").await);

    // Two rows of one batch that make a cycle only together.
    let (d, e) = (account(&app, "D").await, account(&app, "E").await);
    let rows = json!([under(&d, &e), under(&e, &d)]);
    let answer = change_many(&app, "accountUpdateMany", rows, "id").await;
    assert_eq!(answer.rows("accountUpdateMany"), ["ok", "VALIDATION: parentId CYCLE"]);
    // A row that takes an account out of the way of the next.
    let rows = json!([b.update(&json!({"parentId": null})), under(&a, &c)]);
    let answer = change_many(&app, "accountUpdateMany", rows, "id").await;
    assert_eq!(answer.rows("accountUpdateMany"), ["ok", "ok"]);
    let read = app
        .data(
            "query($id: ID!) { account(id: $id) { parent { name parent { name parent { name } } } } }",
            json!({"id": a.id}),
        )
        .await;
    assert_eq!(read["account"], json!({"parent": {"name": "C", "parent": {"name": "B", "parent": null}}}));
}
