//! All formats. The order is that of the manual and has no other meaning.

use super::Format;
use super::{
    access, apache_error, cef, celery, cri, dpkg, elasticsearch, env_logger, glog, go_log,
    gunicorn, hadoop, hdfs, kafka, logback, logfmt, loguru, monolog, mysql_error, nginx_error,
    openstack, postgresql, python_basic, python_logging, redis, ruby_logger, spark, spring_boot,
    syslog, syslog_5424, tomcat, tracing, uvicorn, zookeeper,
};

/// Every format that is found by itself. JSON lines and plain text are not among them: the former
/// are taken wherever a line is a JSON object, the latter is what remains.
pub static FORMATS: &[&Format] = &[
    &access::FORMAT,
    &apache_error::FORMAT,
    &cef::FORMAT,
    &celery::FORMAT,
    &cri::FORMAT,
    &dpkg::FORMAT,
    &elasticsearch::FORMAT,
    &env_logger::FORMAT,
    &glog::FORMAT,
    &go_log::FORMAT,
    &gunicorn::FORMAT,
    &hadoop::FORMAT,
    &hdfs::FORMAT,
    &kafka::FORMAT,
    &logback::FORMAT,
    &logfmt::FORMAT,
    &loguru::FORMAT,
    &monolog::FORMAT,
    &mysql_error::FORMAT,
    &nginx_error::FORMAT,
    &openstack::FORMAT,
    &postgresql::FORMAT,
    &python_basic::FORMAT,
    &python_logging::FORMAT,
    &redis::FORMAT,
    &ruby_logger::FORMAT,
    &spark::FORMAT,
    &spring_boot::FORMAT,
    &syslog::FORMAT,
    &syslog_5424::FORMAT,
    &tomcat::FORMAT,
    &tracing::FORMAT,
    &uvicorn::FORMAT,
    &zookeeper::FORMAT,
];
