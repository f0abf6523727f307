//! Black-box tests over HTTP and the command line: `stories/` has one file per theme, each test runs on SQLite and on
//! PostgreSQL.
