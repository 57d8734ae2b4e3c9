//! All formats. The order is that of the manual and has no other meaning.

use super::Format;
use super::{apache_error, hadoop, hdfs, openstack, spark, syslog, zookeeper};

/// Every format that is found by itself. JSON lines and plain text are not among them: the former
/// are taken wherever a line is a JSON object, the latter is what remains.
pub const FORMATS: &[&Format] = &[
    &apache_error::FORMAT,
    &hadoop::FORMAT,
    &hdfs::FORMAT,
    &openstack::FORMAT,
    &spark::FORMAT,
    &syslog::FORMAT,
    &zookeeper::FORMAT,
];
