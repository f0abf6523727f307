//! Mails that people upload.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use futures::TryStreamExt as _;
use sea_orm::{ColumnTrait as _, QueryFilter as _};
use shoal_core::batch::present;
use shoal_core::file::{self, Stored};
use shoal_core::{RequestContext, UnitOfWork, user};
use shoal_graphql::context::Context;
use shoal_graphql::declare::Handled;
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::graphql::InteractionFromEmail;
use super::mail::Mail;
use super::named::{Named, Names};
use super::rules::CONTACTS;
use super::service::{blank, stage_new};
use super::{Column, Entity};
use crate::choices::{InteractionDirection, InteractionKind};
use crate::contact_point::email_address;
use crate::permission::DETAIL_READ;
use crate::{account, contact};

/// Bytes of a mail, which is read as a whole.
const MOST: i64 = 25 << 20;

/// Makes interactions of mails in files.
///
/// # Errors
/// Faults of the database and the store of files; refusals are per input.
pub async fn from_email(
    context: Arc<dyn Context>,
    inputs: Vec<InteractionFromEmail>,
) -> Result<Handled, Error> {
    let context = RequestContext::of(&context)?;
    let mut handled = Vec::with_capacity(inputs.len());
    for input in inputs {
        handled.push(match bring_in(&context, input).await {
            Ok(id) => Ok(id.into()),
            Err(Error::Refused(refusal)) => Err(refusal),
            Err(error) => return Err(error),
        });
    }
    Ok(handled)
}

async fn bring_in(context: &RequestContext, input: InteractionFromEmail) -> Result<Uuid, Error> {
    let file = file::find(context, input.file_id).await?.ok_or_else(file::not_found)?;
    if file.size > MOST {
        let message = message!("contacts-mail-too-large", "the mail has more than {most} bytes", most = MOST);
        return Err(Refusal::field(["fileId"], "EMAIL_TOO_LARGE", message).into());
    }
    let mut bytes = Vec::new();
    let mut pieces = file::open(context, file.id, None).await?;
    while let Some(piece) = pieces.try_next().await? {
        bytes.extend_from_slice(&piece);
    }
    // A large one takes seconds, in which others want to be answered.
    let read = tokio::task::spawn_blocking(move || Mail::read(&bytes, &file.sha256));
    let mail = Arc::new(read.await.map_err(Error::fault)??);
    let looked_up = Arc::clone(&mail);
    let known = UnitOfWork::run(context, |unit| {
        let mail = Arc::clone(&looked_up);
        Box::pin(async move { known(unit, &mail).await })
    });
    if let Some(id) = known.await? {
        return Ok(id);
    }
    // The bytes come first: a row has always its bytes.
    let attachments = Arc::new(store(context, &mail).await?);
    let shared = (Arc::new(input), mail, Arc::clone(&attachments));
    let made = UnitOfWork::run(context, |unit| {
        let (input, mail, attachments) = shared.clone();
        Box::pin(async move { stage(unit, &input, &mail, &attachments).await })
    });
    let made = made.await;
    if !matches!(made, Ok((_, true))) {
        for attachment in attachments.iter() {
            attachment.discard(context).await?;
        }
    }
    made.map(|(id, _)| id)
}

async fn store(context: &RequestContext, mail: &Mail) -> Result<Vec<Stored>, Error> {
    let mut stored = Vec::with_capacity(mail.attachments.len());
    for (number, (name, bytes)) in mail.attachments.iter().enumerate() {
        let name = name.clone().unwrap_or_else(|| format!("attachment-{}", number + 1));
        let mut writer = file::create(context, &name).await?;
        writer.write(bytes).await?;
        stored.push(writer.finish().await?);
    }
    Ok(stored)
}

/// The interaction of a mail that has come before.
async fn known(unit: &UnitOfWork, mail: &Mail) -> Result<Option<Uuid>, Error> {
    let found = unit.find::<Entity>().filter(Column::MessageKey.eq(&*mail.key));
    let Some(found) = found.one(unit.transaction()).await? else { return Ok(None) };
    let message = if !unit.sees::<Entity>(&found) {
        message!(
            "contacts-mail-hidden",
            "this mail is written down already, but you may not see it; ask who looks after it",
        )
    } else if found.deleted_at.is_some() {
        message!("contacts-mail-deleted", "this mail was written down and deleted; restore it")
    } else {
        return Ok(Some(found.id));
    };
    let refusal = Refusal::field(["fileId"], code::DUPLICATE, message);
    Err(Refusal { code: code::DUPLICATE, ..refusal }.into())
}

/// Stages what a mail becomes. The interaction's id, and whether it is new.
async fn stage(
    unit: &mut UnitOfWork,
    input: &InteractionFromEmail,
    mail: &Mail,
    attachments: &[Stored],
) -> Result<(Uuid, bool), Error> {
    if let Some(id) = known(unit, mail).await? {
        return Ok((id, false));
    }
    let (contacts, account) = concerned(unit, input, mail).await?;
    let mut model = blank(unit, InteractionKind::Email);
    let ours =
        unit.find::<user::Entity>().filter(unit.any_of(user::Column::EmailKey, mail.from.iter().cloned()));
    let is_ours = ours.one(unit.transaction()).await?.is_some();
    let direction = if is_ours { InteractionDirection::Out } else { InteractionDirection::In };
    model.direction = Some(direction.code().to_owned());
    (model.at, model.account_id) = (mail.at, account);
    (model.subject, model.body) = (mail.subject.clone(), mail.body.clone());
    model.message_key = Some(mail.key.clone());
    let id = stage_new(unit, model, &contacts);
    file::attach_to::<Entity>(unit, input.file_id, id).await?;
    for attachment in attachments {
        attachment.stage_at::<Entity>(unit, id).await?;
    }
    Ok((id, true))
}

/// The contacts and the account that a mail was with: those that are given, and those whose addresses stand in it, as many as one
/// interaction can be with: the sender and the first ones.
async fn concerned(
    unit: &UnitOfWork,
    input: &InteractionFromEmail,
    mail: &Mail,
) -> Result<(BTreeSet<Uuid>, Option<Uuid>), Error> {
    let given = input.contact_ids.as_deref().unwrap_or_default();
    let names = Names { contacts: given, account: input.account_id, ..Names::default() };
    Named::load(unit, &[names], std::iter::empty()).await?.check(names)?;
    // Whoever may not read addresses does not learn whose they are.
    let may = unit.context().caller.rights.holds(DETAIL_READ);
    let addresses = mail.from.iter().chain(&mail.to).filter(|_| may).cloned();
    let found = unit.find::<email_address::Entity>();
    let found = found.filter(unit.any_of(email_address::Column::Normalised, addresses));
    let found = found.all(unit.transaction()).await?;
    let mut contacts: HashMap<&str, BTreeSet<Uuid>> = HashMap::new();
    for address in &found {
        contacts.entry(&address.normalised).or_default().extend(address.contact_id);
    }
    let accounts: HashSet<Uuid> = found.iter().filter_map(|address| address.account_id).collect();
    let there = present::<contact::Entity>(unit, contacts.values().flatten().copied()).await?;
    let mut with: BTreeSet<Uuid> = given.iter().copied().collect();
    let in_order = mail.from.iter().chain(&mail.to).filter_map(|address| contacts.get(address.as_str()));
    for contact in in_order.flatten().filter(|contact| there.contains(*contact)) {
        if with.len() < CONTACTS {
            with.insert(*contact);
        }
    }
    let account = match input.account_id {
        Some(account) => Some(account),
        None => present::<account::Entity>(unit, accounts).await?.into_iter().min(),
    };
    if with.is_empty() && account.is_none() {
        let message = message!(
            "contacts-mail-strangers",
            "no address in the mail is a contact's or an account's; name them",
        );
        return Err(Refusal::field(["contactIds"], "REQUIRED", message).into());
    }
    Ok((with, account))
}
