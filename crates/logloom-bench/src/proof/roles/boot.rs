//! A process that believes the machine has started anew: every boot id it is told is another.

use std::process::ExitCode;
use std::sync::Arc;

use logloom_store::sys::{LinuxPlatform, Platform};
use logloom_store::{Directory, Options};
use logloom_testkit::boot::OtherBoot;

use super::super::party::Order;
use super::super::{Outcome, failed};

/// Opens the directory, which repairs the files of the boot before.
pub(super) fn run(order: &Order) -> Outcome<ExitCode> {
    let mut boot = LinuxPlatform.boot_id();
    boot.iter_mut().zip(order.run.to_le_bytes()).for_each(|(byte, other)| *byte ^= other);
    Directory::open(&order.dir, Options::default(), Arc::new(OtherBoot(boot)))
        .map_err(failed("open the log directory"))?;
    Ok(ExitCode::SUCCESS)
}
