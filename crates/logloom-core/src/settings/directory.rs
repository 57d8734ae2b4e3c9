//! Takes the process's own environment, hands on the names that defaults are made of; refuses to
//! touch the file system.

use std::ffi::OsString;
use std::path::PathBuf;

/// Directory of the log when none is configured: `$XDG_DATA_HOME/logloom` when that variable holds
/// an absolute path, else `$HOME/.local/share/logloom`, else `./logloom-data`, since a program
/// without a home directory must still be able to log somewhere.
pub fn default_log_directory() -> PathBuf {
    log_directory_from(|name| std::env::var_os(name))
}

fn log_directory_from(variable: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(data_home) = absolute("XDG_DATA_HOME") {
        return data_home.join("logloom");
    }
    match absolute("HOME") {
        Some(home) => home.join(".local/share/logloom"),
        None => PathBuf::from("logloom-data"),
    }
}

/// Name of the running executable without its directory; `unknown` when the system does not tell.
pub fn executable_name() -> String {
    let path = std::env::current_exe().ok();
    let name = path.as_deref().and_then(|path| path.file_name());
    name.map_or_else(|| String::from("unknown"), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_follows_the_environment() {
        let cases: [(&[(&str, &str)], &str); 5] = [
            (&[("HOME", "/home/ann")], "/home/ann/.local/share/logloom"),
            (&[("HOME", "/home/ann"), ("XDG_DATA_HOME", "/data")], "/data/logloom"),
            (&[("HOME", "/home/ann"), ("XDG_DATA_HOME", "data")], "/home/ann/.local/share/logloom"),
            (&[("HOME", "")], "logloom-data"),
            (&[], "logloom-data"),
        ];
        for (variables, expected) in cases {
            let lookup = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(log_directory_from(lookup), PathBuf::from(expected), "{variables:?}");
        }
    }

    #[test]
    fn the_executable_has_a_name() {
        let name = executable_name();
        assert!(!name.is_empty() && !name.contains('/'), "{name}");
    }
}
