//! The arguments of `logloom completions`.

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  logloom completions bash > ~/.local/share/bash-completion/completions/logloom
  logloom completions zsh > ~/.zfunc/_logloom
  logloom completions fish > ~/.config/fish/completions/logloom.fish")]
pub(crate) struct CompletionsArguments {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}
