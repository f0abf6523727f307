//! A module with nothing but pages and settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shoal_core::RequestContext;
use shoal_core::module::{
    Access, Manifest, Module, Right, Route, RouteAnswer, RouteRequest, Settings, SettingsSchema, Translations,
};
use shoal_graphql::declare::ModuleRegistry;
use shoal_graphql::error::{Error, Refusal};

/// Hear what was rung.
pub const HEAR: &str = "bell.ring.hear";

mod permission {
    shoal_core::rights! {
        /// Hear what was rung.
        RING_HEAR = "bell.ring.hear", employees: All;
    }
}

const TEXTS: &str = "module-title = Bell\nmodule-summary = Rings.\nright-bell-ring-hear = Hear\nsetting-volume = Volume\nsetting-exchangeKey = Key\n";

/// What may be set.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct BellSettings {
    /// How loud it is.
    volume: u8,
    /// What it shows to the telephone exchange.
    #[schemars(extend("writeOnly" = true))]
    exchange_key: Option<String>,
}

impl Default for BellSettings {
    fn default() -> Self {
        Self { volume: 5, exchange_key: None }
    }
}

impl Settings for BellSettings {
    const MODULE: &'static str = "bell";
}

/// The module, with these pages.
#[derive(Debug, Clone, Copy)]
pub struct Bell(pub fn() -> Vec<Route>);

impl Default for Bell {
    fn default() -> Self {
        Self(pages)
    }
}

impl Module for Bell {
    fn manifest(&self) -> Manifest {
        Manifest { id: "bell", version: "1", requires: &[], integrates: &[] }
    }

    fn declare(&self, _: &mut ModuleRegistry<'_>) {}

    fn translations(&self) -> Translations {
        Translations { en: TEXTS, zh_cn: TEXTS, ru: TEXTS }
    }

    fn rights(&self) -> Vec<Right> {
        permission::all()
    }

    fn settings(&self) -> SettingsSchema {
        SettingsSchema::of::<BellSettings>()
    }

    fn routes(&self) -> Vec<Route> {
        (self.0)()
    }
}

/// Pages that tell what they were asked, and pages that fail in every way.
fn pages() -> Vec<Route> {
    vec![
        Route::get("/rings/{door}", HEAR, tell),
        Route::post("/rings/{door}", HEAR, tell),
        Route::post("/rings/{door}", Access::Public, tell),
        Route::get("/rings/{door}/latest", Access::Public, tell),
        Route::get("/nothing", HEAR, async |_, _| Ok(RouteAnswer::nothing())),
        Route::get("/panic", HEAR, async |_, _| panic!("a secret")),
        Route::get("/fault", HEAR, async |_, _| Err(Error::fault("a secret"))),
        Route::get("/wait", HEAR, async |_, _| std::future::pending().await),
        Route::post("/refuse", HEAR, async |_, _| {
            Err(Refusal::field(["door"], "REQUIRED", "say which door").into())
        }),
    ]
}

async fn tell(context: RequestContext, request: RouteRequest) -> Result<RouteAnswer, Error> {
    Ok(RouteAnswer::json(&json!({
        "door": request.parameter("door"),
        "by": request.query("by"),
        "body": String::from_utf8_lossy(&request.body),
        "signature": request.headers.get("x-signature").and_then(|value| value.to_str().ok()),
        "company": context.tenant.slug,
        "actor": context.caller.actor.code(),
        "knowsTheKey": context.settings::<BellSettings>().exchange_key.is_some(),
        "request": context.request_id.as_deref(),
    })))
}
