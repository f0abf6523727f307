//! Who asks, told to themself: what a front end needs first.

use std::sync::Arc;

use shoal_graphql::context::Context;
use shoal_graphql::declare::{ModuleRegistry, NoArguments, QueryDeclaration, Record};
use shoal_graphql::error::Error;

use crate::audit::graphql::ActorKind;
use crate::caller::Actor;
use crate::context::RequestContext;
use crate::module::Scope;
use crate::{api_key, session, team, tenant, user};

shoal_graphql::output! {
    /// Who you are to Shoal, and what you may do.
    pub struct Viewer {
        /// What you are.
        pub kind: ActorKind,
        /// You, if you are a person.
        pub user: Option<Record<user::Entity>>,
        /// The API key you came with, if you are a program.
        pub api_key: Option<Record<api_key::Entity>>,
        /// The session you came with, if you are a person.
        pub session: Option<Record<session::Entity>>,
        /// Your company.
        pub tenant: Record<tenant::Entity>,
        /// Your teams.
        pub teams: Vec<Record<team::Entity>>,
        /// IETF tag of the language in which you are answered.
        pub language: String,
        /// IANA name of the zone in which your company's days begin.
        pub time_zone: String,
        /// The modules that are there for you.
        pub modules: Vec<String>,
        /// Your rights.
        pub rights: Vec<ViewerRight>,
    }

    /// A right you have.
    pub struct ViewerRight {
        /// Its name, such as contacts.account.read.
        pub name: String,
        /// With which records.
        pub scope: Scope,
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.query(QueryDeclaration::new("viewer", "Who you are, and what you may do.", None, viewer));
}

async fn viewer(context: Arc<dyn Context>, _: NoArguments) -> Result<Viewer, Error> {
    let context = RequestContext::of(&context)?;
    let caller = &context.caller;
    let rights =
        context.kernel.modules.rights().filter(|(module, _)| caller.modules.contains(module.manifest.id));
    let held = rights.filter_map(|(_, right)| Some((right.name, caller.scope(right.name)?)));
    Ok(Viewer {
        kind: match caller.actor {
            Actor::User(_) => ActorKind::User,
            Actor::ApiKey(_) => ActorKind::ApiKey,
            Actor::System => ActorKind::System,
            Actor::Operator => ActorKind::Operator,
        },
        user: caller.actor.user().map(Into::into),
        api_key: match caller.actor {
            Actor::ApiKey(id) => Some(id.into()),
            _ => None,
        },
        session: caller.session.map(Into::into),
        tenant: context.tenant.id.into(),
        teams: caller.teams.iter().map(|team| (*team).into()).collect(),
        language: caller.language.tag().to_owned(),
        time_zone: context.tenant.time_zone.name().to_owned(),
        modules: caller.modules.iter().map(str::to_owned).collect(),
        rights: held.map(|(name, scope)| ViewerRight { name: name.to_owned(), scope }).collect(),
    })
}
