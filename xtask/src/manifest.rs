//! The dependency tables of a `Cargo.toml`.
//!
//! In comes the text of a manifest in the plain style this repository uses (one dependency a line,
//! or a table `[dependencies.name]`); out come the names with the table they stand in. Anything
//! else in the file is skipped.

/// One dependency as a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The name of the crate.
    pub name: String,
    /// The table: `dependencies`, `dev-dependencies`, `build-dependencies`,
    /// `workspace.dependencies`, or one of them behind `target.…`.
    pub table: String,
    /// Whether the line says `optional = true`.
    pub optional: bool,
}

/// Lists the dependencies of a manifest, in the order of the file.
pub fn dependencies(text: &str) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            table = header.trim_end_matches(']').to_owned();
            if let Some((outer, name)) = table.rsplit_once("dependencies.") {
                let table = format!("{outer}dependencies");
                found.push(Dependency { name: name.to_owned(), table, optional: false });
            }
        } else if table.contains("dependencies.") {
            if let Some(last) = found.last_mut() {
                last.optional |= is_optional(line);
            }
        } else if table.ends_with("dependencies")
            && !line.starts_with('#')
            && let Some((name, value)) = line.split_once('=')
        {
            let name = name.trim().split('.').next().unwrap_or_default().trim_matches('"');
            let optional = is_optional(value);
            found.push(Dependency { name: name.to_owned(), table: table.clone(), optional });
        }
    }
    found
}

fn is_optional(line: &str) -> bool {
    line.replace(' ', "").contains("optional=true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_and_tables() {
        let found = dependencies(
            "[package]\nname = \"a\"\n[dependencies]\nlibc = { workspace = true, optional = true }\n\
             log.workspace = true\n# x = 1\n[dev-dependencies.proptest]\nworkspace = true\n",
        );
        let short: Vec<_> =
            found.iter().map(|d| (d.name.as_str(), d.table.as_str(), d.optional)).collect();
        assert_eq!(
            short,
            [
                ("libc", "dependencies", true),
                ("log", "dependencies", false),
                ("proptest", "dev-dependencies", false)
            ]
        );
    }
}
