//! Both servers must give the same answers before their speed says anything.

use std::net::SocketAddr;

use serde_json::Value as Json;

use crate::Failure;
use crate::client::Connection;
use crate::scenario::{Scenario, World};

/// Asks both servers the same and compares. Gives both answers to the last question.
///
/// # Errors
/// When an answer is an error, or they differ.
pub async fn check(
    scenario: Scenario,
    world: &World,
    shoal: SocketAddr,
    hand_written: SocketAddr,
) -> Result<[Json; 2], Failure> {
    let (mut shoal, mut hand_written) =
        (Connection::open(shoal).await?, Connection::open(hand_written).await?);
    let mut last = [Json::Null, Json::Null];
    for call in scenario.calls(world).iter().take(3) {
        let ours = ask(&mut shoal, &call.for_shoal(scenario.document(), &world.token)).await?;
        let theirs = ask(&mut hand_written, &call.for_hand_written()).await?;
        // Only Shoal tells what it costs.
        if masked(&ours["data"], scenario) != masked(&theirs["data"], scenario) {
            return Err(format!("{} is answered in two ways:\n{ours}\n{theirs}", scenario.name()).into());
        }
        last = [ours, theirs];
    }
    Ok(last)
}

async fn ask(connection: &mut Connection, request: &[u8]) -> Result<Json, Failure> {
    let reply = connection.call(request).await?;
    if !reply.is_good() {
        return Err(format!("an error: {}", String::from_utf8_lossy(reply.body)).into());
    }
    Ok(serde_json::from_slice(reply.body)?)
}

/// The answer without what cannot be the same: cursors are each side's own, and so are ids of new records.
fn masked(answer: &Json, scenario: Scenario) -> Json {
    match answer {
        Json::Object(fields) => {
            let own = |name: &str| name == "endCursor" || (name == "id" && scenario.is_write());
            let value = |name: &str, value: &Json| {
                if own(name) { Json::Bool(value.is_null()) } else { masked(value, scenario) }
            };
            fields.iter().map(|(name, field)| (name.clone(), value(name, field))).collect()
        }
        Json::Array(items) => items.iter().map(|item| masked(item, scenario)).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use serde_json::json;
    use shoal_core::module::Modules;
    use tokio::net::TcpListener;

    use super::*;
    use crate::data::Sizes;
    use crate::place::{Place, answer};
    use crate::serve::{Side, config, serve};

    fn modules() -> Modules {
        Modules::new().with(shoal_contacts::Contacts)
    }

    async fn start(side: Side, url: &str) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = config(url).unwrap();
        tokio::spawn(async move { serve(side, modules, &config, listener).await });
        address
    }

    /// A contact as it was stored, without what is different for each.
    async fn stored(place: &Place, id: &Json) -> Json {
        let document = "query Stored($id: ID!) { contact(id: $id) { displayName givenName familyName lifecycleStage version \
                        emails { address label } account { id } roles { nodes { role isPrimary validFrom validTo version } } } }";
        answer(&place.application, document, &json!({ "id": id })).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn both_servers_answer_and_store_alike() {
        let place = Place::sqlite(Sizes::of(200), modules).await.unwrap();
        let shoal = start(Side::Shoal, &place.url).await;
        let hand_written = start(Side::HandWritten, &place.url).await;
        for scenario in Scenario::READS {
            let [answer, _] = check(scenario, &place.world, shoal, hand_written).await.unwrap();
            assert!(answer.to_string().len() > 200, "{} is answered with little: {answer}", scenario.name());
        }
        let created = check(Scenario::Create, &place.world, shoal, hand_written).await.unwrap();
        let [ours, theirs] = created.map(|answer| answer["data"]["contactCreate"]["id"].clone());
        assert_eq!(stored(&place, &ours).await, stored(&place, &theirs).await);

        let created = check(Scenario::CreateMany, &place.world, shoal, hand_written).await.unwrap();
        let [ours, theirs] = created.map(|answer| answer["data"]["contactCreateMany"]["results"].clone());
        for row in [0, 499] {
            let (ours, theirs) =
                (stored(&place, &ours[row]["id"]).await, stored(&place, &theirs[row]["id"]).await);
            assert_eq!(ours, theirs);
            assert_eq!(ours["contact"]["roles"]["nodes"].as_array().unwrap().len(), 1);
        }
        assert_eq!(place.contacts().await.unwrap(), 200 + 2 * 3 * (1 + 500));
    }
}
