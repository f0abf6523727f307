//! Objects of JSON, one per line.

use std::io::{self, Write};

use super::{Value, WriteError};

/// Writes objects whose names are known.
pub(super) struct Objects {
    /// Names as JSON, with their colons.
    names: Vec<String>,
}

impl Objects {
    pub(super) fn new(columns: &[String]) -> Result<Self, WriteError> {
        let name = |name: &String| serde_json::to_string(name).map(|name| name + ":");
        let names = columns.iter().map(name).collect::<Result<_, _>>().map_err(io::Error::from)?;
        Ok(Self { names })
    }

    /// Numbers with decimals are texts, as in the API: readers would round them.
    pub(super) fn row(&self, out: &mut impl Write, values: &[Value]) -> io::Result<()> {
        let mut line = Vec::with_capacity(256);
        for (name, value) in self.names.iter().zip(values) {
            line.push(if line.is_empty() { b'{' } else { b',' });
            line.extend_from_slice(name.as_bytes());
            match value {
                Value::Null => line.extend_from_slice(b"null"),
                Value::Integer(number) => line.extend_from_slice(number.to_string().as_bytes()),
                Value::Boolean(value) => line.extend_from_slice(value.to_string().as_bytes()),
                Value::List(items) => serde_json::to_writer(&mut line, items)?,
                other => serde_json::to_writer(&mut line, &other.to_text())?,
            }
        }
        if line.is_empty() {
            line.push(b'{');
        }
        line.extend_from_slice(b"}\n");
        out.write_all(&line)
    }
}
