//! A company sets values in a module.

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::{Map, Value as Json, json};
use shoal_graphql::error::{Error, FieldError, Refusal};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use uuid::Uuid;

use super::plan::NOT_FOUND;
use super::service::MODULES;
use super::{Column, Entity, Model};
use crate::batch::{Tracked as _, expect_version};
use crate::context::RequestContext;
use crate::module::SettingsSchema;
use crate::unit_of_work::UnitOfWork;

/// Sets values in a module, in place of all that are set; what is left out has its default again. Secrets that are left
/// out stay as they are, as nobody can read them; null takes one away. The id of the module's record.
///
/// # Errors
/// `NOT_FOUND`, `VALIDATION` with the settings that are wrong, `CONFLICT`; faults of the database.
pub async fn set_up(
    context: &RequestContext,
    module: &str,
    settings: Json,
    expected_version: i32,
) -> Result<Uuid, Error> {
    let missing = || Refusal::not_found(NOT_FOUND, ["module"]);
    let schema = context.kernel.modules.module(module).ok_or_else(missing)?.settings.clone();
    UnitOfWork::run(context, |unit| {
        let (settings, schema, module) = (settings.clone(), schema.clone(), module.to_owned());
        Box::pin(async move {
            unit.lock(MODULES).await?;
            let row = unit.find::<Entity>().filter(Column::Name.eq(&module)).one(unit.transaction()).await?;
            let before = row.ok_or_else(|| Refusal::not_found(NOT_FOUND, ["module"]))?;
            let mut after = before.clone();
            let (shown, secrets) = divide(&schema, &before, settings)?;
            after.settings = Json::Object(shown);
            expect_version(&before, &after, expected_version)?;
            after.secrets = secrets.map(Json::Object);
            if after != before {
                note_secrets(unit, &before, &after);
                after.touch(unit.now(), unit.actor());
                unit.update::<Entity>(&before, after);
                unit.access_changed();
            }
            Ok(before.id)
        })
    })
    .await
}

type Values = Map<String, Json>;

/// The settings that are shown, and the secrets, of which those that were not given stay.
fn divide(
    schema: &SettingsSchema,
    before: &Model,
    settings: Json,
) -> Result<(Values, Option<Values>), Refusal> {
    let Json::Object(mut given) = settings else {
        return Err(refusal(schema, schema.check(&settings)));
    };
    let known = before.all_settings().into_iter().filter(|(name, _)| schema.is_secret(name));
    for (name, value) in known {
        given.entry(name).or_insert(value);
    }
    given.retain(|name, value| !(schema.is_secret(name) && value.is_null()));
    let all = Json::Object(given);
    let wrong = schema.check(&all);
    if !wrong.is_empty() {
        return Err(refusal(schema, wrong));
    }
    let all = if let Json::Object(all) = all { all } else { Map::new() };
    let (secrets, shown): (Values, Values) = all.into_iter().partition(|(name, _)| schema.is_secret(name));
    Ok((shown, (!secrets.is_empty()).then_some(secrets)))
}

fn refusal(schema: &SettingsSchema, wrong: Vec<(String, Message)>) -> Refusal {
    let fields = wrong.into_iter().map(|(field, message)| {
        let names = field.split('.').filter(|name| !name.is_empty()).map(str::to_owned);
        let first = field.split(['.', '[']).next().unwrap_or_default();
        // The message may repeat the value, which may be another's.
        let secret = || message!("setting-secret-invalid", "cannot be used");
        let message = if schema.is_secret(first) { secret() } else { message };
        FieldError::new(["settings".to_owned()].into_iter().chain(names), "SETTING", message)
    });
    Refusal::validation(fields.collect())
}

/// The audit tells which secrets were set or taken away, and not what they are.
fn note_secrets(unit: &mut UnitOfWork, before: &Model, after: &Model) {
    let value = |model: &Model, name: &str| model.secrets.as_ref().and_then(|set| set.get(name).cloned());
    let models = [before, after];
    let names = models.iter().filter_map(|model| model.secrets.as_ref()?.as_object()).flat_map(Map::keys);
    let mut changed: Vec<&String> = names.filter(|name| value(before, name) != value(after, name)).collect();
    changed.sort_unstable();
    changed.dedup();
    if changed.is_empty() {
        return;
    }
    let of = |model: &Model| {
        changed.iter().copied().filter(|name| value(model, name).is_some()).collect::<Vec<_>>()
    };
    let (was, is) = (json!(of(before)), json!(of(after)));
    unit.note::<Entity>(before.id, "secrets", was, is);
}
