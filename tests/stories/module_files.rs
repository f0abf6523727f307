//! What an integrator's module says of its records is enough for files: out of them, and into them.

use serde_json::json;
use shoal_testkit::TestApp;

use crate::exports::{export, lines};
use crate::imports::{bring, counts, read};
use crate::support::{both_databases, try_change, with_property};

both_databases!(with with_property, buildings_come_out_of_files_and_go_into_them);

const BUILDINGS: &str = "\
name,city,accountId
Garden Street 12,Riverside,Owners of Garden Street
Hill Road 1,Riverside,Owners of Hill Road
 ,Riverside,
花园路5号,上海,owners of garden street
";

async fn buildings_come_out_of_files_and_go_into_them(app: TestApp) {
    let targets =
        "{ importTargets { recordType canUpdate canRevert fields { path required keys { name } } } }";
    let of_module = |data: serde_json::Value| {
        let targets = data["importTargets"].as_array().unwrap().iter();
        targets.filter(|target| target["recordType"] == "Building").cloned().collect::<Vec<_>>()
    };
    // What a company has not enabled is not there for files either.
    assert!(of_module(app.data(targets, json!({})).await).is_empty());
    app.enable("property").await;
    let keys = json!([{"name": "name"}, {"name": "domain"}, {"name": "externalId"}]);
    assert_eq!(
        of_module(app.data(targets, json!({})).await),
        [json!({"recordType": "Building", "canUpdate": false, "canRevert": false, "fields": [
            {"path": "name", "required": true, "keys": []},
            {"path": "city", "required": true, "keys": []},
            {"path": "accountId", "required": false, "keys": keys},
        ]})]
    );
    let import = read(&app, "Building", "buildings.csv", BUILDINGS).await;
    assert_eq!(import["state"], "READY", "{import}");
    let done = bring(&app, &import, json!({})).await;
    assert_eq!((&done["state"], counts(&done)), (&json!("DONE"), [3, 0, 0, 1]), "{done}");
    let query = "{ buildings(orderBy: {name: ASC}) { nodes { name city account { name buildings { totalCount } } } } }";
    let data = app.data(query, json!({})).await;
    let [garden, hill] = [("Owners of Garden Street", 2), ("Owners of Hill Road", 1)]
        .map(|(name, count)| json!({"name": name, "buildings": {"totalCount": count}}));
    let all = json!([
        {"name": "Garden Street 12", "city": "Riverside", "account": garden},
        {"name": "Hill Road 1", "city": "Riverside", "account": hill},
        {"name": "花园路5号", "city": "上海", "account": garden},
    ]);
    assert_eq!(data["buildings"]["nodes"], all);
    // The export has the columns that the import takes.
    let order = json!([{"name": "ASC"}]);
    let file = export(&app, json!({"recordType": "Building", "format": "CSV", "orderBy": order})).await;
    assert_eq!(
        lines(&app, &file).await,
        [
            "name,city,accountId",
            "Garden Street 12,Riverside,Owners of Garden Street",
            "Hill Road 1,Riverside,Owners of Hill Road",
            "花园路5号,上海,Owners of Garden Street",
        ]
    );
    // Nobody has said how a building would be deleted.
    let revert = try_change(&app, "importRevert", json!({"id": import["id"]}), "id").await;
    assert_eq!(revert.refusal(), "VALIDATION: input.id UNSUPPORTED");
    assert_eq!(app.data(query, json!({})).await["buildings"]["nodes"], all);
}
