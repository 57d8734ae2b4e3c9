//! Takes nothing, hands on what the figures were measured on; what cannot be read is `unknown`.

/// A machine, as a reader of figures wants to know it.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// Date of the run, UTC.
    pub(crate) date: String,
    /// The processor's model.
    pub(crate) model: String,
    /// Processors this process may use.
    pub(crate) processors: usize,
    /// The kernel's version.
    pub(crate) kernel: String,
}

impl Machine {
    /// The machine this runs on.
    pub(crate) fn of_this() -> Machine {
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Machine {
            date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
            model: model(&cpu),
            processors: logloom_bench::clock::processors(),
            kernel: if kernel.is_empty() { unknown() } else { kernel.trim().to_owned() },
        }
    }
}

fn model(cpuinfo: &str) -> String {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(':')).map_or_else(unknown, |(_, name)| name.trim().into())
}

fn unknown() -> String {
    "unknown".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_found_or_said_to_be_unknown() {
        assert_eq!(model("processor : 0\nmodel name\t: A  B 3\n"), "A  B 3");
        assert_eq!(model(""), "unknown");
    }
}
