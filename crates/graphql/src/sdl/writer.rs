//! Text of the schema definition language.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::Argument;
use crate::compose::ComposeError;

/// The owner of what no module declares.
pub(super) const GRAPHQL: &str = "graphql";

/// Appends definitions to a text, and watches over their names.
pub(super) struct Writer {
    text: String,
    /// Who is writing.
    module: &'static str,
    /// Types with the modules that brought them.
    types: HashMap<String, &'static str>,
    /// The open type, and its fields with the modules that brought them.
    parent: String,
    fields: HashMap<String, &'static str>,
    /// Where the definition of each type begins, in the order of the text.
    starts: Vec<(String, usize)>,
    /// Which type leads to which other.
    links: Vec<(String, String)>,
    /// What was found first.
    problem: Option<ComposeError>,
}

impl Writer {
    pub(super) fn new() -> Self {
        let built_in = ["Int", "Float", "String", "Boolean", "ID"];
        Self {
            text: String::new(),
            module: GRAPHQL,
            types: built_in.iter().map(|name| ((*name).to_owned(), GRAPHQL)).collect(),
            parent: String::new(),
            fields: HashMap::new(),
            starts: Vec::new(),
            links: Vec::new(),
            problem: None,
        }
    }

    /// What follows comes from this module.
    pub(super) fn by(&mut self, module: &'static str) -> &mut Self {
        self.module = module;
        self
    }

    pub(super) fn finish(self) -> Result<String, ComposeError> {
        self.problem.map_or(Ok(self.text), Err)
    }

    /// The text with only the definitions that these types lead to, directly or not.
    pub(super) fn finish_reached(mut self, from: &[&str]) -> Result<String, ComposeError> {
        let mut reached: HashSet<&str> = HashSet::new();
        let mut ahead = from.to_vec();
        let mut links: HashMap<&str, Vec<&str>> = HashMap::new();
        for (from, to) in &self.links {
            links.entry(from).or_default().push(to);
        }
        while let Some(name) = ahead.pop() {
            if reached.insert(name) {
                ahead.extend(links.get(name).into_iter().flatten());
            }
        }
        let ends = self.starts.iter().skip(1).map(|(_, start)| *start).chain([self.text.len()]);
        let mut text = self.text[..self.starts.first().map_or(0, |(_, start)| *start)].to_owned();
        for ((name, start), end) in self.starts.iter().zip(ends) {
            if reached.contains(name.as_str()) {
                text.push_str(&self.text[*start..end]);
            }
        }
        self.problem.take().map_or(Ok(text), Err)
    }

    /// Notes that the open type leads to the one in a reference such as `[Int!]! = []`.
    fn link(&mut self, type_ref: &str) {
        let name = type_ref.trim_start_matches('[');
        let end = name.find(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        self.links.push((self.parent.clone(), name[..end.unwrap_or(name.len())].to_owned()));
    }

    fn claim_type(&mut self, name: &str) {
        self.starts.push((name.to_owned(), self.text.len()));
        self.check_name(name, || format!("type {name}"));
        name.clone_into(&mut self.parent);
        self.fields.clear();
        if let Some(first) = self.types.insert(name.to_owned(), self.module) {
            let (name, second) = (name.to_owned(), self.module);
            self.problem.get_or_insert(ComposeError::DuplicateType { name, first, second });
        }
    }

    /// Notes a field or an enum's value.
    fn claim_field(&mut self, name: &str) {
        let parent = self.parent.clone();
        self.check_name(name, || format!("field {parent}.{name}"));
        if let Some(first) = self.fields.insert(name.to_owned(), self.module) {
            let (field, second) = (name.to_owned(), self.module);
            self.problem.get_or_insert(ComposeError::DuplicateField { parent, field, first, second });
        }
    }

    /// `Name` of the grammar; two underscores in front belong to introspection.
    fn check_name(&mut self, name: &str, what: impl FnOnce() -> String) {
        let starts = |character: char| character.is_ascii_alphabetic() || character == '_';
        let valid = name.starts_with(starts)
            && !name.starts_with("__")
            && name.chars().all(|character| starts(character) || character.is_ascii_digit())
            && !matches!(name, "true" | "false" | "null");
        if !valid {
            let (module, what) = (self.module, what());
            self.problem.get_or_insert(ComposeError::InvalidName { module, what });
        }
    }

    fn description(&mut self, indent: &str, description: &str) {
        let text = description.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        let text = text.trim().replace("\"\"\"", "\\\"\"\"");
        if text.contains('\n') {
            let body = text.replace('\n', &format!("\n{indent}"));
            let _ = writeln!(self.text, "{indent}\"\"\"\n{indent}{body}\n{indent}\"\"\"");
        } else {
            let quoted = serde_json::Value::from(text).to_string();
            let _ = writeln!(self.text, "{indent}{quoted}");
        }
    }

    /// Appends a line as it is.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub(super) fn scalar(&mut self, name: &str, description: &str, specified_by: Option<&str>) {
        self.claim_type(name);
        self.description("", description);
        match specified_by {
            Some(url) => self.line(&format!("scalar {name} @specifiedBy(url: \"{url}\")\n")),
            None => self.line(&format!("scalar {name}\n")),
        }
    }

    pub(super) fn enumeration<'v>(
        &mut self,
        name: &str,
        description: &str,
        values: impl Iterator<Item = (&'v str, &'v str)>,
    ) {
        self.claim_type(name);
        self.description("", description);
        self.line(&format!("enum {name} {{"));
        for (value, description) in values {
            self.claim_field(value);
            self.description("  ", description);
            self.line(&format!("  {value}"));
        }
        self.close();
    }

    pub(super) fn union(&mut self, name: &str, description: &str, members: &[&str]) {
        self.claim_type(name);
        self.description("", description);
        self.line(&format!("union {name} = {}\n", members.join(" | ")));
        for member in members {
            self.link(member);
        }
    }

    pub(super) fn open_type(&mut self, keyword: &str, name: &str, description: &str, interfaces: &[&str]) {
        self.claim_type(name);
        self.description("", description);
        let implements = if interfaces.is_empty() {
            String::new()
        } else {
            format!(" implements {}", interfaces.join(" & "))
        };
        self.line(&format!("{keyword} {name}{implements} {{"));
        for interface in interfaces {
            // Whoever meets an interface meets its types.
            self.link(interface);
            self.links.push(((*interface).to_owned(), name.to_owned()));
        }
    }

    pub(super) fn open_input(&mut self, name: &str, description: &str, one_of: bool) {
        self.claim_type(name);
        self.description("", description);
        self.line(&format!("input {name}{} {{", if one_of { " @oneOf" } else { "" }));
    }

    pub(super) fn field(&mut self, name: &str, description: &str, arguments: &[Argument], type_ref: &str) {
        self.claim_field(name);
        self.description("  ", description);
        self.link(type_ref);
        for (_, _, type_ref) in arguments {
            self.link(type_ref);
        }
        if arguments.is_empty() {
            self.line(&format!("  {name}: {type_ref}"));
            return;
        }
        self.line(&format!("  {name}("));
        for (name, description, type_ref) in arguments {
            self.description("    ", description);
            self.line(&format!("    {name}: {type_ref}"));
        }
        self.line(&format!("  ): {type_ref}"));
    }

    pub(super) fn input_field(&mut self, name: &str, description: &str, type_ref: &str) {
        self.claim_field(name);
        self.description("  ", description);
        self.line(&format!("  {name}: {type_ref}"));
        self.link(type_ref);
    }

    pub(super) fn close(&mut self) {
        self.line("}\n");
    }
}
