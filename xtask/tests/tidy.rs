//! The house rules, run on this repository: one test a rule, so that the name of the failing test
//! is the rule that was broken and its message the remedy.

use xtask::rules::{
    architecture, arrows, dependencies, hosts, leftovers, length, links, module_docs,
    outside_world, paths, unsafe_code,
};
use xtask::{Findings, Tree};

fn must_hold(rule: &str, check: fn(&Tree) -> Findings) {
    let findings = check(&Tree::load());
    assert!(findings.is_empty(), "{rule}\n  {}\n", findings.join("\n  "));
}

#[test]
fn the_map_names_files_that_exist() {
    must_hold("ARCHITECTURE.md is a true map.", architecture::check);
}

#[test]
fn arrows_point_against_the_data_flow() {
    must_hold("Crates use only what the table in ARCHITECTURE.md allows.", arrows::check);
}

#[test]
fn every_dependency_has_its_reason() {
    must_hold("Each dependency has a row in docs/dependencies.md.", dependencies::check);
}

#[test]
fn package_files_name_no_foreign_host() {
    must_hold("Package files hold only the hosts their tools write.", hosts::check);
}

#[test]
fn nothing_is_left_unfinished() {
    must_hold("No leftovers.", leftovers::check);
}

#[test]
fn files_are_short_enough() {
    must_hold("Files have at most 800 lines.", length::check_files);
}

#[test]
fn functions_are_short_enough() {
    must_hold("Functions have at most 70 lines.", length::check_functions);
}

#[test]
fn links_resolve() {
    must_hold("Relative links in Markdown files resolve.", links::check);
}

#[test]
fn every_file_has_its_module_doc() {
    must_hold("Every .rs file begins with `//!`.", module_docs::check);
}

#[test]
fn file_system_and_clock_are_parameters() {
    must_hold("File system and clock are parameters.", outside_world::check);
}

#[test]
fn no_machine_paths() {
    must_hold("No path of one machine is tracked.", paths::check);
}

#[test]
fn unsafe_stays_at_home() {
    must_hold("`unsafe` has two homes.", unsafe_code::check);
}
