//! One call of a logger: level, place, template, values. Python objects come in, one record goes into
//! the ring; whatever the objects are, there is a record or a count, never an exception.
//!
//! The common call finds its call site by addresses alone; `find` is its slow twin.

use std::sync::Mutex;

use logloom_record::{Level, wire};
use logloom_ring::site::OFF;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::context;
use crate::emit::{Scratch, bit};
use crate::exceptions;
use crate::extras::{self, Extras};
use crate::logger::Bindings;
use crate::raw::{self, Arguments, Place, exactly};
use crate::sites::{self, Description, Module, Plan, Style};
use crate::stdlog;
use crate::values;

/// Who logs.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'l> {
    pub(crate) module: &'static Module,
    pub(crate) bindings: &'l Bindings,
    pub(crate) level: Level,
    /// A logger of the standard library: its messages have no holes, its arguments are no fields.
    pub(crate) is_standard: bool,
}

/// Call sites that are remembered by addresses; a power of two.
const REMEMBERED: usize = 1_024;

/// A call as it was seen last, with what keeps its addresses from being used again.
struct Seen {
    code: Py<PyAny>,
    line: u32,
    level: Level,
    module: usize,
    shape: u64,
    unnamed: usize,
    /// The template itself, where the message is not carried.
    template: Option<Py<PyAny>>,
    names: Option<Py<PyTuple>>,
    plan: &'static Plan,
}

static SEEN: Mutex<Vec<Option<Seen>>> = Mutex::new(Vec::new());

/// One call on its way.
struct Event<'a, 'py> {
    origin: Origin<'a>,
    place: Option<Place<'py>>,
    message: Option<&'a Bound<'py, PyAny>>,
    /// Values of the template, then those with a name.
    arguments: Arguments<'a, 'py>,
}

/// Logs, unless the level is off.
#[inline]
pub(crate) fn log<'py>(
    py: Python<'py>,
    origin: Origin<'_>,
    arguments: Arguments<'_, 'py>,
) -> PyResult<()> {
    if !origin.module.is_on(origin.level) {
        return Ok(());
    }
    Event::new(origin, raw::caller(py), arguments).log(py)
}

/// Logs what was logged elsewhere: `arguments` are the values of `message`. The level is on.
pub(crate) fn log_at<'py>(
    py: Python<'py>,
    origin: Origin<'_>,
    place: Place<'py>,
    message: &Bound<'py, PyAny>,
    arguments: Arguments<'_, 'py>,
) -> PyResult<()> {
    Event { origin, place: Some(place), message: Some(message), arguments }.log(py)
}

/// Logs with the exception that is being handled, unless the arguments name another one.
pub(crate) fn log_exception<'py>(
    py: Python<'py>,
    origin: Origin<'_>,
    arguments: Arguments<'_, 'py>,
) -> PyResult<()> {
    if !origin.module.is_on(origin.level) {
        return Ok(());
    }
    let event = Event::new(origin, None, arguments);
    raw::attached(|| {
        let exception = extras::current_exception(py);
        let extras = Extras { exception, ..Extras::default() };
        event.log_with_extras(py, event.argument_names(), extras);
    });
    exceptions::take_kept().map_or(Ok(()), Err)
}

impl<'a, 'py> Event<'a, 'py> {
    /// The first argument without a name is the message.
    #[inline]
    fn new(
        origin: Origin<'a>,
        place: Option<Place<'py>>,
        arguments: Arguments<'a, 'py>,
    ) -> Event<'a, 'py> {
        let message = (arguments.positional() > 0).then(|| arguments.get(0)).flatten();
        Event { origin, place, message, arguments: arguments.skip(1) }
    }

    /// Logs by the plan of the call.
    #[inline]
    fn log(&self, py: Python<'py>) -> PyResult<()> {
        match self.remembered() {
            Some(plan) => self.emit(py, plan),
            // From here on references are dropped where PyO3 has to know that we are attached.
            None => raw::attached(|| self.find(py)),
        }
        exceptions::take_kept().map_or(Ok(()), Err)
    }

    fn slot(&self) -> Option<usize> {
        let place = self.place.as_ref()?;
        let mixed = (place.code.as_ptr() as usize >> 4)
            .wrapping_add(place.line as usize * 31)
            .wrapping_add(self.origin.level as usize);
        Some(mixed % REMEMBERED)
    }

    /// Whether the message may be a template.
    fn may_be_template(&self) -> bool {
        let has_values = self.arguments.len() > 0 || !self.origin.bindings.names().is_empty();
        has_values
            && (self.arguments.positional() > 0
                || self.message.is_some_and(|message| match exactly::<PyString>(message) {
                    Some(text) => text.to_str().is_ok_and(|text| text.contains('{')),
                    None => false,
                }))
    }

    /// The plan of a call that was seen before.
    #[inline]
    fn remembered(&self) -> Option<&'static Plan> {
        let place = self.place.as_ref()?;
        let seen = SEEN.try_lock().ok()?;
        let seen = seen.get(self.slot()?)?.as_ref()?;
        let is_same = seen.code.as_ptr() == place.code.as_ptr()
            && seen.line == place.line
            && seen.level == self.origin.level
            && seen.module == std::ptr::from_ref(self.origin.module) as usize
            && seen.shape == self.origin.bindings.shape()
            && seen.unnamed == self.arguments.positional();
        if !is_same {
            return None;
        }
        let is_same_template = match (&seen.template, self.message) {
            (Some(seen), Some(message)) => seen.as_ptr() == message.as_ptr(),
            (None, _) => !self.may_be_template(),
            _ => false,
        };
        (is_same_template && self.has_names(seen.names.as_ref())).then_some(seen.plan)
    }

    /// Whether the arguments have these very names. A call with `**` brings them in a new tuple each time.
    #[inline]
    fn has_names(&self, seen: Option<&Py<PyTuple>>) -> bool {
        let (Some(names), Some(seen)) = (self.arguments.names, seen) else {
            return self.arguments.names.is_none() && seen.is_none();
        };
        let seen = seen.bind(names.py());
        let is_same = |index| match (names.get_borrowed_item(index), seen.get_borrowed_item(index))
        {
            (Ok(name), Ok(seen)) => name.as_ptr() == seen.as_ptr(),
            _ => false,
        };
        names.is(seen) || names.len() == seen.len() && (0..names.len()).all(is_same)
    }

    /// Finds or makes the plan, and logs.
    #[cold]
    #[inline(never)]
    fn find(&self, py: Python<'py>) {
        let names = self.argument_names();
        let is_bound = |name| self.origin.bindings.names().contains(name);
        if self.is_within_logging(py)
            || names.iter().any(|name| extras::is_special(name) || is_bound(name))
        {
            return self.log_with_extras(py, names, Extras::default());
        }
        let text = self.template_text();
        let style = text.as_ref().map_or(Style::Carried, |text| {
            sites::style(text, self.arguments.positional(), &self.all_names(&names))
        });
        // A text that has braces and no holes is looked at each time: it may be another one.
        let is_rememberable = style != Style::Carried || text.is_none();
        let template = if style == Style::Carried { None } else { text };
        let plan = sites::plan(self.describe(style, template, self.all_names(&names)));
        match plan {
            Some(plan) => {
                if is_rememberable {
                    self.remember(py, plan);
                }
                self.emit(py, plan);
            }
            None => self.emit_folded(py, style, &self.all_names(&names)),
        }
    }

    /// Whether `logging` itself is the caller, on behalf of another one.
    fn is_within_logging(&self, py: Python<'py>) -> bool {
        if !self.origin.is_standard {
            return false;
        }
        let file = self.place.as_ref().and_then(Place::file);
        file.is_some_and(|file| stdlog::is_own_file(py, &file))
    }

    /// Names of the values with a name.
    fn argument_names(&self) -> Vec<String> {
        let names = self.arguments.names;
        names.map_or_else(Vec::new, |names| {
            names.iter().map(|name| values::field_name(&name)).collect()
        })
    }

    /// Those of the logger and of the call.
    fn all_names(&self, names: &[String]) -> Vec<String> {
        self.origin.bindings.names().iter().chain(names).cloned().collect()
    }

    /// The text of the message where it may be a template.
    fn template_text(&self) -> Option<String> {
        let message = self.message.filter(|_| self.may_be_template())?;
        Some(exactly::<PyString>(message).map_or_else(|| values::shown(message), values::text_of))
    }

    fn describe(&self, style: Style, template: Option<String>, names: Vec<String>) -> Description {
        let place = self.place.as_ref();
        let unnamed = match style {
            Style::Printf | Style::Template => self.arguments.positional(),
            Style::Carried | Style::Eager => 0,
        };
        Description {
            level: self.origin.level,
            module: self.origin.module.name,
            is_standard: self.origin.is_standard,
            file: place.and_then(Place::file).unwrap_or_default(),
            line: place.map_or(0, |place| place.line),
            template: if style == Style::Eager {
                String::new()
            } else {
                template.unwrap_or_default()
            },
            style,
            unnamed,
            names,
        }
    }

    fn remember(&self, py: Python<'py>, plan: &'static Plan) {
        let (Some(place), Some(slot)) = (&self.place, self.slot()) else { return };
        let template = if plan.style == Style::Carried { None } else { self.message };
        if template.is_some_and(|template| exactly::<PyString>(template).is_none()) {
            return;
        }
        let new = Seen {
            code: place.code.clone().unbind(),
            line: place.line,
            level: self.origin.level,
            module: std::ptr::from_ref(self.origin.module) as usize,
            shape: self.origin.bindings.shape(),
            unnamed: self.arguments.positional(),
            template: template.map(|template| template.clone().unbind()),
            names: self.arguments.names.map(|names| names.clone().unbind()),
            plan,
        };
        let before = SEEN.try_lock().ok().and_then(|mut seen| {
            if seen.is_empty() {
                seen.resize_with(REMEMBERED, || None);
            }
            seen[slot].replace(new)
        });
        // Dropped with no lock held.
        drop((before, py));
    }

    /// Copies the values and hands the record over.
    #[inline]
    fn emit(&self, py: Python<'py>, plan: &'static Plan) {
        context::enter(py);
        let word = sites::word(&plan.site);
        if word == OFF {
            return;
        }
        let mut scratch = Scratch::take();
        let is_told = self.collect(plan, &mut scratch);
        if is_told {
            let message = (plan.style == Style::Carried).then_some(self.message).flatten();
            match message
                .map(|message| exactly::<PyString>(message).and_then(|text| text.to_str().ok()))
            {
                None => scratch.emit(py, &plan.site, word, None),
                Some(Some(text)) => scratch.emit(py, &plan.site, word, Some(text)),
                Some(None) => {
                    let text = message.map(values::shown);
                    scratch.emit(py, &plan.site, word, text.as_deref());
                }
            }
        } else {
            raw::attached(|| self.emit_eager(py, plan, &mut scratch));
        }
        scratch.give_back();
    }

    /// Copies all values; `false` when the writer cannot make the message of them.
    #[inline]
    fn collect(&self, plan: &Plan, scratch: &mut Scratch) -> bool {
        if plan.style == Style::Eager {
            return false;
        }
        if plan.style != Style::Carried {
            for index in 0..self.arguments.positional() {
                let Some(value) = self.arguments.get(index) else { break };
                values::push_shown(value, &mut scratch.bytes);
                scratch.end_value();
            }
            if !takes_all(plan, scratch) {
                return false;
            }
        }
        self.collect_named(plan.site.mask(), scratch);
        true
    }

    /// Copies the values with a name.
    #[inline]
    fn collect_named(&self, mask: u64, scratch: &mut Scratch) {
        self.origin.bindings.add_to(mask, scratch);
        for index in self.arguments.positional()..self.arguments.len() {
            let Some(value) = self.arguments.get(index) else { break };
            if mask & bit(scratch.count()) != 0 && !value.is_none() {
                scratch.mask_value(values::hidden_chars(value));
            } else {
                values::push(value, &mut scratch.bytes);
                scratch.end_value();
            }
        }
    }

    /// A record whose message Python makes.
    #[cold]
    fn emit_eager(&self, py: Python<'py>, plan: &'static Plan, scratch: &mut Scratch) {
        let names = self.all_names(&self.argument_names());
        let message = self.message_now(py);
        let Some(plan) = (match plan.style {
            Style::Eager => Some(plan),
            _ => sites::plan(self.describe(Style::Eager, None, names.clone())),
        }) else {
            return self.emit_folded_with(py, &message, &names);
        };
        scratch.clear();
        self.collect_named(plan.site.mask(), scratch);
        scratch.emit(py, &plan.site, sites::known_word(&plan.site), Some(&message));
    }

    /// The message, made here and now.
    fn message_now(&self, py: Python<'py>) -> String {
        let Some(message) = self.message else { return String::new() };
        let count = self.arguments.positional();
        let values: Vec<_> = (0..count).filter_map(|index| self.arguments.get(index)).collect();
        let fields = self.argument_names().into_iter().zip(count..);
        let fields = fields.filter_map(|(name, at)| Some((name, self.arguments.get(at)?.clone())));
        let named = extras::named(py, self.origin, &fields.collect::<Vec<_>>());
        extras::formatted(message, &values, &named)
    }

    /// A record of a place that has too many different ones: its fields stand as one.
    #[cold]
    fn emit_folded(&self, py: Python<'py>, style: Style, names: &[String]) {
        let message = match (style, self.message) {
            (Style::Carried, Some(message)) => {
                exactly::<PyString>(message).map_or_else(|| values::shown(message), values::text_of)
            }
            _ => self.message_now(py),
        };
        self.emit_folded_with(py, &message, names);
    }

    fn emit_folded_with(&self, py: Python<'py>, message: &str, names: &[String]) {
        context::enter(py);
        let mut scratch = Scratch::default();
        self.collect_named(extras::secret(names), &mut scratch);
        extras::emit_folded(py, self.origin, message, names, &scratch);
    }

    /// A call with arguments that are no fields, such as `exc_info`.
    #[cold]
    fn log_with_extras(&self, py: Python<'py>, names: Vec<String>, mut extras: Extras<'py>) {
        let count = self.arguments.positional();
        let mut fields = Vec::new();
        for (name, index) in names.into_iter().zip(count..) {
            let Some(value) = self.arguments.get(index) else { continue };
            let is_extra = self.origin.is_standard && extras.take_extra(&name, value);
            if !is_extra && !extras.take(py, &name, value) {
                fields.push((name, value.clone()));
            }
        }
        let values: Vec<_> = (0..count).filter_map(|index| self.arguments.get(index)).collect();
        extras::log(py, self.origin, self.message, &values, fields, extras);
    }
}

/// Whether the writer makes of the values what Python makes of them.
#[inline]
fn takes_all(plan: &Plan, scratch: &Scratch) -> bool {
    plan.conversions.iter().enumerate().all(|(index, conversion)| {
        index < scratch.count()
            && wire::read_value(scratch.value(index)).is_ok_and(|value| conversion.takes(&value))
    })
}
