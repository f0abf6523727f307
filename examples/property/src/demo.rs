//! A building to try it out with.

use sea_orm::{QueryOrder as _, QuerySelect as _};
use shoal_contacts::public::contact;
use shoal_core::{RequestContext, UnitOfWork};
use shoal_graphql::error::Error;
use shoal_graphql::value::Choice as _;

use crate::residency::ResidencyKind;
use crate::{residency, take_over, unit};

/// A building with a flat for each of the first contacts.
pub(crate) async fn fill(context: &RequestContext) -> Result<(), Error> {
    UnitOfWork::run(context, |unit_of_work| Box::pin(stage(unit_of_work))).await
}

async fn stage(unit_of_work: &mut UnitOfWork) -> Result<(), Error> {
    let contacts = unit_of_work.find::<contact::Entity>().order_by_asc(contact::Column::Id).limit(6);
    let contacts = contacts.all(unit_of_work.transaction()).await?;
    let tenant_id = unit_of_work.tenant();
    let (name, city) = ("Garden Street 12".to_owned(), "Riverside".to_owned());
    let building_id = take_over::stage(unit_of_work, name, city, None);
    for (floor, contact) in (0_i32..).zip(contacts) {
        let (unit_id, id) = (unit_of_work.new_id(), unit_of_work.new_id());
        let kind = if floor % 3 == 2 { ResidencyKind::User } else { ResidencyKind::Owner };
        let number = format!("{floor}A");
        unit_of_work.insert::<unit::Entity>(unit::Model {
            tenant_id,
            id: unit_id,
            building_id,
            number,
            floor,
        });
        unit_of_work.insert::<residency::Entity>(residency::Model {
            tenant_id,
            id,
            unit_id,
            contact_id: contact.id,
            kind: kind.code().to_owned(),
            valid_from: None,
            valid_to: None,
        });
    }
    Ok(())
}
