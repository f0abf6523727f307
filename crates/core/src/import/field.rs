//! The fields that a row of a file may say something of: the leaves of the input that the API takes for the record.

use indexmap::IndexMap;
use shoal_graphql::declare::{InputObject, InputTypes};
use shoal_graphql::value::Choices;

/// The field by which a row names the record itself.
pub const ID: &str = "id";

/// Items of a list that a file can have columns for.
pub const MOST_ITEMS: usize = 20;

/// What a leaf takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// Text.
    Text,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Long,
    /// A number with a fraction.
    Float,
    /// An exact number with a fraction.
    Decimal,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// An instant.
    DateTime,
    /// One of a list.
    Choice(&'static Choices),
    /// Another record.
    Id,
    /// Several texts in one cell.
    Texts,
}

/// A field that columns can be mapped to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is and how it is written, as the API says it.
    pub description: String,
    /// What it takes.
    pub leaf: Leaf,
    /// Whether what it is part of cannot be without it.
    pub required: bool,
}

/// Fields by their path, with `*` for the position in a list: `givenName`, `emails.*.address`.
pub type Fields = IndexMap<String, Field>;

/// The fields of an input object.
pub fn fields_of<I: InputObject>() -> Fields {
    let mut types = InputTypes::default();
    let declared = I::fields(&mut types);
    let mut fields = Fields::new();
    for field in declared {
        add(&types, &mut fields, &field.name, &field.type_ref, &field.description);
    }
    fields
}

fn add(types: &InputTypes, fields: &mut Fields, path: &str, type_ref: &str, description: &str) {
    let required = type_ref.ends_with('!');
    let bare = type_ref.trim_end_matches('!');
    if let Some(item) = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let item = item.trim_end_matches('!');
        if item == "String" {
            let field = Field { description: description.to_owned(), leaf: Leaf::Texts, required };
            fields.insert(path.to_owned(), field);
        } else if types.objects.contains_key(item) {
            add(types, fields, &format!("{path}.*"), item, description);
        }
        return;
    }
    if let Some(object) = types.objects.get(bare) {
        for field in &object.fields {
            let path = format!("{path}.{}", field.name);
            add(types, fields, &path, &field.type_ref, &field.description);
        }
        return;
    }
    let leaf = match bare {
        "String" => Leaf::Text,
        "Int" => Leaf::Int,
        "Long" => Leaf::Long,
        "Float" => Leaf::Float,
        "Decimal" => Leaf::Decimal,
        "Boolean" => Leaf::Boolean,
        "Date" => Leaf::Date,
        "DateTime" => Leaf::DateTime,
        "ID" => Leaf::Id,
        other => match types.choices.get(other) {
            Some(choices) => Leaf::Choice(choices),
            // JSON and the like do not stand in cells.
            None => return,
        },
    };
    fields.insert(path.to_owned(), Field { description: description.to_owned(), leaf, required });
}

/// The path with `*` for positions, if those are ones that files can have: `emails.0.address` is of `emails.*.address`.
pub fn pattern_of(path: &str) -> Option<String> {
    let segments = path.split('.').map(|segment| match segment.parse::<usize>() {
        Ok(position) if position < MOST_ITEMS && segment == position.to_string() => Some("*"),
        Ok(_) => None,
        Err(_) => Some(segment),
    });
    let segments: Vec<&str> = segments.collect::<Option<_>>()?;
    Some(segments.join("."))
}

#[cfg(test)]
mod tests {
    use shoal_graphql::declare::{MoneyInput, Patch};

    use super::*;

    shoal_graphql::input! {
        /// A toy.
        pub struct ToyInput {
            /// What it is called.
            pub name: String,
            /// Its colours.
            pub colours: Option<Vec<String>>,
        }

        /// A pet.
        pub struct PetInput {
            /// What it is called.
            pub name: Patch<String>,
            /// What it costs.
            pub price: Patch<Option<MoneyInput>>,
            /// What it plays with.
            pub toys: Patch<Vec<ToyInput>>,
        }
    }

    #[test]
    fn leaves_have_paths() {
        let fields = fields_of::<PetInput>();
        let short = |(path, field): (&String, &Field)| format!("{path} {:?} {}", field.leaf, field.required);
        let fields: Vec<String> = fields.iter().map(short).collect();
        assert_eq!(
            fields,
            [
                "name Text false",
                "price.amount Decimal true",
                "price.currency Text true",
                "toys.*.name Text true",
                "toys.*.colours Texts false",
            ]
        );
    }

    #[test]
    fn paths_are_of_patterns() {
        assert_eq!(pattern_of("emails.0.address").as_deref(), Some("emails.*.address"));
        assert_eq!(pattern_of("givenName").as_deref(), Some("givenName"));
        for wrong in ["emails.20.address", "emails.00.address", "emails.99999999999999999999.address"] {
            assert_ne!(pattern_of(wrong).as_deref(), Some("emails.*.address"), "{wrong}");
        }
    }
}
