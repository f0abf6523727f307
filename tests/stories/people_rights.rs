//! Nobody comes to more rights by managing people, teams or keys than they have.

use serde_json::json;
use shoal_core::role::{ADMINISTRATOR, EMPLOYEE};
use shoal_core::sign_in::link::look;
use shoal_testkit::TestApp;

use crate::staff::{built_in, invite, is_known, rights, role, team, try_invite, user_record, with_rights};
use crate::support::{Record, both_databases, change, refusal, try_change};

both_databases!(
    who_manages_people_gives_no_roles,
    nobody_gives_a_role_with_more_than_they_have,
    nobody_comes_in_as_somebody_with_more,
    nobody_comes_in_as_an_equal_with_records_of_their_own,
    teams_are_not_given_by_the_way,
    leavers_are_let_out_by_who_manages_people,
    employees_manage_nothing,
    rights_are_those_of_now,
    a_link_is_no_way_to_rights_that_came_later,
    nor_to_rights_that_came_to_the_role,
    managing_teams_is_no_way_to_their_records,
);

/// What a personnel department has: it manages people, and is employed itself.
const PERSONNEL: [&str; 3] = ["core.user.read", "core.user.manage", "core.role.read"];

/// Somebody with these rights and what every employee has.
async fn employed(app: &TestApp, name: &str, rights: &[&str]) -> TestApp {
    let role = role(app, name, rights).await;
    let employee = built_in(app, "EMPLOYEE").await;
    let email = format!("{name}@company.example");
    let (user, _) = invite(app, json!({"email": email, "name": name, "roleIds": [role.id, employee]})).await;
    app.with_session_of(user.id.parse().unwrap()).await
}

/// What an invitation is refused with.
async fn invitation(app: &TestApp, input: serde_json::Value) -> String {
    let answer = try_invite(app, input).await;
    if answer.errors().is_empty() { "ok".to_owned() } else { answer.refusal().replace("input.", "") }
}

async fn who_manages_people_gives_no_roles(app: TestApp) {
    let personnel = employed(&app, "personnel", &PERSONNEL).await;
    let narrow = role(&app, "narrow", &["core.user.read"]).await;
    let employee = built_in(&app, "EMPLOYEE").await;
    let with = |email: &str, roles: serde_json::Value| json!({"email": email, "name": "A", "roleIds": roles});
    assert_eq!(invitation(&personnel, json!({"email": "a@x.de", "name": "A"})).await, "ok");
    assert_eq!(invitation(&personnel, with("b@x.de", json!([employee]))).await, "ok");
    assert_eq!(invitation(&personnel, with("c@x.de", json!([]))).await, "ok");
    let refused = "FORBIDDEN: roleIds FORBIDDEN";
    assert_eq!(invitation(&personnel, with("d@x.de", json!([narrow.id]))).await, refused);
    let (anna, _) = invite(&app, json!({"email": "anna@x.de", "name": "Anna"})).await;
    for roles in [json!([narrow.id]), json!([employee, narrow.id]), json!([])] {
        assert_eq!(refusal(&personnel, "userUpdate", anna.update(&json!({"roleIds": roles}))).await, refused);
    }
    // A role of their own is theirs already: nothing changes.
    let me = user_record(&app, &personnel.user_id().to_string()).await;
    assert_eq!(refusal(&personnel, "userUpdate", me.update(&json!({"roleIds": [narrow.id]}))).await, refused);
    // Without what every employee has, one does not give it.
    let bare = with_rights(&app, "bare", &["core.user.read", "core.user.manage"]).await;
    assert_eq!(
        invitation(&bare, json!({"email": "e@x.de", "name": "E"})).await,
        "FORBIDDEN: roleIds.0 FORBIDDEN"
    );
}

async fn nobody_gives_a_role_with_more_than_they_have(app: TestApp) {
    let rights = [
        "core.user.read",
        "core.user.manage",
        "core.role.read",
        "core.role.manage",
        "contacts.contact.read:TEAM",
    ];
    let lead = with_rights(&app, "lead", &rights).await;
    let administrator = built_in(&app, "ADMINISTRATOR").await;
    let own = role(&app, "own", &["contacts.contact.read:OWN"]).await;
    let same = role(&app, "same", &["contacts.contact.read:TEAM", "core.user.read"]).await;
    let wider = role(&app, "wider", &["contacts.contact.read:TEAM_AND_BELOW"]).await;
    let other = role(&app, "other", &["core.audit.read"]).await;
    let (anna, _) = invite(&app, json!({"email": "anna@x.de", "name": "Anna", "roleIds": [own.id]})).await;
    for (given, position) in [(&administrator, 1), (&wider.id, 1), (&other.id, 1)] {
        let roles = json!([own.id, given]);
        let expected = format!("FORBIDDEN: roleIds.{position} FORBIDDEN");
        let update = anna.update(&json!({"roleIds": roles}));
        assert_eq!(refusal(&lead, "userUpdate", update).await, expected);
        let me = user_record(&app, &lead.user_id().to_string()).await;
        let answer = try_change(&lead, "userUpdate", me.update(&json!({"roleIds": roles})), "id").await;
        assert_eq!(answer.code(), "FORBIDDEN", "neither to oneself: {answer}");
        let input = json!({"email": "b@x.de", "name": "B", "roleIds": roles});
        assert_eq!(invitation(&lead, input).await, expected);
    }
    let update = anna.update(&json!({"roleIds": [same.id]}));
    assert_eq!(change(&lead, "userUpdate", update, "version").await["version"], 2);
    // Nor is a role taken that one could not give back.
    let chief = user_record(&app, &app.user_id().to_string()).await;
    app.user("second@company.example", ADMINISTRATOR).await;
    assert_eq!(
        refusal(&lead, "userUpdate", chief.update(&json!({"roleIds": []}))).await,
        "FORBIDDEN: roleIds FORBIDDEN"
    );
}

async fn nobody_comes_in_as_somebody_with_more(app: TestApp) {
    let personnel = employed(&app, "personnel", &PERSONNEL).await;
    let (boss, _) = invite(
        &app,
        json!({"email": "boss@x.de", "name": "Boss", "roleIds": [
            role(&app, "Boss", &["core.audit.read"]).await.id,
        ]}),
    )
    .await;
    let chief = user_record(&app, &app.user_id().to_string()).await;
    for them in [&boss, &chief] {
        let address = them.update(&json!({"email": "mine@x.de"}));
        assert_eq!(refusal(&personnel, "userUpdate", address).await, "FORBIDDEN: email FORBIDDEN");
        for purpose in ["INVITATION", "RESET"] {
            let link = json!({"id": them.id, "purpose": purpose});
            assert_eq!(refusal(&personnel, "userLink", link).await, "FORBIDDEN: id FORBIDDEN");
        }
    }
    // Letter case of an address is one's to change by the same rule.
    let address = boss.update(&json!({"email": "BOSS@x.de"}));
    assert_eq!(refusal(&personnel, "userUpdate", address).await, "FORBIDDEN: email FORBIDDEN");
    change(&personnel, "userUpdate", boss.update(&json!({"name": "The boss"})), "id").await;
    // Whoever has never come in they may help.
    let (anna, _) = invite(&app, json!({"email": "anna@x.de", "name": "Anna"})).await;
    change(&personnel, "userUpdate", anna.update(&json!({"email": "anna.lee@x.de"})), "id").await;
    change(&personnel, "userLink", json!({"id": anna.id, "purpose": "RESET"}), "id").await;
}

async fn nobody_comes_in_as_an_equal_with_records_of_their_own(app: TestApp) {
    const SELLER: [&str; 2] = ["core.user.read", "contacts.account.read:OWN"];
    let seller = role(&app, "seller", &SELLER).await.id;
    let personnel = with_rights(&app, "p", &[&SELLER[..], &["core.user.manage"]].concat()).await;
    let above =
        with_rights(&app, "a", &["core.user.read", "contacts.account.read", "core.user.manage"]).await;
    let (ben, link) = invite(&app, json!({"email": "ben@x.de", "name": "Ben", "roleIds": [seller]})).await;
    let reset = json!({"id": ben.id, "purpose": "RESET"});
    change(&personnel, "userLink", reset.clone(), "id").await;
    // He has come in, and may have accounts.
    let body = json!({"token": link.strip_prefix("/auth/link/"), "password": "correct horse battery"});
    let headers = [("content-type", "application/json")];
    let came = app.http_as_nobody("POST", "/auth/link", &headers, body.to_string().as_bytes()).await;
    assert_eq!(came.status, 200);
    assert_eq!(refusal(&personnel, "userLink", reset.clone()).await, "FORBIDDEN: id FORBIDDEN");
    let address = ben.update(&json!({"email": "mine@x.de"}));
    assert_eq!(refusal(&personnel, "userUpdate", address).await, "FORBIDDEN: email FORBIDDEN");
    change(&personnel, "userUpdate", ben.update(&json!({"name": "Benjamin"})), "id").await;
    // Somebody who sees all accounts learns nothing by it, and everybody may help themself.
    change(&above, "userLink", reset, "id").await;
    let me = json!({"id": personnel.user_id(), "purpose": "RESET"});
    change(&personnel, "userLink", me, "id").await;
    let me = user_record(&app, &personnel.user_id().to_string()).await;
    change(&personnel, "userUpdate", me.update(&json!({"email": "me@x.de"})), "id").await;
}

async fn teams_are_not_given_by_the_way(app: TestApp) {
    let personnel = employed(&app, "personnel", &PERSONNEL).await;
    let sales = team(&app, "Sales", None, &[]).await;
    let refused = "FORBIDDEN: teamIds FORBIDDEN";
    let input = json!({"email": "a@x.de", "name": "A", "teamIds": [sales.id]});
    assert_eq!(invitation(&personnel, input.clone()).await, refused);
    let me = user_record(&app, &personnel.user_id().to_string()).await;
    assert_eq!(refusal(&personnel, "userUpdate", me.update(&json!({"teamIds": [sales.id]}))).await, refused);
    let both = employed(&app, "both", &["core.user.manage", "core.team.manage"]).await;
    assert_eq!(invitation(&both, input).await, "ok");
}

async fn leavers_are_let_out_by_who_manages_people(app: TestApp) {
    let personnel = employed(&app, "personnel", &PERSONNEL).await;
    let seller = with_rights(&app, "seller", &["core.audit.read"]).await;
    let record = user_record(&app, &seller.user_id().to_string()).await;
    let changed =
        change(&personnel, "userUpdate", record.update(&json!({"active": false})), "id version").await;
    assert!(!is_known(&seller).await);
    // To let them in again is to give what they may do.
    let record = Record::of(&changed);
    let back = record.update(&json!({"active": true}));
    assert_eq!(refusal(&personnel, "userUpdate", back.clone()).await, "FORBIDDEN: active FORBIDDEN");
    change(&app, "userUpdate", back, "id").await;
}

async fn employees_manage_nothing(app: TestApp) {
    let anna = app.user("anna@company.example", EMPLOYEE).await;
    let nothing = crate::staff::NOTHING;
    let version = json!({"id": nothing, "expectedVersion": 1});
    let me = user_record(&app, &anna.user_id().to_string()).await;
    for (mutation, input) in [
        ("userInvite", json!({"email": "a@x.de", "name": "A"})),
        ("userUpdate", me.update(&json!({"name": "A"}))),
        ("userLink", json!({"id": me.id, "purpose": "RESET"})),
        ("teamCreate", json!({"name": "A"})),
        ("teamUpdate", version.clone()),
        ("teamMembersAdd", json!({"id": nothing, "userIds": [me.id]})),
        ("teamMembersRemove", json!({"id": nothing, "userIds": [me.id]})),
        ("teamDelete", version.clone()),
        ("roleCreate", json!({"name": "A", "rights": []})),
        ("roleUpdate", version.clone()),
        ("roleDelete", version.clone()),
        ("apiKeyCreate", json!({"name": "A", "roleIds": []})),
        ("apiKeyUpdate", version.clone()),
        ("apiKeyRevoke", json!({"id": nothing})),
        ("tenantUpdate", json!({"expectedVersion": 1})),
    ] {
        let answer = try_change(&anna, mutation, input, "id").await;
        assert!(
            answer.errors().iter().all(|error| error["extensions"]["code"] == "FORBIDDEN"),
            "{mutation}: {answer}"
        );
        assert!(!answer.errors().is_empty(), "{mutation}");
    }
}

/// What decides is read when the change is made, not what a session knew a moment ago.
async fn rights_are_those_of_now(app: TestApp) {
    let personnel = employed(&app, "personnel", &PERSONNEL).await;
    let elsewhere = personnel.second_node().await;
    assert!(is_known(&elsewhere).await, "the other node remembers their rights");
    let me = user_record(&app, &personnel.user_id().to_string()).await;
    change(&app, "userUpdate", me.update(&json!({"roleIds": [built_in(&app, "EMPLOYEE").await]})), "id")
        .await;
    let answer = try_invite(&elsewhere, json!({"email": "a@x.de", "name": "A"})).await;
    assert_eq!(answer.code(), "FORBIDDEN", "{answer}");
}

async fn a_link_is_no_way_to_rights_that_came_later(app: TestApp) {
    let personnel = employed(&app, "personnel", &PERSONNEL).await;
    let (anna, link) = invite(&personnel, json!({"email": "a@x.de", "name": "A"})).await;
    let (ben, other) = invite(&personnel, json!({"email": "b@x.de", "name": "B"})).await;
    let administrator = built_in(&app, "ADMINISTRATOR").await;
    change(&app, "userUpdate", anna.update(&json!({"roleIds": [administrator]})), "id").await;
    change(&app, "userUpdate", ben.update(&json!({"roleIds": []})), "id").await;
    assert!(!works(&app, &link).await, "it was made for an employee");
    assert!(works(&app, &other).await, "fewer rights are no matter");
}

/// Whether a link can be used.
async fn works(app: &TestApp, link: &str) -> bool {
    look(app.kernel(), link.strip_prefix("/auth/link/").unwrap()).await.is_ok()
}

async fn nor_to_rights_that_came_to_the_role(app: TestApp) {
    let narrow = ["core.user.read", "contacts.contact.read:TEAM"];
    let growing = role(&app, "growing", &narrow).await;
    let wide = role(&app, "wide", &["core.user.read", "core.audit.read", "contacts.contact.read:TEAM"]).await;
    let link_of = async |email: &str, role: &Record| {
        invite(&app, json!({"email": email, "name": email, "roleIds": [role.id]})).await.1
    };
    let link = link_of("a@x.de", &growing).await;
    // Another name, or fewer rights, are no matter.
    let fewer = json!({"name": "less", "rights": rights(&["contacts.contact.read:OWN"])});
    let growing = Record::of(&change(&app, "roleUpdate", growing.update(&fewer), "id version").await);
    assert!(works(&app, &link).await);
    let same_right = json!({"rights": rights(&["contacts.contact.read:ALL"])});
    let growing = Record::of(&change(&app, "roleUpdate", growing.update(&same_right), "id version").await);
    assert!(!works(&app, &link).await, "a wider scope");
    let link = link_of("b@x.de", &growing).await;
    let other = link_of("c@x.de", &wide).await;
    let more = json!({"rights": rights(&["contacts.contact.read:ALL", "core.role.read"])});
    let growing = Record::of(&change(&app, "roleUpdate", growing.update(&more), "id version").await);
    assert!(!works(&app, &link).await, "another right");
    assert!(works(&app, &other).await, "somebody with another role");
    let link = link_of("d@x.de", &growing).await;
    let instead = growing.update(&json!({"replacementId": wide.id}));
    let document = "mutation($input: RoleDelete!) { roleDelete(input: $input) { id } }";
    app.data(document, json!({"input": instead})).await;
    assert!(!works(&app, &link).await, "another role instead, with more rights");
}

async fn managing_teams_is_no_way_to_their_records(app: TestApp) {
    let refused = |field: &str| format!("FORBIDDEN: {field} FORBIDDEN");
    let all = ["core.team.read", "core.team.manage", "core.user.read", "core.user.manage"];
    for scope in ["TEAM", "TEAM_AND_BELOW"] {
        let name = |name: &str| format!("{name} {scope}");
        let right = format!("contacts.contact.read:{scope}");
        let lead = with_rights(&app, scope, &[&all[..], &[&right]].concat()).await;
        let me = lead.user_id();
        let own = team(&app, &name("Own"), None, &[me]).await;
        let other = team(&app, &name("Other"), None, &[]).await;
        let members = |users: &[uuid::Uuid]| json!({"id": other.id, "userIds": users});
        assert_eq!(refusal(&lead, "teamMembersAdd", members(&[me])).await, refused("userIds"));
        let update = other.update(&json!({"memberIds": [me]}));
        assert_eq!(refusal(&lead, "teamUpdate", update).await, refused("memberIds"));
        let mine = user_record(&app, &me.to_string()).await;
        let update = mine.update(&json!({"teamIds": [own.id, other.id]}));
        assert_eq!(refusal(&lead, "userUpdate", update).await, refused("teamIds"));
        let below = other.update(&json!({"parentId": own.id}));
        if scope == "TEAM" {
            change(&lead, "teamUpdate", below, "id").await;
        } else {
            assert_eq!(refusal(&lead, "teamUpdate", below).await, refused("parentId"));
        }
        // Others they put where they belong; a new team has no records; and to see less is always allowed.
        let anna = with_rights(&app, &name("anna").replace(' ', "-"), &[]).await;
        change(&lead, "teamMembersAdd", members(&[anna.user_id()]), "id").await;
        let new = team(&lead, &name("New"), Some(&own), &[me]).await;
        change(&lead, "teamMembersRemove", json!({"id": new.id, "userIds": [me]}), "id").await;
        change(&app, "teamMembersAdd", members(&[me]), "id").await;
    }
    let chief = with_rights(&app, "chief", &[&all[..], &["contacts.contact.read"]].concat()).await;
    let other = team(&app, "Other", None, &[]).await;
    let join = json!({"id": other.id, "userIds": [chief.user_id()]});
    change(&chief, "teamMembersAdd", join, "id").await;
}
