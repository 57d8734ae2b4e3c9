//! `--explain`: the query in the query language, how it would be answered, and what would be read.

use logloom_query::{Order, Question};

use super::Searched;
use crate::exit::{Failure, Outcome};
use crate::output;

/// Prints the query and, as comments of the language, what becomes of its rows and what is left out. Without a log
/// there is nothing to be said of the latter.
pub(super) fn print(question: &Question, searched: Option<&Searched>) -> Result<Outcome, Failure> {
    let Some(statement) = &question.statement else { return Ok(Outcome::Done) };
    let mut text = format!("{statement}\n");
    if !statement.pipes.is_empty() || statement.around.is_some() {
        text += &format!("# {}\n", plan(question));
    }
    if let Some(searched) = searched {
        let plan = searched.engine.plan(&searched.files, statement).to_string();
        let plan = searched.with_names(plan);
        plan.lines().for_each(|line| text += &format!("# {line}\n"));
    }
    output::write_all(text.as_bytes())?;
    Ok(Outcome::Done)
}

fn plan(question: &Question) -> &'static str {
    let Some(statement) = &question.statement else { return "" };
    if statement.around.is_some() {
        return "records are found first, then the files that hold them are read for what is around";
    }
    if statement.chain(&question.limits).gathers() {
        return "several threads gather rows in any order; the answer comes when all are read";
    }
    match (statement.is_streaming(), statement.gives_log_rows(), question.order) {
        (_, false, _) => {
            "rows come newest first into the pipes; the answer comes when they have enough"
        }
        (true, _, Order::NewestFirst) => "rows are given as they are found, newest first",
        (true, ..) => "rows are put into the order of their times, oldest first",
        _ => "rows are read newest first until there are enough",
    }
}
