//! What makes a tree of teams valid: pure.

use std::collections::HashMap;

use shoal_graphql::error::{FieldError, Refusal, code};
use shoal_graphql::message;
use uuid::Uuid;

use super::NOT_FOUND;

/// Levels of the tree of teams.
pub(crate) const DEEPEST: usize = 20;

/// A team in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The team above.
    pub parent: Option<Uuid>,
    /// What tells its name apart from those beside it.
    pub key: String,
}

/// All teams of a company.
pub(crate) type Tree = HashMap<Uuid, Place>;

/// Puts a team into the tree, or at another place.
///
/// # Errors
/// `NOT_FOUND`, `VALIDATION` (a circle, too many levels), `DUPLICATE` (a name); the tree is as it was.
pub(crate) fn put(tree: &mut Tree, id: Uuid, place: Place) -> Result<(), Refusal> {
    if place.parent.is_some_and(|parent| parent != id && !tree.contains_key(&parent)) {
        return Err(Refusal::not_found(NOT_FOUND, ["parentId"]));
    }
    let same = |(other, known): (&Uuid, &Place)| *other != id && *known == place;
    if tree.iter().any(same) {
        let message = message!("team-name-taken", "another team beside it has this name");
        let field = FieldError::new(["name"], code::DUPLICATE, message.clone());
        return Err(Refusal { fields: vec![field], ..Refusal::new(code::DUPLICATE, message) });
    }
    let is_new = !tree.contains_key(&id);
    let before = tree.insert(id, place);
    let mut checked = check(tree, id);
    if !is_new && checked.is_ok() {
        // Those below it have moved too.
        checked = tree.keys().try_for_each(|team| check(tree, *team));
    }
    if checked.is_err() {
        match before {
            Some(before) => tree.insert(id, before),
            None => tree.remove(&id),
        };
    }
    checked
}

/// Whether a team is another one or stands below it.
pub(crate) fn is_below(tree: &Tree, team: Uuid, above: Uuid) -> bool {
    let mut at = Some(team);
    for _ in 0..=DEEPEST {
        match at {
            Some(team) if team == above => return true,
            Some(team) => at = tree.get(&team).and_then(|place| place.parent),
            None => return false,
        }
    }
    false
}

/// Goes up from a team.
fn check(tree: &Tree, team: Uuid) -> Result<(), Refusal> {
    let mut at = team;
    for _ in 0..DEEPEST {
        match tree.get(&at).and_then(|place| place.parent) {
            None => return Ok(()),
            Some(parent) if parent == team => {
                let message = message!("team-cycle", "a team cannot stand below itself");
                return Err(Refusal::field(["parentId"], "CYCLE", message));
            }
            Some(parent) => at = parent,
        }
    }
    let message = message!("team-too-deep", "at most {deepest} levels of teams", deepest = DEEPEST);
    Err(Refusal::field(["parentId"], "TOO_DEEP", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn place(parent: Option<u128>, key: &str) -> Place {
        Place { parent: parent.map(id), key: key.to_owned() }
    }

    fn refusal(tree: &mut Tree, team: u128, place: Place) -> String {
        let before = tree.clone();
        let refusal = put(tree, id(team), place).unwrap_err();
        assert_eq!(*tree, before);
        format!("{} {}", refusal.fields[0].path.join("."), refusal.fields[0].code)
    }

    /// 1 on top, each number below the one before.
    fn chain(levels: u128) -> Tree {
        let mut tree = Tree::new();
        for number in 1..=levels {
            put(&mut tree, id(number), place(Some(number - 1).filter(|parent| *parent > 0), "")).unwrap();
        }
        tree
    }

    #[test]
    fn no_team_is_below_itself() {
        let mut tree = chain(4);
        assert_eq!(refusal(&mut tree, 1, place(Some(1), "top")), "parentId CYCLE");
        assert_eq!(refusal(&mut tree, 1, place(Some(4), "top")), "parentId CYCLE");
        put(&mut tree, id(4), place(Some(1), "b")).unwrap();
        put(&mut tree, id(2), place(Some(4), "")).unwrap();
    }

    #[test]
    fn there_are_twenty_levels() {
        let mut tree = chain(20);
        assert_eq!(refusal(&mut tree, 21, place(Some(20), "")), "parentId TOO_DEEP");
        put(&mut tree, id(21), place(None, "b")).unwrap();
        assert_eq!(refusal(&mut tree, 1, place(Some(21), "")), "parentId TOO_DEEP");
        put(&mut tree, id(22), place(Some(19), "b")).unwrap();
    }

    #[test]
    fn names_differ_among_those_beside_each_other() {
        let mut tree = chain(3);
        assert_eq!(refusal(&mut tree, 4, place(Some(2), "")), "name DUPLICATE");
        assert_eq!(refusal(&mut tree, 3, place(None, "")), "name DUPLICATE");
        assert_eq!(refusal(&mut tree, 3, place(Some(9), "")), "parentId NOT_FOUND");
        put(&mut tree, id(3), place(Some(2), "")).unwrap();
    }
}
