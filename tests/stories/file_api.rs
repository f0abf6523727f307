//! Files as jobs and modules meet them.

use chrono::TimeDelta;
use futures::TryStreamExt as _;
use serde_json::{Value as Json, json};
use shoal_contacts::public::contact;
use shoal_core::clock::Clock as _;
use shoal_core::file::{self, Stored};
use shoal_core::{RequestContext, UnitOfWork};
use shoal_testkit::TestApp;
use uuid::Uuid;

use crate::files::{download, upload};
use crate::staff::changes;
use crate::support::{both_databases, change, contact};

both_databases!(what_a_job_writes, what_a_job_reads, files_of_what_is_erased);

fn system(app: &TestApp) -> RequestContext {
    RequestContext::system(app.kernel(), app.company())
}

async fn written(context: &RequestContext, name: &str, pieces: &[&[u8]]) -> Stored {
    let mut writer = file::create(context, name).await.unwrap();
    for piece in pieces {
        writer.write(piece).await.unwrap();
    }
    writer.finish().await.unwrap()
}

async fn what_a_job_writes(app: TestApp) {
    let context = system(&app);
    let stored = written(&context, "folder/export.csv", &[b"name\n", b"", b"Anna\n"]).await;
    assert_eq!(
        (stored.name.as_str(), stored.size, stored.media_type.as_str()),
        ("export.csv", 10, "text/plain")
    );
    assert_eq!(download(&app, &stored.id.to_string()).await.status, 404, "nobody knows of it yet");
    UnitOfWork::run(&context, |unit| {
        let stored = stored.clone();
        Box::pin(async move { stored.stage(unit, None).await })
    })
    .await
    .unwrap();
    assert_eq!(download(&app, &stored.id.to_string()).await.body, b"name\nAnna\n");
    let document = "query($id: ID!) { file(id: $id) { expiresAt createdBy { id } } }";
    let known = app.data(document, json!({"id": stored.id})).await;
    assert_eq!(known["file"], json!({"expiresAt": null, "createdBy": null}));
    // What is not finished, or not wanted, leaves nothing.
    let mut writer = file::create(&context, "half").await.unwrap();
    writer.write(&vec![1; 3_000_000]).await.unwrap();
    drop(writer);
    written(&context, "unwanted", &[b"x"]).await.discard(&context).await.unwrap();
    let folder = app.files().join(app.tenant_id().to_string());
    for _ in 0..100 {
        if std::fs::read_dir(&folder).unwrap().count() == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("something is left");
}

async fn what_a_job_reads(app: TestApp) {
    let bytes: Vec<u8> = (0..2_000_000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let id: Uuid = upload(&app, "import.csv", &bytes).await.parse().unwrap();
    let context = system(&app);
    let found = file::find(&context, id).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.size), ("import.csv", 2_000_000));
    assert!(file::find(&context, app.user_id()).await.unwrap().is_none());
    assert!(file::find(&system(&app.tenant(2).await), id).await.unwrap().is_none());
    let part: Vec<_> = file::open(&context, id, Some(10..20)).await.unwrap().try_collect().await.unwrap();
    assert_eq!(part.concat(), bytes[10..20]);
    let copy = app.files().join("copy");
    file::copy_to(&context, id, &copy).await.unwrap();
    assert!(std::fs::read(&copy).unwrap() == bytes);
    // While it is needed, it stays.
    let until = app.clock().now() + TimeDelta::days(30);
    let keep = async |id| {
        UnitOfWork::run(&context, |unit| Box::pin(file::keep_until(unit, id, Some(until)))).await.unwrap()
    };
    assert_eq!(keep(id).await.unwrap().expires_at, Some(until));
    assert!(keep(app.user_id()).await.is_none());
    app.clock().advance(std::time::Duration::from_hours(48));
    app.do_job("core.clean_up_files").await;
    assert!(file::find(&context, id).await.unwrap().is_some());
}

async fn files_of_what_is_erased(app: TestApp) {
    let [one, other] = [
        contact(&app, json!({"givenName": "One"})).await,
        contact(&app, json!({"givenName": "Other"})).await,
    ];
    let mut files = Vec::new();
    for record in [&one, &one, &other] {
        let id = upload(&app, "a.txt", b"x").await;
        change(&app, "fileAttach", json!({"fileId": id, "recordId": record.id}), "id").await;
        files.push(id);
    }
    let record: Uuid = one.id.parse().unwrap();
    UnitOfWork::run(&system(&app), |unit| Box::pin(file::release::<contact::Entity>(unit, [record])))
        .await
        .unwrap();
    let mut left = Vec::new();
    for id in &files {
        left.push(download(&app, id).await.status);
    }
    assert_eq!(left, [404, 404, 200]);
    // The audit says to what it was attached.
    let said = changes(&app, &files[2]).await;
    assert_eq!(said[0]["record"], json!([Json::Null, other.id]));
}
