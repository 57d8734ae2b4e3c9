//! A model that answers from a script, tools that touch nothing, and a user who agrees. Each takes its
//! time, as the real ones do.

use std::time::Duration;

use logloom::action::TokenUsage;

/// What the model answers.
pub(crate) enum Answer {
    /// Not now.
    Busy { retry_after: Duration },
    /// A tool is to run.
    Tool(Tool),
    /// The end of the turn.
    Text(&'static str),
}

pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) id: &'static str,
    pub(crate) command: &'static str,
    /// Whether it may do harm, so that the user is asked.
    pub(crate) is_dangerous: bool,
}

pub(crate) struct Script {
    answers: std::vec::IntoIter<Answer>,
    given: u64,
}

impl Script {
    pub(crate) fn new() -> Script {
        let tool = |name, id, command: &'static str| {
            let is_dangerous = command.starts_with("xyz");
            Answer::Tool(Tool { name, id, command, is_dangerous })
        };
        let answers = vec![
            Answer::Busy { retry_after: Duration::from_secs(60) },
            tool("bash", "toolu_1", "ls -la"),
            tool("bash", "toolu_2", "xyz --largest"),
            tool("read_file", "toolu_3", "README.md"),
            Answer::Text("README.md is the largest file"),
        ];
        Script { answers: answers.into_iter(), given: 0 }
    }

    pub(crate) fn name(&self) -> &'static str {
        "scripted-1"
    }

    pub(crate) fn answer(&mut self) -> Option<Answer> {
        self.given += 1;
        let answer = self.answers.next()?;
        std::thread::sleep(self.cost().1);
        Some(answer)
    }

    /// Messages of the conversation so far.
    pub(crate) fn messages(&self) -> u64 {
        2 * self.given + 1
    }

    /// What the last answer has cost.
    pub(crate) fn cost(&self) -> (TokenUsage, Duration) {
        (TokenUsage::new(400 * self.given, 50), Duration::from_millis(20 * self.given))
    }
}

/// The user agrees.
pub(crate) fn agree() {
    std::thread::sleep(Duration::from_millis(35));
}

/// Runs a tool; the second one does not exist.
pub(crate) fn run(tool: &Tool) -> Result<String, String> {
    std::thread::sleep(Duration::from_millis(5 * tool.command.len() as u64));
    match tool.command {
        "ls -la" => Ok("README.md  4096\nmain.rs  512\n".to_owned()),
        "README.md" => Ok("# Examples\n".to_owned()),
        other => Err(format!("Command not found: {other}")),
    }
}
