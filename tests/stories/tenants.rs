//! Two tenants on one database, with the very same ids: whatever the second one asks, nothing of the first is there.

use serde_json::{Value as Json, json};
use shoal_graphql::catalog::{Catalog, Entity, Field, lower_first};
use shoal_graphql::declare::RelationKind;
use shoal_testkit::{Backend, TestApp};

use crate::bulk::execute;
use crate::catalogue::{columns, tables};
use crate::support::{account, both_databases, change, contact, try_change};

both_databases!(nothing_leaks, nothing_can_be_changed, without_a_role_there_is_nothing);

/// Fills the first tenant, and gives the second the same rows under the same ids, with `own` for `secret`.
async fn twins(app: &TestApp) -> TestApp {
    let point = json!({
        "tags": ["secret tag", "secret other"], "emails": [{"address": "secret@secret.example"}],
        "phones": [{"number": "+49 30 123456"}], "addresses": [{"street": "secret street", "city": "secret city", "country": "DE"}],
        "externalIds": [{"system": "secret system", "key": "secret key"}],
    });
    let with = |fields: Json| {
        let mut input = point.clone();
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        input
    };
    let parent = account(app, "Secret parent").await;
    let company = with(json!({
        "name": "Secret company", "legalName": "secret legal", "domain": "secret.example", "industry": "secret industry",
        "taxId": "secret tax", "parentId": parent.id, "tier": "GOLD", "employees": 5, "annualBudget": {"amount": "1", "currency": "EUR"},
    }));
    let company = change(app, "accountCreate", company, "id").await;
    let person = with(json!({
        "givenName": "secret given", "familyName": "secret family", "honorific": "secret", "jobTitle": "secret job",
        "birthday": "1990-01-01", "language": "de", "timeZone": "Europe/Berlin", "accountId": company["id"],
    }));
    let person = change(app, "contactCreate", person, "id").await;
    let talk = json!({"kind": "VISIT", "subject": "secret subject", "body": "secret", "place": "secret", "outcome": "secret",
        "contactIds": [person["id"]], "accountId": company["id"]});
    change(app, "interactionCreate", talk, "id").await;
    let gone = contact(app, json!({"givenName": "secret deleted"})).await;
    change(app, "contactDelete", gone.input(), "id").await;

    app.user("secret@secret.example", shoal_core::role::EMPLOYEE).await;
    app.team("Secret team", None).await;
    let second = app.tenant(2).await;
    let id = second.tenant_id();
    let literal = match app.backend() {
        Backend::Sqlite => format!("x'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'::uuid"),
    };
    let all: Vec<String> = tables(app)
        .await
        .into_iter()
        .filter(|table| table.starts_with("contacts_") || table == "core_timeline_entry")
        .collect();
    // Parents before children, whatever the order of the names: references are looked at when all is there.
    let order = |table: &String| {
        (table.matches('_').count() > 1, table.contains("_role") || table.ends_with("_tag"), table.clone())
    };
    let mut sorted = all;
    sorted.sort_by_key(order);
    for table in sorted {
        let columns = columns(app, &table).await;
        let value = |column: &String| match column.as_str() {
            "tenant_id" => literal.clone(),
            name if is_text(name) => {
                format!("replace(replace(\"{name}\", 'secret', 'own'), 'Secret', 'Own')")
            }
            name => format!("\"{name}\""),
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        let names: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
        execute(
            app,
            &format!(
                "INSERT INTO {table} ({}) SELECT {} FROM {table} ORDER BY id IS NULL",
                names.join(", "),
                values.join(", ")
            )
            .replace(" ORDER BY id IS NULL", ""),
        )
        .await;
    }
    second
}

/// Columns of text, by their names.
fn is_text(column: &str) -> bool {
    const OTHERS: [&str; 17] = [
        "at",
        "changed",
        "duration_seconds",
        "latitude",
        "longitude",
        "id",
        "employees",
        "founded_year",
        "version",
        "position",
        "valid",
        "is_primary",
        "birthday",
        "valid_from",
        "valid_to",
        "annual_budget_amount",
        "digits",
    ];
    !(OTHERS.contains(&column)
        || (column.ends_with("_id") && column != "tax_id")
        || column.ends_with("_at")
        || column.ends_with("_by"))
}

/// All fields of an entity, its relations down to `depth`.
fn selection(catalog: &Catalog, entity: &Entity, depth: usize) -> String {
    let mut fields = vec!["__typename".to_owned()];
    for (name, field) in &entity.fields {
        match field {
            Field::Column(_) | Field::Computed(_) => fields.push(name.clone()),
            Field::Money(_) => fields.push(format!("{name} {{ amount currency }}")),
            Field::Relation(position) if depth > 0 => {
                let relation = &entity.relations[*position];
                let of = |target: &usize| selection(catalog, &catalog.entities[*target], depth - 1);
                let inner = match relation.declaration.kind {
                    // Any of several types, each with its own fields.
                    RelationKind::AnyRecord { .. } => {
                        let on = |target: &usize| {
                            format!("... on {} {{ {} }}", catalog.entities[*target].name(), of(target))
                        };
                        relation.targets.iter().map(on).collect::<Vec<_>>().join(" ")
                    }
                    _ => of(&relation.targets[0]),
                };
                if relation.declaration.kind.is_to_one() || relation.declaration.as_list {
                    fields.push(format!("{name} {{ {inner} }}"));
                } else {
                    fields.push(format!("{name} {{ totalCount nodes {{ {inner} }} }}"));
                }
            }
            Field::Relation(_) => {}
        }
    }
    fields.sort();
    fields.join(" ")
}

fn assert_own(answer: &shoal_testkit::Answer, query: &str) {
    assert!(answer.errors().is_empty(), "{query}: {answer}");
    let text = answer.json.to_string().to_lowercase();
    assert!(!text.contains("secret"), "{query}: {answer}");
}

fn without_owners(json: &mut Json) {
    match json {
        Json::Object(fields) => {
            for user in ["owner", "actor", "createdBy"] {
                fields.remove(user);
            }
            fields.values_mut().for_each(without_owners);
        }
        Json::Array(items) => items.iter_mut().for_each(without_owners),
        _ => {}
    }
}

/// Somebody without any role: whatever they ask is refused before anything is read.
async fn without_a_role_there_is_nothing(app: TestApp) {
    let nobody = app.nobody("nobody@company.example").await;
    let catalog = app.kernel().modules.schemas().all();
    let mut asked = 0;
    for entity in catalog.entities.iter().filter(|entity| entity.declaration.at_root) {
        let (one, list) = (lower_first(entity.name()), &entity.declaration.plural);
        let id = json!({"id": "01900000-0000-7000-8000-000000000001"});
        for query in [
            format!("{{ {list} {{ totalCount }} }}"),
            format!("{{ {list} {{ nodes {{ id }} }} }}"),
            format!("{{ {list}Aggregate {{ count }} }}"),
            format!("query($id: ID!) {{ {one}(id: $id) {{ id }} }}"),
        ] {
            let variables = if query.starts_with("query") { id.clone() } else { json!({}) };
            let answer = nobody.graphql(&query, variables).await;
            assert_eq!((answer.code(), answer.data()), ("FORBIDDEN", &Json::Null), "{query}: {answer}");
            asked += 1;
        }
        for (query, variables) in questions(&catalog, entity, list) {
            let answer = nobody.graphql(&query, variables.clone()).await;
            let refused = |error: &Json| error["extensions"]["code"] == "FORBIDDEN";
            assert!(answer.errors().iter().all(refused) && !answer.errors().is_empty(), "{query}: {answer}");
            asked += 1;
        }
    }
    assert!(asked > 100, "{asked}");
    let types = nobody
        .data(
            "{ __schema { types { name } queryType { fields { name } } mutationType { name } } }",
            json!({}),
        )
        .await;
    let fields = types["__schema"]["queryType"]["fields"].as_array().unwrap().clone();
    let fields: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
    assert_eq!(fields, ["node", "viewer", "search"]);
    assert!(!types.to_string().contains("Contact"), "{types}");
    let viewer = nobody.data("{ viewer { kind rights { name } } }", json!({})).await;
    assert_eq!(viewer["viewer"], json!({"kind": "USER", "rights": []}));
    // What exists is nobody's business either.
    let one = contact(&app, json!({"givenName": "A"})).await;
    let answer = nobody.data("query($id: ID!) { node(id: $id) { id } }", json!({"id": one.id})).await;
    assert_eq!(answer["node"], Json::Null);
}

async fn nothing_leaks(app: TestApp) {
    let catalog = app.kernel().modules.schemas().all();
    let second = twins(&app).await;
    let mut asked = 0;
    for entity in catalog.entities.iter().filter(|entity| entity.declaration.at_root) {
        let one = lower_first(entity.name());
        let (list, deleted) = (&entity.declaration.plural, entity.declaration.deleted.is_some());
        let deleted = if deleted { "deleted: INCLUDE" } else { "first: 40" };
        // Relations, two levels down.
        let query = format!(
            "{{ {list}({deleted}) {{ totalCount nodes {{ {} }} }} }}",
            selection(&catalog, entity, 2)
        );
        let (ours, theirs) = (second.graphql(&query, json!({})).await, app.graphql(&query, json!({})).await);
        assert_own(&ours, &query);
        if entity.declaration.module == "contacts" {
            assert!(
                theirs.json.to_string().to_lowercase().contains("secret") || one == "contactRole",
                "{query}: nothing to leak"
            );
            // The same rows, but for the text: nothing is doubled or missing either.
            let twin = theirs.json.to_string().replace("secret", "own").replace("Secret", "Own");
            let mut twin: Json = serde_json::from_str(&twin).unwrap();
            let (mut twin, mut ours) = (twin["data"].take(), ours.data().clone());
            // The users are people of the first company: to the second they are not there.
            without_owners(&mut twin);
            without_owners(&mut ours);
            assert!(ours == twin, "{query}");
        } else {
            assert!(theirs.errors().is_empty(), "{query}: {theirs}");
        }
        asked += 1;
        for node in ours.data()[list]["nodes"].as_array().unwrap() {
            let query = format!(
                "query($id: ID!) {{ {one}(id: $id) {{ {} }} node(id: $id) {{ __typename ... on {} {{ {} }} }} }}",
                selection(&catalog, entity, 1),
                entity.name(),
                selection(&catalog, entity, 1)
            );
            assert_own(&second.graphql(&query, json!({"id": node["id"]})).await, &query);
        }
        for (query, variables) in questions(&catalog, entity, list) {
            let answer = second.graphql(&query, variables.clone()).await;
            assert_own(&answer, &format!("{query} {variables}"));
            if variables["hunt"] == true {
                assert_eq!(answer.data()[list]["totalCount"], 0, "{query} {variables}");
            }
            asked += 1;
        }
    }
    assert!(asked > 100, "{asked}");
}

/// Every order, filter and grouping of an entity. Those marked `hunt` look for what only the first tenant has.
fn questions(catalog: &Catalog, entity: &Entity, list: &str) -> Vec<(String, Json)> {
    let mut questions = Vec::new();
    let page =
        format!("{{ totalCount nodes {{ {} }} pageInfo {{ endCursor }} }}", selection(catalog, entity, 0));
    let filtered = format!("query($filter: {}Filter) {{ {list}(filter: $filter) {page} }}", entity.name());
    let mut ask = |filter: Json, hunt: bool| {
        questions.push((filtered.clone(), json!({"filter": filter, "hunt": hunt})));
    };
    for column in entity.declaration.columns.iter().filter(|column| column.filterable) {
        let name = &column.name;
        ask(json!({name: {"isNull": false}}), false);
        ask(json!({name: {"isNull": true}}), false);
        if matches!(column.kind, Some(shoal_graphql::value::Kind::Text)) {
            ask(json!({name: {"contains": "secret"}}), true);
            ask(json!({"not": {"or": [{name: {"contains": "own"}}, {name: {"isNull": true}}]}}), false);
        }
    }
    for (name, field) in &entity.fields {
        let Field::Relation(position) = field else { continue };
        let relation = &entity.relations[*position];
        if matches!(relation.declaration.kind, RelationKind::AnyRecord { .. }) {
            continue;
        }
        let target = &catalog.entities[relation.targets[0]];
        let text = target.declaration.columns.iter().find(|column| {
            column.filterable && matches!(column.kind, Some(shoal_graphql::value::Kind::Text))
        });
        let Some(text) = text else { continue };
        let inner = json!({&text.name: {"contains": "secret"}});
        if relation.declaration.kind.is_to_one() {
            ask(json!({name: inner}), true);
        } else {
            ask(json!({name: {"some": inner}}), true);
            ask(json!({name: {"none": inner}}), false);
            ask(json!({name: {"every": inner}}), false);
        }
    }
    for column in &entity.declaration.columns {
        for direction in ["ASC", "DESC"] {
            if column.orderable || column.sort_column.is_some() {
                questions.push((
                    format!("{{ {list}(orderBy: {{{}: {direction}}}) {page} }}", column.name),
                    json!({}),
                ));
            }
        }
        if column.filterable {
            let group = shoal_graphql::catalog::upper_case(&column.name);
            questions.push((
                format!("{{ {list}Aggregate(groupBy: [{{field: {group}}}]) {{ keys count }} }}"),
                json!({}),
            ));
        }
    }
    questions
}

async fn nothing_can_be_changed(app: TestApp) {
    let theirs = account(&app, "Secret").await;
    let person = contact(&app, json!({"givenName": "Secret", "accountId": theirs.id})).await;
    let role =
        app.data("{ contactRoles { nodes { id } } }", json!({})).await["contactRoles"]["nodes"][0]["id"]
            .clone();
    let second = app.tenant(2).await;
    let own = contact(&second, json!({"givenName": "Own"})).await;
    let role = json!({"id": role, "expectedVersion": 1});
    let taken = json!({"externalId": {"system": "x", "key": "1"}, "name": "Own"});
    change(&app, "accountUpsert", taken.clone(), "id").await;
    let own_upsert = change(&second, "accountUpsert", taken, "version").await;
    assert_eq!(own_upsert["version"], 1, "external ids are each tenant's own");
    for (mutation, input) in [
        ("accountUpdate", theirs.update(&json!({"name": "Mine"}))),
        ("accountDelete", theirs.input()),
        ("accountRestore", theirs.input()),
        ("accountCreate", json!({"name": "A", "parentId": theirs.id})),
        ("contactUpdate", person.update(&json!({"givenName": "Mine"}))),
        ("contactUpdate", own.update(&json!({"accountId": theirs.id}))),
        ("contactDelete", person.input()),
        ("contactRestore", person.input()),
        ("contactRoleUpdate", role.clone()),
        ("contactRoleDelete", role),
        ("contactRoleCreate", json!({"contactId": own.id, "accountId": theirs.id, "role": "USER"})),
        ("contactRoleCreate", json!({"contactId": person.id, "accountId": theirs.id, "role": "USER"})),
    ] {
        let answer = try_change(&second, mutation, input.clone(), "id").await;
        assert_eq!(answer.code(), "NOT_FOUND", "{mutation} {input}: {answer}");
    }
    let data = app.data("{ accounts(orderBy: {name: ASC}) { nodes { name version } } contacts { nodes { displayName version roles { totalCount } } } }", json!({})).await;
    assert_eq!(
        data["accounts"]["nodes"],
        json!([{"name": "Own", "version": 1}, {"name": "Secret", "version": 1}])
    );
    assert_eq!(
        data["contacts"]["nodes"],
        json!([{"displayName": "Secret", "version": 1, "roles": {"totalCount": 1}}])
    );
}
