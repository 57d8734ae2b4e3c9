//! Everything of a line that is the same for all records of a call site, rendered once.

use super::action::ActionPlan;
use super::options::LoomOptions;
use crate::json::names::NameSet;
use crate::json::{push_string, push_text};
use crate::{MessageKind, Piece, SiteDescription, pieces, printf};

/// Longest module, service, host and file as written, in bytes.
pub(super) const NAME_BYTES_MAX: usize = 512;
const FILE_BYTES_MAX: usize = 1024;
/// Longest name of a field as written, in bytes.
pub(super) const KEY_BYTES_MAX: usize = 1024;
/// Most holes of a template that are filled; further ones stay as they are written.
const HOLES_MAX: usize = 64;

/// The lines of one call site, prepared. It depends on the options, so that a change of these asks
/// for new plans.
#[derive(Clone, Debug)]
pub struct SitePlan {
    /// `,"level":"INFO"`
    pub(super) level: Vec<u8>,
    /// `,"service":"shop"`, or nothing.
    pub(super) service: Vec<u8>,
    /// `,"module":"shop.payments"`, or nothing.
    pub(super) module: Vec<u8>,
    /// The three above in one.
    pub(super) head: Vec<u8>,
    pub(super) message: PlannedMessage,
    pub(super) fields: Vec<PlannedField>,
    /// `,"template":"..."`, or nothing.
    pub(super) template: Vec<u8>,
    /// Whether records other than foreign ones have the template too.
    pub(super) keeps_template: bool,
    /// `,"file":"...","line":7` as the options have it.
    pub(super) place: Vec<u8>,
    /// `,"pid":7,"host":"..."` as the options have it.
    pub(super) process: Vec<u8>,
    /// What an action has in place of head and message.
    pub(super) action: Option<ActionPlan>,
}

#[derive(Clone, Debug)]
pub(super) enum PlannedMessage {
    /// `,"message":"..."` whole, or nothing.
    Literal(Vec<u8>),
    /// The pieces between the quotes.
    Template(Vec<Segment>),
    /// The record has it.
    Carried,
}

#[derive(Clone, Debug)]
pub(super) enum Segment {
    /// Escaped text.
    Text(Vec<u8>),
    /// Number of a field.
    Hole(usize),
    /// Number of a field without a name, and how it is shown.
    Conversion(usize, printf::Conversion),
}

#[derive(Clone, Debug)]
pub(super) struct PlannedField {
    /// `,"name":` with the name that is written; empty for a value that is no member of the line.
    pub(super) key: Vec<u8>,
    /// The name that is written.
    pub(super) name: String,
    /// Whether an exception here is the exception of the record.
    pub(super) is_exception: bool,
}

impl SitePlan {
    /// Prepares the lines of a call site.
    pub fn new(site: &SiteDescription, options: &LoomOptions) -> SitePlan {
        let text_limit = options.line_limit() / 8;
        let level = member("level", site.level.as_str(), NAME_BYTES_MAX);
        let service = member("service", &options.service, NAME_BYTES_MAX);
        let module = member("module", &site.module, NAME_BYTES_MAX);
        let is_told = matches!(site.message_kind, MessageKind::Literal | MessageKind::Action);
        let has_template = options.include_template && !is_told;
        let template = if has_template { &*site.template } else { "" };
        SitePlan {
            head: [&*level, &*service, &*module].concat(),
            level,
            service,
            module,
            message: plan_message(site, text_limit),
            fields: plan_fields(site, options),
            template: member("template", template, text_limit),
            keeps_template: matches!(
                site.message_kind,
                MessageKind::Template | MessageKind::Printf
            ) || crate::site::has_named_hole(&site.template),
            place: place(site, options),
            process: process(options),
            action: ActionPlan::of(site),
        }
    }
}

/// What stands around values in any line.
const COMMON: &[u8] =
    b"{\"timestamp\":\"\",\"message\":\"\",\"exception\":\"\",\"thread\":\"\",\"logloom.truncated\":true}\n";

impl SitePlan {
    /// Everything that lines of this site may hold beside what their records bring, in pieces: whole
    /// members, and names of members with what follows them.
    pub fn constants(&self) -> impl Iterator<Item = &[u8]> {
        let message: &[u8] = match &self.message {
            PlannedMessage::Literal(member) => member,
            // The whole text counts as the caller's.
            PlannedMessage::Template(_) | PlannedMessage::Carried => &[],
        };
        let all = [COMMON, &self.head, message, &self.template, &self.place, &self.process];
        let action = self.action.iter().flat_map(ActionPlan::constants);
        all.into_iter().chain(action).chain(self.fields.iter().map(|field| &*field.key))
    }
}

/// A member with a comma before it, or nothing for an empty text.
pub(super) fn member(name: &str, text: &str, limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    if !text.is_empty() {
        push_key(name, &mut out);
        push_string(text.as_bytes(), limit, &mut out);
    }
    out
}

/// Appends `,"name":`.
pub(super) fn push_key(name: &str, out: &mut Vec<u8>) {
    out.push(b',');
    push_string(name.as_bytes(), KEY_BYTES_MAX, out);
    out.push(b':');
}

fn plan_message(site: &SiteDescription, limit: usize) -> PlannedMessage {
    match site.message_kind {
        MessageKind::Literal => PlannedMessage::Literal(member("message", &site.template, limit)),
        MessageKind::Template => PlannedMessage::Template(plan_template(site, limit)),
        MessageKind::Printf => PlannedMessage::Template(plan_printf(site, limit)),
        MessageKind::Formatted | MessageKind::Action => PlannedMessage::Carried,
    }
}

fn plan_template(site: &SiteDescription, limit: usize) -> Vec<Segment> {
    let mut segments = Vec::new();
    let (mut left, mut holes, mut unnamed) = (limit, 0, 0);
    for piece in pieces(&site.template) {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Hole(name) => match segment(name, site, &mut unnamed) {
                Some(segment) if holes < HOLES_MAX => {
                    holes += 1;
                    segments.push(segment);
                    continue;
                }
                _ => format!("{{{name}}}").into(),
            },
        };
        if push_fixed(&text, &mut left, &mut segments) {
            break;
        }
    }
    segments
}

/// Appends text that is the same in each record; `true` when it was cut to the bytes that are `left`.
fn push_fixed(text: &str, left: &mut usize, segments: &mut Vec<Segment>) -> bool {
    let mut escaped = Vec::new();
    let was_cut = push_text(text.as_bytes(), *left, &mut escaped);
    *left = left.saturating_sub(escaped.len());
    segments.push(Segment::Text(escaped));
    was_cut
}

/// What stands in a hole: a field of this name, or the value without a name that is next or has this
/// number.
fn segment(hole: &str, site: &SiteDescription, next: &mut usize) -> Option<Segment> {
    if hole.is_empty() {
        *next += 1;
    } else if !hole.bytes().all(|byte| byte.is_ascii_digit()) {
        return site.fields.iter().position(|field| field == hole).map(Segment::Hole);
    }
    let number = if hole.is_empty() { *next - 1 } else { hole.parse().ok()? };
    let mut unnamed = unnamed(site);
    unnamed.nth(number).map(|index| Segment::Conversion(index, printf::Conversion::TEXT))
}

/// Numbers of the fields without a name.
fn unnamed(site: &SiteDescription) -> impl Iterator<Item = usize> {
    site.fields.iter().enumerate().filter(|(_, name)| name.is_empty()).map(|(index, _)| index)
}

/// As [`plan_template`], for conversions. A literal that is none is taken as text.
fn plan_printf(site: &SiteDescription, limit: usize) -> Vec<Segment> {
    let as_text = || vec![printf::Piece::Text(site.template.to_string())];
    let mut unnamed = unnamed(site);
    let mut left = limit;
    let mut segments = Vec::new();
    for piece in printf::pieces(&site.template).unwrap_or_else(as_text) {
        match piece {
            printf::Piece::Text(text) => {
                if push_fixed(&text, &mut left, &mut segments) {
                    break;
                }
            }
            printf::Piece::Conversion(conversion) => {
                let index = unnamed.next();
                segments.extend(index.map(|index| Segment::Conversion(index, conversion)));
            }
        }
    }
    segments
}

fn plan_fields(site: &SiteDescription, options: &LoomOptions) -> Vec<PlannedField> {
    let mut names = NameSet::default();
    // A field of an action stands under its own name, and an exception in its place.
    let is_action = site.message_kind == MessageKind::Action;
    let mut has_exception = is_action;
    site.fields
        .iter()
        .map(|field| {
            if field.is_empty() && !is_action {
                let (key, name) = (Vec::new(), String::new());
                return PlannedField { key, name, is_exception: false };
            }
            let is_taken = |name: &str| !is_action && options.is_reserved(name);
            let is_exception = !has_exception && field == "exception";
            has_exception |= is_exception;
            let name = names.unique(field.as_ref().into(), is_taken).into_owned();
            let mut key = Vec::new();
            push_key(&name, &mut key);
            PlannedField { key, name, is_exception }
        })
        .collect()
}

fn place(site: &SiteDescription, options: &LoomOptions) -> Vec<u8> {
    let file = if options.include_file { &*site.file } else { "" };
    let mut out = member("file", file, FILE_BYTES_MAX);
    if options.include_line && site.line > 0 {
        push_number("line", site.line, &mut out);
    }
    out
}

fn process(options: &LoomOptions) -> Vec<u8> {
    let mut out = Vec::new();
    if options.include_pid {
        push_number("pid", options.pid, &mut out);
    }
    let host = if options.include_host { &*options.host } else { "" };
    out.extend(member("host", host, NAME_BYTES_MAX));
    out
}

fn push_number(name: &str, number: u32, out: &mut Vec<u8>) {
    push_key(name, out);
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}
