//! The rules, one file each.
//!
//! In comes the tree, out come findings. A rule names the place and the remedy; its exceptions
//! stand in its own file with their reasons, and an exception that is no longer needed is itself a
//! finding, so that the lists only shrink.

pub mod architecture;
pub mod arrows;
pub mod dependencies;
pub mod hosts;
pub mod leftovers;
pub mod length;
pub mod links;
pub mod module_docs;
pub mod outside_world;
pub mod paths;
pub mod unsafe_code;
