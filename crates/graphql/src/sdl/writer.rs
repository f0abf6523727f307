//! Text of the schema definition language.

use std::fmt::Write as _;

use super::Argument;

/// Appends definitions to a text.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
}

impl Writer {
    pub(super) fn finish(self) -> String {
        self.text
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
        self.description("", description);
        self.line(&format!("enum {name} {{"));
        for (value, description) in values {
            self.description("  ", description);
            self.line(&format!("  {value}"));
        }
        self.close();
    }

    pub(super) fn union(&mut self, name: &str, description: &str, members: &[&str]) {
        self.description("", description);
        self.line(&format!("union {name} = {}\n", members.join(" | ")));
    }

    pub(super) fn open_type(&mut self, keyword: &str, name: &str, description: &str, interfaces: &[&str]) {
        self.description("", description);
        let implements = if interfaces.is_empty() {
            String::new()
        } else {
            format!(" implements {}", interfaces.join(" & "))
        };
        self.line(&format!("{keyword} {name}{implements} {{"));
    }

    pub(super) fn open_input(&mut self, name: &str, description: &str, one_of: bool) {
        self.description("", description);
        self.line(&format!("input {name}{} {{", if one_of { " @oneOf" } else { "" }));
    }

    pub(super) fn field(&mut self, name: &str, description: &str, arguments: &[Argument], type_ref: &str) {
        self.description("  ", description);
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
        self.description("  ", description);
        self.line(&format!("  {name}: {type_ref}"));
    }

    pub(super) fn close(&mut self) {
        self.line("}\n");
    }
}
