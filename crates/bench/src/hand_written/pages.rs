//! A list page by page, by keys.

use axum::extract::{Query, State};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use shoal_contacts::contact;
use uuid::Uuid;

use super::{Answer, App, Failure, answer};

/// Contacts of a page.
const SIZE: usize = 10;

#[derive(Debug, Deserialize)]
pub(super) struct Place {
    after: Option<String>,
}

/// The sort key and the id of a page's last contact.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor(String, Uuid);

impl Cursor {
    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn decode(text: &str) -> Result<Self, Failure> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|error| Failure::Input(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| Failure::Input(error.to_string()))
    }
}

/// The cursor behind a contact, for the measurement to begin there.
pub fn cursor_behind(contact: &contact::Model) -> String {
    Cursor(contact.display_name_sort.clone(), contact.id).encode()
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    display_name: String,
    family_name: Option<String>,
    display_name_sort: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Contacts {
    contacts: Page,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    nodes: Vec<Node>,
    page_info: PageInfo,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: Uuid,
    display_name: String,
    family_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

/// Ten contacts in the order of their names.
pub(super) async fn by_name(State(app): State<App>, Query(place): Query<Place>) -> Answer<Contacts> {
    use contact::Column::{DeletedAt, DisplayName, DisplayNameSort, FamilyName, Id, TenantId};
    let mut select = contact::Entity::find()
        .select_only()
        .columns([Id, DisplayName, FamilyName, DisplayNameSort])
        .filter(TenantId.eq(app.tenant))
        .filter(DeletedAt.is_null());
    if let Some(after) = place.after {
        let Cursor(sort, id) = Cursor::decode(&after)?;
        let here = Expr::tuple([DisplayNameSort.into_expr(), Id.into_expr()]);
        select = select.filter(here.gt(Expr::tuple([Expr::value(sort), Expr::value(id)])));
    }
    let mut found: Vec<Row> = select
        .order_by_asc(DisplayNameSort)
        .order_by_asc(Id)
        .limit(SIZE as u64 + 1)
        .into_model()
        .all(app.reader())
        .await?;
    let has_next_page = found.len() > SIZE;
    found.truncate(SIZE);
    let end_cursor = found.last().map(|last| Cursor(last.display_name_sort.clone(), last.id).encode());
    let nodes = found.into_iter().map(|contact| Node {
        id: contact.id,
        display_name: contact.display_name,
        family_name: contact.family_name,
    });
    answer(Contacts {
        contacts: Page { nodes: nodes.collect(), page_info: PageInfo { has_next_page, end_cursor } },
    })
}
