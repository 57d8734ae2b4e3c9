//! A day of actions, made up: the types, fields and sizes of an agent at work.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::proof::dice::Dice;

/// The day.
pub(super) const DAY: &str = "2025-11-21";

/// What is looked for.
pub(super) const KEYWORD: &str = "authentication-needle";

/// One line in so many bytes holds what is looked for.
const PLANTED_EVERY: u64 = 8 << 20;

/// Actions of one session.
const SESSION_ACTIONS: u64 = 400;

/// The file that was made.
pub(super) struct Made {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) lines: u64,
    /// Lines that hold what is looked for; their numbers count from 0.
    pub(super) planted: u64,
}

const WORDS: [&str; 12] = [
    "cargo",
    "test",
    "src/lib.rs",
    "warning:",
    "unused",
    "variable",
    "\\n",
    "登录",
    "fn main()",
    "\\\"quoted\\\"",
    "0x7f3a",
    "done",
];

/// Makes the day in a folder of its own.
pub(super) fn make(folder: &Path, megabytes: u64) -> Result<Made, String> {
    let refused = |error: std::io::Error| format!("make {}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(refused)?;
    let path = folder.join(format!("{DAY}.jsonl"));
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&path).map_err(refused)?);
    let mut dice = Dice::new(7);
    let mut made = Made { path, bytes: 0, lines: 0, planted: 0 };
    let mut line = String::new();
    while made.bytes < megabytes * 1_000_000 {
        line.clear();
        push_action(&mut made, megabytes, &mut dice, &mut line);
        out.write_all(line.as_bytes()).map_err(refused)?;
        made.bytes += line.len() as u64;
        made.lines += 1;
    }
    out.flush().map_err(refused)?;
    Ok(made)
}

fn push_action(made: &mut Made, megabytes: u64, dice: &mut Dice, line: &mut String) {
    // The day is as long as the file.
    let micros = made.bytes * 86_000 / megabytes;
    let second = micros / 1_000_000;
    let session = made.lines / SESSION_ACTIONS;
    let (action_type, status, rest) = match made.lines % 6 {
        0 => (
            "llm_request",
            "",
            r#""provider":"anthropic","model":"claude-sonnet-4-5-20250929","messages_count":5,"tools_count":8,"temperature":0.7,"max_tokens":4000,"request_id":"req-"#,
        ),
        1 => (
            "llm_response",
            r#""status":"success","#,
            r#""response_type":"tool_use","input_tokens":1234,"output_tokens":567,"duration_ms":2345,"request_id":"req-"#,
        ),
        2 | 4 => (
            "tool_call",
            "",
            r#""tool_name":"bash","permission_level":"NORMAL","args":{"command":"cargo test -p shop","description":"Run the tests"},"tool_use_id":"toolu_"#,
        ),
        _ => (
            "tool_result",
            r#""status":"success","#,
            r#""success":true,"duration_ms":123,"tool_use_id":"toolu_"#,
        ),
    };
    // The common fields stand in the order in which this system writes them.
    line.push_str(&format!(
        "{{\"timestamp\":\"{DAY}T{:02}:{:02}:{:02}.{:06}Z\",\"level\":\"INFO\",\"action_number\":{},\
         \"action_type\":\"{action_type}\",\"session_id\":\"session-20251121-{session:06}\",\
         \"execution_id\":\"exec-{session:x}\",{status}{rest}{}\"",
        second / 3_600,
        second % 3_600 / 60,
        second % 60,
        micros % 1_000_000,
        made.lines % SESSION_ACTIONS + 1,
        made.lines / 2
    ));
    if action_type == "tool_result" {
        push_output(made, dice, line);
    }
    line.push_str("}\n");
}

fn push_output(made: &mut Made, dice: &mut Dice, line: &mut String) {
    line.push_str(",\"output\":\"");
    if made.bytes >= made.planted * PLANTED_EVERY {
        line.push_str(&format!("{KEYWORD} {} ", made.planted));
        made.planted += 1;
    }
    for _ in 0..20 + dice.below(100) {
        line.push_str(WORDS[dice.below(WORDS.len() as u64) as usize]);
        line.push(' ');
    }
    line.push('"');
}
