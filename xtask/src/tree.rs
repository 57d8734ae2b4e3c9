//! The repository's files as text.
//!
//! In comes the root folder; out come the files that git tracks or would track, sorted by path.
//! Files that are not UTF-8 are left out, and so is what `.gitignore` names. It refuses to guess:
//! without git the folders are walked, and `target`, `.git`, `node_modules` are skipped.

use std::path::{Path, PathBuf};
use std::process::Command;

/// One text file of the repository.
#[derive(Clone, Debug)]
pub struct File {
    /// Path from the root, with `/` between its parts.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl File {
    /// A file made up for a test.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether this is Rust source.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is a test, a benchmark or an example, by its place in the tree.
    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.contains("/benches/")
            || self.path.contains("/examples/")
    }
}

/// All text files below one root.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The folder the paths start from; empty for a made-up tree.
    pub root: PathBuf,
    /// The files, sorted by path.
    pub files: Vec<File>,
}

impl Tree {
    /// Reads the repository this crate belongs to.
    pub fn load() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        let mut paths = tracked(&root).unwrap_or_else(|| walk(&root));
        paths.sort();
        paths.dedup();
        let files = paths
            .into_iter()
            .filter_map(|path| {
                let text = std::fs::read_to_string(root.join(&path)).ok()?;
                Some(File { path, text })
            })
            .collect();
        Self { root, files }
    }

    /// A tree made up for a test.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| File::new(path, text)).collect();
        Self { root: PathBuf::new(), files }
    }

    /// The Rust files.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }

    /// One file by its path.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether a file of that path, or a folder with a file in it, is in the tree or on disk.
    pub fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        let listed =
            self.files.iter().any(|file| file.path == path || file.path.starts_with(&folder));
        listed || (!self.root.as_os_str().is_empty() && self.root.join(path).is_file())
    }
}

fn tracked(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root)
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let names = String::from_utf8(output.stdout).ok()?;
    Some(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

fn walk(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if !["target", ".git", "node_modules"].iter().any(|skip| name == *skip) {
                    folders.push(entry.path());
                }
            } else if let Ok(path) = entry.path().strip_prefix(root) {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_holds_this_very_file() {
        assert!(Tree::load().file("xtask/src/tree.rs").is_some());
    }

    #[test]
    fn walking_finds_what_git_finds() {
        let root = Tree::load().root;
        assert!(walk(&root).iter().any(|path| path == "xtask/src/tree.rs"));
        assert!(!walk(&root).iter().any(|path| path.starts_with("target/")));
    }

    #[test]
    fn a_folder_exists_through_its_files() {
        let tree = Tree::of(&[("a/b/c.rs", "")]);
        assert!(tree.exists("a/b/") && tree.exists("a/b/c.rs") && !tree.exists("a/c"));
    }
}
