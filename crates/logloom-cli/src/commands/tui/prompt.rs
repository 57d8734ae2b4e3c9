//! The lines in which something is typed: the filter, a moment to go to, a field for the facets.
//!
//! Enter takes what was typed, or the candidate that is chosen; what cannot be understood stays, with
//! the place marked. Escape goes back to what was there before.

use logloom_filter::syntax::SyntaxError;
use logloom_query::Statement;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::{App, Effect, Focus};
use super::complete::{Known, Wanted, candidates, spot};
use super::line::Line;
use super::reader::Ask;

/// What is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Filter,
    Time,
    Field,
}

/// Why what was typed cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// With its place in the query.
    Syntax(SyntaxError),
    Text(String),
}

/// A line that is typed.
#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) kind: Kind,
    pub(super) line: Line,
    pub(super) candidates: Vec<String>,
    /// The candidate that Enter would take.
    pub(super) chosen: Option<usize>,
    pub(super) fault: Option<Fault>,
    /// Where in the history the line is from, counted from the newest on.
    recalled: usize,
    /// The values of a field that were looked up.
    values: Option<(String, Vec<String>)>,
    /// The field whose values are being looked up.
    asked: Option<String>,
}

impl Prompt {
    pub(super) fn new(kind: Kind, text: &str) -> Prompt {
        Prompt {
            kind,
            line: Line::new(text),
            candidates: Vec::new(),
            chosen: None,
            fault: None,
            recalled: 0,
            values: None,
            asked: None,
        }
    }

    /// Takes the values of a field.
    pub(super) fn take_values(&mut self, field: String, values: Vec<String>) {
        if self.asked.as_deref() == Some(&field) {
            self.values = Some((field, values));
        }
    }

    fn forget_candidates(&mut self) {
        self.candidates.clear();
        self.chosen = None;
    }
}

impl App {
    /// Begins to type.
    pub(super) fn begin_prompt(&mut self, kind: Kind) {
        let text = if kind == Kind::Filter { self.query.clone() } else { String::new() };
        self.notice = None;
        self.prompt = Some(Prompt::new(kind, &text));
    }

    /// Puts pasted text in where something is typed.
    pub(super) fn paste(&mut self, text: &str) {
        if let Some(prompt) = &mut self.prompt {
            prompt.line.insert(text);
            self.edited();
        }
    }

    pub(super) fn prompt_key(&mut self, key: KeyEvent) {
        let Some(prompt) = &mut self.prompt else { return };
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc if prompt.candidates.is_empty() => self.prompt = None,
            KeyCode::Esc => prompt.forget_candidates(),
            KeyCode::Enter if prompt.chosen.is_some() => self.complete(),
            KeyCode::Enter => self.submit(),
            KeyCode::Tab if prompt.candidates.is_empty() => self.offer(),
            KeyCode::Tab => self.complete(),
            KeyCode::BackTab | KeyCode::Up => self.previous(),
            KeyCode::Down => self.next(),
            KeyCode::Char('p') if is_control => self.recall(1),
            KeyCode::Char('n') if is_control => self.recall(-1),
            _ => {
                if edit(&mut prompt.line, key, is_control) {
                    self.edited();
                }
            }
        }
    }

    /// The text has changed.
    fn edited(&mut self) {
        let context = self.context();
        if let Some(prompt) = &mut self.prompt {
            // An error that was told stays until it is mended.
            prompt.fault = match prompt.fault.take() {
                Some(Fault::Syntax(_)) => {
                    Statement::parse(prompt.line.text(), &context).err().map(Fault::Syntax)
                }
                _ => None,
            };
        }
        self.offer();
    }

    /// Works out what may stand at the cursor.
    pub(super) fn offer(&mut self) {
        let Some(prompt) = &mut self.prompt else { return };
        prompt.forget_candidates();
        let text = &prompt.line.text()[..prompt.line.cursor()];
        let place = match prompt.kind {
            Kind::Filter => spot(text),
            Kind::Field => super::complete::Spot {
                wanted: Wanted::Field { is_filter: false },
                prefix: text.to_owned(),
                start: 0,
            },
            Kind::Time => return,
        };
        if let Wanted::Value(field) = &place.wanted
            && prompt.asked.as_ref() != Some(field)
        {
            prompt.asked = Some(field.clone());
            prompt.values = None;
            self.effects.push(Effect::Ask(Ask::Values { field: field.clone() }));
        }
        let values = match (&prompt.values, &place.wanted) {
            (Some((of, values)), Wanted::Value(field)) if of == field => values.as_slice(),
            _ => &[],
        };
        let known = Known { fields: &self.names, values };
        prompt.candidates = candidates(&place, &known);
        let written = &text[place.start..];
        if prompt.candidates.first().is_some_and(|only| only == written) {
            prompt.candidates.clear();
        }
    }

    /// Puts the chosen candidate, or the first, in the place of what is typed.
    fn complete(&mut self) {
        let Some(prompt) = &mut self.prompt else { return };
        let chosen = prompt.chosen.unwrap_or(0);
        let Some(text) = prompt.candidates.get(chosen).cloned() else { return };
        let start = match prompt.kind {
            Kind::Filter => spot(&prompt.line.text()[..prompt.line.cursor()]).start,
            _ => 0,
        };
        prompt.line.replace_from(start, &text);
        prompt.forget_candidates();
        if text.ends_with(':') {
            self.offer();
        }
    }

    fn previous(&mut self) {
        let Some(prompt) = &mut self.prompt else { return };
        match (prompt.candidates.len(), prompt.chosen) {
            (0, _) => self.recall(1),
            (count, None | Some(0)) => prompt.chosen = Some(count - 1),
            (_, Some(chosen)) => prompt.chosen = Some(chosen - 1),
        }
    }

    fn next(&mut self) {
        let Some(prompt) = &mut self.prompt else { return };
        match (prompt.candidates.len(), prompt.chosen) {
            (0, _) => self.recall(-1),
            (_, None) => prompt.chosen = Some(0),
            (count, Some(chosen)) => prompt.chosen = Some((chosen + 1) % count),
        }
    }

    /// Goes back and forth in the queries of before.
    fn recall(&mut self, steps: isize) {
        let Some(prompt) = self.prompt.as_mut().filter(|prompt| prompt.kind == Kind::Filter) else {
            return;
        };
        let recalled = prompt.recalled.saturating_add_signed(steps).min(self.history.len());
        prompt.recalled = recalled;
        let text = match recalled {
            0 => &self.query,
            back => &self.history[self.history.len() - back],
        };
        prompt.line = Line::new(text);
        prompt.forget_candidates();
        prompt.fault = None;
    }

    /// Takes what was typed.
    fn submit(&mut self) {
        let Some(mut prompt) = self.prompt.take() else { return };
        let mut text = prompt.line.text().trim().to_owned();
        let outcome = match prompt.kind {
            Kind::Filter => match self.look.saved.expanded(&text) {
                Ok(expanded) => {
                    text = expanded;
                    self.filter_by(&text).map_err(Fault::Syntax)
                }
                Err(unknown) => Err(Fault::Text(unknown)),
            },
            Kind::Time if text.is_empty() => Ok(()),
            Kind::Time => self.jump_to_time(&text).map_err(Fault::Text),
            Kind::Field => {
                self.add_facet(&text);
                Ok(())
            }
        };
        if prompt.kind != Kind::Field {
            // The rows are what is wanted next.
            self.focus = Focus::List;
        }
        if let Err(fault) = outcome {
            // Places are counted in what was understood.
            if prompt.kind == Kind::Filter {
                prompt.line = Line::new(&text);
            }
            if let Fault::Syntax(error) = &fault {
                prompt.line.go_to(error.at.start);
            }
            prompt.fault = Some(fault);
            prompt.forget_candidates();
            self.prompt = Some(prompt);
        }
    }

    /// Shows what a query finds.
    pub(super) fn filter_by(&mut self, text: &str) -> Result<(), SyntaxError> {
        let statement = Statement::parse(text, &self.context())?;
        self.open(text, statement);
        Ok(())
    }

    /// Goes back to the query of before.
    pub(super) fn undo(&mut self) {
        let Some(text) = self.history.pop() else { return };
        if let Ok(statement) = Statement::parse(&text, &self.context()) {
            self.open(&text, statement);
            self.history.pop();
        }
    }
}

/// What keys do with a line; whether its text has changed.
fn edit(line: &mut Line, key: KeyEvent, is_control: bool) -> bool {
    match key.code {
        KeyCode::Left if is_control => line.word_left(),
        KeyCode::Right if is_control => line.word_right(),
        KeyCode::Left => line.left(),
        KeyCode::Right => line.right(),
        KeyCode::Home => line.home(),
        KeyCode::End => line.end(),
        KeyCode::Char('a') if is_control => line.home(),
        KeyCode::Char('e') if is_control => line.end(),
        _ => return change(line, key, is_control),
    }
    false
}

fn change(line: &mut Line, key: KeyEvent, is_control: bool) -> bool {
    match key.code {
        KeyCode::Char('u') if is_control => line.clear(),
        KeyCode::Char('k') if is_control => line.delete_to_end(),
        KeyCode::Char('w') if is_control => line.delete_word(),
        KeyCode::Char('h') if is_control => line.backspace(),
        KeyCode::Char(_) if is_control => return false,
        KeyCode::Char(character) => line.insert(character.encode_utf8(&mut [0; 4])),
        KeyCode::Backspace => line.backspace(),
        KeyCode::Delete => line.delete(),
        _ => return false,
    }
    true
}
