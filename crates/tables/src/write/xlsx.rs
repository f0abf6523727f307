//! Excel workbooks.

use std::io::Write;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, Timelike as _};
use rust_xlsxwriter::{ExcelDateTime, Format, XlsxError};

use zip::result::ZipError;

use super::{Value, WriteError};

/// Rows of a sheet, with that of the names.
const MOST_ROWS: u32 = 1_048_576;

/// Digits that a number in a workbook keeps; longer ones are written as text.
const MOST_DIGITS: usize = 15;

/// A workbook whose rows wait in temporary files.
pub(super) struct Workbook {
    inner: rust_xlsxwriter::Workbook,
    names: Vec<String>,
    sheets: usize,
    /// The next row of the last sheet.
    row: u32,
    date: Format,
    instant: Format,
}

/// Why a row can't be written.
pub(super) enum Failed {
    /// The value at a place does not fit.
    Value(usize, String),
    /// The workbook has failed.
    Workbook(WriteError),
}

impl From<XlsxError> for WriteError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::IoError(error) | XlsxError::ZipError(ZipError::Io(error)) => Self::Io(error),
            other => Self::Broken(other.to_string()),
        }
    }
}

impl Workbook {
    pub(super) fn new(columns: &[String]) -> Result<Self, WriteError> {
        let mut workbook = Self {
            inner: rust_xlsxwriter::Workbook::new(),
            names: columns.to_vec(),
            sheets: 0,
            row: 0,
            date: Format::new().set_num_format("yyyy\\-mm\\-dd"),
            instant: Format::new().set_num_format("yyyy\\-mm\\-dd\\ hh:mm:ss"),
        };
        workbook.add_sheet()?;
        Ok(workbook)
    }

    fn add_sheet(&mut self) -> Result<(), WriteError> {
        let sheet = self.inner.add_worksheet_with_constant_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        for (at, name) in (0_u16..).zip(&self.names) {
            sheet.write_string(0, at, name)?;
        }
        self.sheets += 1;
        self.row = 1;
        Ok(())
    }

    pub(super) fn row(&mut self, values: &[Value]) -> Result<(), Failed> {
        if self.row == MOST_ROWS {
            self.add_sheet().map_err(Failed::Workbook)?;
        }
        for (at, value) in (0_u16..).zip(values) {
            self.cell(at, value).map_err(|error| match error {
                XlsxError::IoError(error) => Failed::Workbook(error.into()),
                other => Failed::Value(usize::from(at), other.to_string()),
            })?;
        }
        self.row += 1;
        Ok(())
    }

    /// Texts are never formulas: only numbers, dates and truth values are anything else.
    fn cell(&mut self, at: u16, value: &Value) -> Result<(), XlsxError> {
        let row = self.row;
        let sheet = self.inner.worksheet_from_index(self.sheets - 1)?;
        match value {
            Value::Null => {}
            Value::Boolean(value) => {
                sheet.write_boolean(row, at, *value)?;
            }
            Value::Date(date) if let Some(date) = excel_date(*date) => {
                sheet.write_datetime_with_format(row, at, date?, &self.date)?;
            }
            Value::Instant(instant) if let Some(instant) = excel_instant(instant.naive_utc()) => {
                sheet.write_datetime_with_format(row, at, instant?, &self.instant)?;
            }
            Value::Integer(_) | Value::Decimal(_) if let Some(number) = number(&value.to_text()) => {
                sheet.write_number(row, at, number)?;
            }
            other => {
                let text = other.to_text();
                if !text.is_empty() {
                    sheet.write_string(row, at, text)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn save(mut self, out: impl Write + Send) -> Result<(), WriteError> {
        Ok(self.inner.save_to_writer(out)?)
    }
}

/// `None` where the workbook would round it.
fn number(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    text.parse().ok().filter(|number: &f64| number.is_finite() && digits <= MOST_DIGITS)
}

/// `None` for a day that workbooks don't have; before March 1900 programs disagree about them.
fn excel_date(date: NaiveDate) -> Option<Result<ExcelDateTime, XlsxError>> {
    let year = u16::try_from(date.year()).ok().filter(|year| (1901..=9999).contains(year))?;
    Some(ExcelDateTime::from_ymd(year, u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?))
}

fn excel_instant(instant: NaiveDateTime) -> Option<Result<ExcelDateTime, XlsxError>> {
    let date = excel_date(instant.date())?;
    let [hour, minute, second] = [instant.hour(), instant.minute(), instant.second()];
    let (hour, minute) = (u16::try_from(hour).ok()?, u8::try_from(minute).ok()?);
    Some(date.and_then(|date| date.and_hms(hour, minute, second)))
}
