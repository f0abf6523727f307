//! Names of columns.

use std::collections::HashSet;

/// Names without blanks around them, none empty (`Column 3`), none twice (`E-mail`, `E-mail 2`), none too long.
pub(crate) fn unique(names: &[String], most: usize) -> Vec<String> {
    let names: Vec<String> = names.iter().map(|name| shortened(name.trim(), most)).collect();
    let given: HashSet<&String> = names.iter().collect();
    let mut taken: HashSet<String> = HashSet::new();
    let mut result = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        let name = if name.is_empty() { format!("Column {}", at + 1) } else { name.clone() };
        let mut unique = name.clone();
        let mut number = 2;
        // A name that stands further on is left to its column.
        while taken.contains(&unique) || (unique != *names[at] && given.contains(&unique)) {
            unique = format!("{name} {number}");
            number += 1;
        }
        taken.insert(unique.clone());
        result.push(unique);
    }
    result
}

fn shortened(name: &str, most: usize) -> String {
    name.chars().filter(|character| *character != '\0').take(most).collect()
}

/// Whether a first row reads like names of columns: a number, a date or an address among them is data.
pub(crate) fn looks_like_names(cells: &[String]) -> bool {
    let is_data = |cell: &&String| {
        let cell = cell.trim();
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        let letters = cell.chars().filter(|character| character.is_alphabetic()).count();
        (digits > 0 && letters == 0) || (cell.contains('@') && cell.contains('.')) || cell.starts_with("http")
    };
    !cells.iter().any(|cell| is_data(&cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_name_of_its_own() {
        let unique = |names: &[&str]| unique(&names.iter().map(ToString::to_string).collect::<Vec<_>>(), 10);
        assert_eq!(unique(&[" Name ", "", "Name", "Name"]), ["Name", "Column 2", "Name 2", "Name 3"]);
        assert_eq!(unique(&["", "Column 1"]), ["Column 1 2", "Column 1"]);
        assert_eq!(unique(&["A", "A", "A 2"]), ["A", "A 3", "A 2"]);
        assert_eq!(unique(&["我的名字是一二三四五六"]), ["我的名字是一二三四五"]);
    }

    #[test]
    fn data_is_no_header() {
        let looks =
            |cells: &[&str]| looks_like_names(&cells.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(looks(&["Name", "E-mail 1", "", "电话"]));
        assert!(!looks(&["Li", "li@example.com"]));
        assert!(!looks(&["Li", "+86 138 0013 8000"]));
        assert!(!looks(&["Li", "2026-03-01"]));
    }
}
