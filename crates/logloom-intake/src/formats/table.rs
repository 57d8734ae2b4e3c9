//! All formats. The order is that of the manual and has no other meaning.

use super::Format;
use super::{
    access, apache_error, cri, dpkg, glog, gunicorn, hadoop, hdfs, logback, logfmt, nginx_error,
    openstack, postgresql, python_basic, python_logging, redis, spark, spring_boot, syslog,
    syslog_5424, uvicorn, zookeeper,
};

/// Every format that is found by itself. JSON lines and plain text are not among them: the former
/// are taken wherever a line is a JSON object, the latter is what remains.
pub static FORMATS: &[&Format] = &[
    &access::FORMAT,
    &apache_error::FORMAT,
    &cri::FORMAT,
    &dpkg::FORMAT,
    &glog::FORMAT,
    &gunicorn::FORMAT,
    &hadoop::FORMAT,
    &hdfs::FORMAT,
    &logback::FORMAT,
    &logfmt::FORMAT,
    &nginx_error::FORMAT,
    &openstack::FORMAT,
    &postgresql::FORMAT,
    &python_basic::FORMAT,
    &python_logging::FORMAT,
    &redis::FORMAT,
    &spark::FORMAT,
    &spring_boot::FORMAT,
    &syslog::FORMAT,
    &syslog_5424::FORMAT,
    &uvicorn::FORMAT,
    &zookeeper::FORMAT,
];
