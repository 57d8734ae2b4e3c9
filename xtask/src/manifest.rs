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
    /// Whether it names a version or a git address itself, not only `workspace = true` or a path.
    pub is_pinned: bool,
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
                let name = name.to_owned();
                found.push(Dependency { name, table, optional: false, is_pinned: false });
            }
        } else if table.contains("dependencies.") {
            if let Some(last) = found.last_mut() {
                last.optional |= is_optional(line);
                last.is_pinned |= is_pinned(line);
            }
        } else if table.ends_with("dependencies")
            && !line.starts_with('#')
            && let Some((name, value)) = line.split_once('=')
        {
            let (optional, is_pinned) = (is_optional(value), is_pinned(value));
            let name = name.trim().split('.').next().unwrap_or_default().trim_matches('"');
            let (name, table) = (name.to_owned(), table.clone());
            found.push(Dependency { name, table, optional, is_pinned });
        }
    }
    found
}

fn is_optional(line: &str) -> bool {
    line.replace(' ', "").contains("optional=true")
}

/// What stands behind a name: the bare version, or a table with one.
fn is_pinned(line: &str) -> bool {
    let plain = line.replace(' ', "");
    plain.starts_with('"')
        || ["version=", "git="].iter().any(|key| {
            plain.starts_with(key)
                || plain.contains(&format!("{{{key}"))
                || plain.contains(&format!(",{key}"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_and_tables() {
        let found = dependencies(
            "[package]\nname = \"a\"\nversion = \"1\"\n[dependencies]\n\
             libc = { workspace = true, optional = true }\nlog.workspace = true\n# x = 1\n\
             [dev-dependencies.proptest]\nworkspace = true\n",
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
        assert!(found.iter().all(|dependency| !dependency.is_pinned));
    }

    #[test]
    fn every_form_of_a_version_is_found() {
        let found = dependencies(
            "[dependencies]\na = \"1\"\nb = { version = \"1\" }\nc = { git = \"x\" }\n\
             d = { features = [\"x\"], version = \"1\" }\n[build-dependencies.e]\nversion = \"1\"\n\
             [dependencies.f]\nworkspace = true\nfeatures = [\"y\"]\n",
        );
        let pinned: Vec<bool> = found.iter().map(|dependency| dependency.is_pinned).collect();
        assert_eq!(pinned, [true, true, true, true, true, false]);
    }
}
