//! What keys do, outside of the lines in which something is typed; one table for them, the foot of
//! the screen and the help.

use std::time::Instant;

use logloom_query::actions::Lang;
use logloom_record::Level;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::app::{App, Effect, Focus};
use super::prompt::Kind;
use super::reader::Way;
use super::terms::Sense;

/// A row of the help: keys, what they do, the same in Chinese.
pub(super) type Help = (&'static str, &'static str, &'static str);

/// All keys, in the order of the help.
pub(super) const HELP: &[Help] = &[
    ("/", "type a filter in LogsQL; Tab completes", "输入 LogsQL 过滤条件，Tab 补全"),
    ("u", "back to the filter of before", "回到上一个过滤条件"),
    ("j k \u{2191} \u{2193}", "one row down or up", "下移、上移一行"),
    ("PgUp PgDn", "one page (also b and Space)", "翻页（也可用 b 和空格）"),
    ("g G", "oldest record; newest, and follow", "最早的记录；最新的记录并跟随"),
    ("e E", "next error, previous error", "下一个、上一个错误"),
    ("w W", "next warning or worse, previous", "下一个、上一个警告或更严重的记录"),
    ("t", "go to a time: 10:30, 2h, 2026-11-21", "跳到某时间：10:30、2h、2026-11-21"),
    ("Enter", "all fields of the record", "显示记录的全部字段"),
    ("f", "facets: values and how many", "分面：字段的值及数量"),
    ("Tab", "to the next pane", "切换到下一个窗格"),
    ("+ -", "with or without the chosen value", "加入或排除所选的值"),
    ("a d", "add a field to the facets, take one away", "增加、移除分面字段"),
    ("h", "histogram on and off", "显示或隐藏直方图"),
    ("r", "read anew", "重新读取"),
    ("Esc", "close, stop what is looked for", "关闭；停止查找"),
    ("? F1", "these keys", "显示这些按键"),
    ("q Ctrl+C", "quit (Ctrl+Z: stop, fg goes on)", "退出（Ctrl+Z 挂起，fg 恢复）"),
];

/// The keys at the foot, the most useful first.
pub(super) fn foot(app: &App) -> Vec<(&'static str, &'static str)> {
    let chinese = app.look.lang == Lang::Chinese;
    let pick = |(key, english, zh): &Help| (*key, if chinese { *zh } else { *english });
    let keys: &[Help] = match (app.prompt.as_ref().map(|prompt| prompt.kind), app.focus) {
        (Some(Kind::Filter), _) => &[
            ("Enter", "apply", "应用"),
            ("Tab", "complete", "补全"),
            ("\u{2191}\u{2193}", "choose, history", "选择、历史"),
            ("Ctrl+U", "clear", "清空"),
            ("Esc", "cancel", "取消"),
        ],
        (Some(_), _) => &[("Enter", "take", "确定"), ("Esc", "cancel", "取消")],
        (None, Focus::List) => &[
            ("/", "filter", "过滤"),
            ("Enter", "detail", "详情"),
            ("e E", "errors", "错误"),
            ("?", "help", "帮助"),
            ("q", "quit", "退出"),
            ("t", "time", "时间"),
            ("f", "facets", "分面"),
            ("g G", "oldest, live", "最早、跟随"),
            ("h", "histogram", "直方图"),
            ("u", "undo", "撤销"),
            ("r", "reload", "重读"),
        ],
        (None, Focus::Detail) => &[
            ("\u{2191}\u{2193}", "move", "移动"),
            ("+ -", "with, without value", "加入、排除该值"),
            ("Tab", "next pane", "下一窗格"),
            ("Esc", "close", "关闭"),
            ("?", "help", "帮助"),
            ("q", "quit", "退出"),
        ],
        (None, Focus::Facets) => &[
            ("\u{2191}\u{2193}", "move", "移动"),
            ("Enter", "with value", "加入该值"),
            ("-", "without", "排除"),
            ("a d", "field", "字段"),
            ("Tab", "next pane", "下一窗格"),
            ("Esc", "close", "关闭"),
            ("?", "help", "帮助"),
            ("q", "quit", "退出"),
        ],
    };
    keys.iter().map(pick).collect()
}

impl App {
    /// Takes a key.
    pub(super) fn key(&mut self, key: KeyEvent, now: Instant) {
        if key.kind == KeyEventKind::Release {
            return;
        }
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if is_control => self.effects.push(Effect::Quit),
            KeyCode::Char('z') if is_control => self.effects.push(Effect::Suspend),
            KeyCode::Char('l') if is_control => self.effects.push(Effect::Redraw),
            _ if self.prompt.is_some() => self.prompt_key(key),
            _ if self.help.is_some() => self.help_key(key.code),
            _ => {
                self.notice = None;
                self.plain_key(key.code, is_control);
            }
        }
        self.settle(now);
    }

    /// Keys that mean the same in each pane, then those of the pane.
    fn plain_key(&mut self, code: KeyCode, is_control: bool) {
        match code {
            KeyCode::Char('q') => self.effects.push(Effect::Quit),
            KeyCode::Char('?') | KeyCode::F(1) => self.help = Some(0),
            KeyCode::Char('/') => self.begin_prompt(Kind::Filter),
            KeyCode::Char('t') => self.begin_prompt(Kind::Time),
            KeyCode::Char('u') if !is_control => self.undo(),
            KeyCode::Char('r') => self.reload(),
            KeyCode::Char('h') => self.toggle_bars(),
            KeyCode::Char('f') if !is_control => self.toggle_facets(),
            KeyCode::Char('e') => self.jump_to_level(Way::Newer, Level::Error),
            KeyCode::Char('E') => self.jump_to_level(Way::Older, Level::Error),
            KeyCode::Char('w') => self.jump_to_level(Way::Newer, Level::Warn),
            KeyCode::Char('W') => self.jump_to_level(Way::Older, Level::Warn),
            KeyCode::Char('G') | KeyCode::Char('F') => self.go_newest(),
            KeyCode::Tab => self.next_pane(),
            KeyCode::BackTab => self.next_pane(),
            KeyCode::Esc => self.escape(),
            _ => match self.focus {
                Focus::List => self.list_key(code, is_control),
                Focus::Detail => self.detail_key(code, is_control),
                Focus::Facets => self.facets_key(code),
            },
        }
    }

    fn next_pane(&mut self) {
        let panes = [
            (Focus::List, true),
            (Focus::Detail, self.detail.is_open),
            (Focus::Facets, self.facets.is_open),
        ];
        let own = panes.iter().position(|(pane, _)| *pane == self.focus).unwrap_or(0);
        let next = (1..=panes.len()).map(|step| panes[(own + step) % panes.len()]);
        self.focus =
            next.into_iter().find(|(_, is_open)| *is_open).map_or(Focus::List, |(pane, _)| pane);
    }

    /// Ends what is looked for, else closes the pane that has the keys, else any.
    fn escape(&mut self) {
        if self.paging.is_finding() {
            self.paging.forget();
        } else if self.focus == Focus::Facets || self.facets.is_open && !self.detail.is_open {
            self.facets.is_open = false;
        } else {
            self.detail.is_open = false;
        }
        self.focus = Focus::List;
    }

    /// Puts a condition into the filter.
    pub(super) fn narrow(&mut self, field: &str, value: &str, sense: Sense) {
        let term = super::terms::term(field, value, sense);
        let text = super::terms::with_term(&self.query, &term, &self.context());
        if let Err(error) = self.filter_by(&text) {
            self.complain(error.to_string());
        }
    }
}
