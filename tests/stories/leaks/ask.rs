//! Asks many questions at once, and compares what is answered at two times.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};
use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use super::questions::Question;

/// Documents at once.
const AT_ONCE: usize = 6;

/// Questions in a document, and about the fields in it: the engine has limits.
const MANY: (usize, usize) = (60, 4_000);

/// The same where each is refused: of many errors only the first are told.
const FEW: (usize, usize) = (10, 100);

/// So much of an answer is shown where something is wrong.
const SHOWN: usize = 300;

/// What was answered to each question: its data, and its errors without what differs from request to request.
pub type Answers = Vec<Json>;

/// Asks all of them, many in a document.
pub async fn ask(app: &TestApp, questions: &[Question]) -> Answers {
    ask_in(app, batches(questions, MANY)).await
}

/// Asks all of them where each is to be refused.
pub async fn ask_refused(app: &TestApp, questions: &[Question]) -> Answers {
    ask_in(app, batches(questions, FEW)).await
}

async fn ask_in(app: &TestApp, batches: Vec<&[Question]>) -> Answers {
    let answered = stream::iter(batches).map(|batch| ask_batch(app, batch)).buffered(AT_ONCE);
    answered.collect::<Vec<_>>().await.into_iter().flatten().collect()
}

fn batches(questions: &[Question], (most, most_fields): (usize, usize)) -> Vec<&[Question]> {
    let (mut batches, mut start, mut fields) = (Vec::new(), 0, 0);
    for (position, question) in questions.iter().enumerate() {
        let size = question.text.split_whitespace().count();
        if position > start && (position - start >= most || fields + size > most_fields) {
            batches.push(&questions[start..position]);
            (start, fields) = (position, 0);
        }
        fields += size;
    }
    batches.extend(Some(&questions[start..]).filter(|last| !last.is_empty()));
    batches
}

async fn ask_batch(app: &TestApp, batch: &[Question]) -> Vec<Json> {
    let fields = batch.iter().enumerate().map(|(number, question)| format!("q{number}: {}", question.text));
    let document = format!("{{ {} }}", fields.collect::<Vec<_>>().join("\n"));
    let answer = app.graphql(&document, json!({})).await;
    if let Some(error) = answer.errors().iter().find(|error| error["path"].is_null()) {
        panic!("{}: {}", shown(&error.to_string()), shown(&document));
    }
    let of = |number: usize| {
        let key = format!("q{number}");
        let errors = answer.errors().iter().filter(|error| error["path"][0] == key.as_str());
        json!({"data": answer.data()[&key], "errors": errors.map(plain).collect::<Vec<_>>()})
    };
    (0..batch.len()).map(of).collect()
}

/// An error without what differs from request to request.
pub fn plain(error: &Json) -> Json {
    let mut error = error.clone();
    if let Some(fields) = error.as_object_mut() {
        fields.remove("locations");
        if let Some(path) = fields.get_mut("path").and_then(Json::as_array_mut) {
            path.remove(0);
        }
    }
    if let Some(extensions) = error["extensions"].as_object_mut() {
        extensions.remove("requestId");
    }
    error
}

/// The beginning of a text.
pub fn shown(text: &str) -> &str {
    let end = text.char_indices().nth(SHOWN).map_or(text.len(), |(end, _)| end);
    &text[..end]
}

/// Nothing is answered otherwise than before: what happened in between is not told.
#[track_caller]
pub fn expect_same(who: &str, questions: &[Question], before: &Answers, after: &Answers) {
    let differing =
        questions.iter().zip(before.iter().zip(after)).filter(|(_, (before, after))| before != after);
    let differing: Vec<String> = differing
        .map(|(question, (before, after))| {
            let (before, after) = (before.to_string(), after.to_string());
            let same = before.chars().zip(after.chars()).take_while(|(one, other)| one == other).count();
            let from = |text: &str| text.chars().skip(same.saturating_sub(40)).collect::<String>();
            let (was, is) = (from(&before), from(&after));
            format!("{}\n  was …{}\n  is  …{}", shown(&question.text), shown(&was), shown(&is))
        })
        .collect();
    let (count, few) = (differing.len(), differing.iter().take(5).cloned().collect::<Vec<_>>().join("\n"));
    assert!(count == 0, "{who}: {count} of {} answers differ\n{few}", questions.len());
}

/// Every question is answered without an error.
#[track_caller]
pub fn expect_answered(who: &str, questions: &[Question], answers: &Answers) {
    let wrong = questions
        .iter()
        .zip(answers)
        .filter(|(question, answer)| !question.guessed && answer["errors"] != json!([]));
    let wrong: Vec<String> = wrong
        .map(|(question, answer)| {
            format!("{}\n  {}", shown(&question.text), shown(&answer["errors"].to_string()))
        })
        .collect();
    let (count, few) = (wrong.len(), wrong.iter().take(5).cloned().collect::<Vec<_>>().join("\n"));
    assert!(count == 0, "{who}: {count} of {} are refused\n{few}", questions.len());
}

/// For each root: how many of its answers differ, and how many there are.
pub fn changed(
    questions: &[Question],
    before: &Answers,
    after: &Answers,
) -> BTreeMap<String, (usize, usize)> {
    let mut roots: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (question, (before, after)) in questions.iter().zip(before.iter().zip(after)) {
        let (differ, all) = roots.entry(question.root.clone()).or_default();
        *differ += usize::from(before != after);
        *all += 1;
    }
    roots
}
