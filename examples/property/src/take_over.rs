//! Buildings are taken over: by hand, or out of a file.

use shoal_contacts::public::account;
use shoal_core::import::{Importable, Reference, SavedRow};
use shoal_core::value::{sort_key, text};
use shoal_core::{UnitOfWork, batch};
use shoal_graphql::declare::{Handled, ModuleRegistry, MutationDeclaration};
use shoal_graphql::error::{Error, Refusal};
use uuid::Uuid;

use crate::building::{Entity, Model};
use crate::permission::BUILDING_CREATE;

shoal_graphql::input! {
    /// A building that we manage from now on.
    pub struct BuildingCreate {
        /// What it is called, such as its street and number.
        pub name: String,
        /// The town it stands in.
        pub city: String,
        /// For whom we manage it.
        pub account_id: Option<Uuid>,
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    let (about, create) = ("Takes a building over.", batch::use_case(create));
    let create = MutationDeclaration::new::<Entity, BuildingCreate, _, _>(
        "buildingCreate",
        about,
        BUILDING_CREATE,
        create,
    );
    api.mutation(create);
}

/// Buildings out of files, and into them.
pub(crate) struct Buildings;

impl Importable for Buildings {
    type Entity = Entity;
    type Details = BuildingCreate;
    const CREATE: &'static str = BUILDING_CREATE;

    fn references() -> Vec<Reference> {
        vec![account::reference("accountId")]
    }

    fn outputs() -> &'static [(&'static str, &'static str)] {
        &[("accountId", "account.name")]
    }

    async fn save(unit: &mut UnitOfWork, rows: Vec<SavedRow<BuildingCreate>>) -> Result<Handled, Error> {
        create(unit, &rows.into_iter().map(|row| row.details).collect::<Vec<_>>()).await
    }
}

async fn create(unit: &mut UnitOfWork, inputs: &[BuildingCreate]) -> Result<Handled, Error> {
    let accounts = inputs.iter().filter_map(|input| input.account_id);
    let accounts = batch::load::<account::Entity>(unit, accounts).await?;
    let create = |input: &BuildingCreate| {
        let managed = |id: &Uuid| accounts.get(id).is_some_and(|account| account.deleted_at.is_none());
        if input.account_id.is_some_and(|id| !managed(&id)) {
            return Err(Refusal::not_found(account::NOT_FOUND, ["accountId"]));
        }
        let name = batch::required("name", text::line(&input.name, 200))?;
        let city = batch::required("city", text::line(&input.city, 100))?;
        Ok(stage(unit, name, city, input.account_id).into())
    };
    Ok(inputs.iter().map(create).collect())
}

/// Stages a building: its id.
pub(crate) fn stage(unit: &mut UnitOfWork, name: String, city: String, account_id: Option<Uuid>) -> Uuid {
    let id = unit.new_id();
    unit.insert::<Entity>(Model {
        tenant_id: unit.tenant(),
        id,
        name_sort: sort_key::sort_key(&name),
        name,
        city,
        account_id,
        updated_at: unit.now(),
        updated_by: unit.actor(),
        version: 1,
    });
    id
}
