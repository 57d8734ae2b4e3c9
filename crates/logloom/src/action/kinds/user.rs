//! What the user does.

use super::action;
use crate::action::InputMode;

action! {
    /// `user_input`: text that the user entered.
    UserInput = UserInput {
        new {
            /// the text.
            content: &'a str,
        }
        with {
            /// How it came.
            input_mode: InputMode<'a>,
        }
        order { content, input_mode }
    }
}

action! {
    /// `user_command`: a command for the agent itself.
    UserCommand = UserCommand, free status {
        new {
            /// the command, such as `/status`.
            command: &'a str,
            /// its arguments; an empty list is written.
            args: &'a [&'a str],
        }
        order { command, args }
    }
}
