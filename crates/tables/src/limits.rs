//! How much of a file is held, read and written.

/// What a file may have. The defaults keep a reader below a few dozen megabytes, whatever the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Columns of a file.
    pub columns: usize,
    /// Bytes of a cell as UTF-8.
    pub cell_bytes: usize,
    /// Bytes of a row as UTF-8, and of a card without its pictures.
    pub row_bytes: usize,
    /// Characters of a column's name; what is longer is cut.
    pub name_characters: usize,
    /// Bytes to which one part of a workbook may unpack. A full sheet of 30 columns has about a gigabyte.
    pub part_bytes: u64,
    /// How many times its packed size a part of a workbook may have, once it is larger than 64 MiB. Sheets have 5 to 30.
    pub part_ratio: u64,
    /// Bytes of the spool. Small files can be made of which it would fill a disk.
    pub spool_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            columns: 1_000,
            cell_bytes: 64 << 10,
            row_bytes: 1 << 20,
            name_characters: 200,
            part_bytes: 4 << 30,
            part_ratio: 100,
            spool_bytes: 32 << 30,
        }
    }
}
