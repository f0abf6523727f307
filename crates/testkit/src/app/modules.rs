//! Modules of a test's company.

use serde_json::{Value as Json, json};

use super::TestApp;

/// The plan of a change.
const PLAN: &str = "query($module: String!, $action: ModuleAction!) {
    modulePlan(module: $module, action: $action) { id }
}";

/// The change.
const CHANGE: &str =
    "mutation($input: ModuleChangeInput!) { moduleChange(input: $input) { module { state } } }";

impl TestApp {
    /// Enables a module for the company, as this person, who must be an administrator. Companies of tests begin with the
    /// modules that require no other.
    ///
    /// # Panics
    /// When it cannot be enabled.
    pub async fn enable(&self, module: &str) {
        let state = self.change_module(module, "ENABLE", json!({})).await;
        assert_eq!(state, "ENABLED", "{module}");
    }

    /// Does something else with a module, such as `SUSPEND` or `DISABLE`: its plan, then the change, `with` further fields
    /// of `ModuleChangeInput`, such as `confirmation`. The state in which it is then.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn change_module(&self, module: &str, action: &str, with: Json) -> String {
        let plan = self.data(PLAN, json!({"module": module, "action": action})).await;
        let mut input = json!({"module": module, "action": action, "planId": plan["modulePlan"]["id"]});
        if let (Some(input), Json::Object(with)) = (input.as_object_mut(), with) {
            input.extend(with);
        }
        let data = self.data(CHANGE, json!({"input": input})).await;
        data["moduleChange"]["module"]["state"].as_str().unwrap_or_default().to_owned()
    }
}
