//! Introspection.

use serde_json::{Value as Json, json};

use crate::common::{Backend, Library, on_both};

/// What graphql-js and GraphiQL send (`getIntrospectionQuery()` with all options that October 2021 has).
const STANDARD: &str = "
query IntrospectionQuery {
  __schema {
    description
    queryType { name }
    mutationType { name }
    subscriptionType { name }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL
  fields(includeDeprecated: true) {
    name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
  }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue {
  name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
}
fragment TypeRef on __Type {
  kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
}";

#[tokio::test]
async fn the_standard_query_is_answered() {
    let library = Library::empty(Backend::Sqlite).await;
    let data = library.data(STANDARD, Json::Null).await;
    let schema = &data["__schema"];
    assert_eq!(schema["queryType"]["name"], "Query");
    assert_eq!(schema["mutationType"]["name"], "Mutation");
    assert_eq!(schema["subscriptionType"]["name"], "Subscription");
    let types = schema["types"].as_array().expect("types");
    let named = |name: &str| types.iter().find(|known| known["name"] == name).expect(name);
    assert_eq!(named("Book")["kind"], "OBJECT");
    assert_eq!(named("Book")["interfaces"][0]["name"], "Node");
    assert_eq!(named("Date")["specifiedByURL"], "https://scalars.graphql.org/andimarek/local-date");
    let possible: Vec<_> =
        named("Item")["possibleTypes"].as_array().expect("types").iter().map(|of| &of["name"]).collect();
    assert_eq!(possible, ["Book", "Tag"]);
    for known in types {
        let name = known["name"].as_str().expect("a name");
        assert!(
            known["description"].as_str().is_some_and(|text| !text.is_empty()),
            "{name} has no description"
        );
        for field in ["fields", "inputFields", "enumValues"]
            .iter()
            .filter_map(|list| known[*list].as_array())
            .flatten()
        {
            if !name.starts_with("__") {
                assert!(field["description"].is_string(), "{name}.{} has no description", field["name"]);
            }
        }
    }
}

#[tokio::test]
async fn introspection_stands_beside_data() {
    on_both(async |library| {
        let query = r#"query($name: String!, $more: Boolean = true, $limit: Int) { shelves(first: $limit) { totalCount }
            a: __type(name: $name) { name kind @include(if: $more) } b: __type(name: "Nothing") { name } __typename
            s: __schema { queryType { name @skip(if: $more) kind } } }"#;
        // 1.0 is an Int in JSON: what we take, introspection must take too.
        let data = library.data(query, json!({"name": "Book", "limit": 1.0})).await;
        let expected = json!({"shelves": {"totalCount": 3}, "a": {"name": "Book", "kind": "OBJECT"}, "b": null,
            "__typename": "Query", "s": {"queryType": {"kind": "OBJECT"}}});
        assert_eq!(data.to_string(), expected.to_string(), "{}", library.backend);
    })
    .await;
}
