//! Settings in code. Values come in, a running library goes out; there is no option here that
//! `logloom.yaml` lacks, apart from what only code can say.

use std::path::PathBuf;
use std::time::Duration;

use logloom_core::settings::{
    ConsoleSettings, Durability, IncludeSettings, Policy, Retention, RingDir, Settings, Warning,
};
use logloom_record::Level;

use crate::init::{self, Plan};
use crate::{Guard, InitError};

/// One change to the settings.
pub(crate) type Change = Box<dyn Fn(&mut Settings) + Send>;

/// Settings in code, over those of file and environment. What cannot work is left out, counted and
/// told, as with the file: see [`Settings::validate`] for the limits.
///
/// ```no_run
/// use logloom::{Level, settings::Durability};
///
/// let _log = logloom::builder()
///     .service("shop-api")
///     .dir("/var/log/shop")
///     .level(Level::Info)
///     .module_level("shop.payments", Level::Debug)
///     .durability(Durability::Interval { ms: 200 })
///     .init()?;
/// # Ok::<(), logloom::InitError>(())
/// ```
#[must_use = "nothing happens before init() is called"]
pub struct Builder {
    plan: Plan,
}

impl Builder {
    pub(crate) fn new() -> Builder {
        Builder {
            plan: Plan {
                changes: Vec::new(),
                warnings: Vec::new(),
                reads_configuration: true,
                #[cfg(feature = "config-file")]
                keys: Vec::new(),
                #[cfg(feature = "config-file")]
                file: None,
                #[cfg(feature = "config-file")]
                settings_json: None,
                has_panic_hook: false,
                #[cfg(feature = "config-file")]
                reloads_on_hang_up: false,
            },
        }
    }

    /// Starts logging. See [`init`](crate::init()).
    ///
    /// # Errors
    /// Those of [`init`](crate::init()).
    pub fn init(self) -> Result<Guard, InitError> {
        init::start(self.plan)
    }

    /// Any change to the settings, for those without a method of their own.
    pub fn settings(mut self, change: impl Fn(&mut Settings) + Send + 'static) -> Builder {
        self.plan.changes.push(Box::new(change));
        self
    }

    /// Name of the program. Default: the name of its executable.
    pub fn service(self, name: impl Into<String>) -> Builder {
        let name = name.into();
        self.settings(move |settings| settings.service.clone_from(&name))
    }

    /// Directory of the log, in place of all others.
    pub fn dir(self, dir: impl Into<PathBuf>) -> Builder {
        self.dirs([dir.into()])
    }

    /// Directories of the log: the first that can be used is, the next one when it fails.
    pub fn dirs<D: Into<PathBuf>>(self, dirs: impl IntoIterator<Item = D>) -> Builder {
        let dirs: Vec<PathBuf> = dirs.into_iter().map(Into::into).collect();
        self.settings(move |settings| settings.store.dir.clone_from(&dirs))
    }

    /// Directory of the shared memory, in place of one that is found. On a disk, callers may stall.
    pub fn ring_dir(self, dir: impl Into<PathBuf>) -> Builder {
        let dir = dir.into();
        self.settings(move |settings| settings.store.ring_dir = RingDir::Path(dir.clone()))
    }

    /// Lowest level that is recorded. Default INFO.
    pub fn level(self, level: Level) -> Builder {
        self.settings(move |settings| settings.levels.default = level)
    }

    /// Lowest level that is recorded for a module and all beneath it. `.` and `::` mean the same.
    pub fn module_level(self, module: impl Into<String>, level: Level) -> Builder {
        let module = module.into();
        self.settings(move |settings| settings.levels.set(&module, level))
    }

    /// Policy of TRACE to WARN for records that find no room. Default: drop the oldest.
    pub fn overflow(self, policy: Policy) -> Builder {
        self.settings(move |settings| settings.overflow.default = policy)
    }

    /// Policy of one level for records that find no room.
    pub fn level_overflow(self, level: Level, policy: Policy) -> Builder {
        self.settings(move |settings| settings.overflow.set(level, policy))
    }

    /// What a committed record survives. Default: the death of the process.
    pub fn durability(self, durability: Durability) -> Builder {
        self.settings(move |settings| settings.store.durability = durability)
    }

    /// What is deleted, and when. Default: nothing.
    pub fn retention(self, retention: Retention) -> Builder {
        self.settings(move |settings| settings.store.retention = retention)
    }

    /// Further names of fields whose values are never recorded.
    pub fn mask<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Builder {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        self.settings(move |settings| settings.mask.fields.extend(names.iter().cloned()))
    }

    /// Which optional fields each line carries.
    pub fn include(self, include: IncludeSettings) -> Builder {
        self.settings(move |settings| settings.include = include.clone())
    }

    /// Copy of the records on the standard error, for a person at a terminal.
    pub fn console(self, console: ConsoleSettings) -> Builder {
        self.settings(move |settings| settings.console = Some(console.clone()))
    }

    /// How long the guard's drop and the end of the process wait for the writer. Default 2 s.
    pub fn flush_timeout(self, timeout: Duration) -> Builder {
        self.settings(move |settings| settings.flush_timeout = timeout)
    }

    /// Reads this configuration file and looks for no other. One that cannot be read is told, and
    /// the program starts without it.
    #[cfg(feature = "config-file")]
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Builder {
        self.plan.file = Some(path.into());
        self
    }

    /// Takes the settings of an agent's `settings.json` (its section `logging`, with that document's
    /// defaults) in place of `logloom.yaml`: the one named here, else that of `$LOGLOOM_SETTINGS`, else
    /// `./settings.json`, else `~/.tiny-claude-code/settings.json`. What is wrong in it is told, and the
    /// document's default counts. With `enabled: false` there nothing is logged at all: no file, no
    /// shared memory, no thread.
    #[cfg(feature = "config-file")]
    pub fn settings_json(mut self, path: Option<PathBuf>) -> Builder {
        self.plan.settings_json = Some(path);
        self
    }

    /// Sets a key of `logloom.yaml` to a value as the environment would have it, such as
    /// `("store.retention.days", "30")`; lists have commas between their values. What is wrong is told
    /// with the key and the nearest known one, and not used. Without effect where no configuration is read.
    #[cfg(feature = "config-file")]
    pub fn key(mut self, key: impl Into<String>, value: impl Into<String>) -> Builder {
        self.plan.keys.push((key.into(), value.into()));
        self
    }

    /// Tells, with what else is wrong with the settings, that the value of a key is not used and why. For
    /// values that cannot be handed over at all, such as those of another language.
    pub fn warning(mut self, key: impl Into<String>, message: impl Into<String>) -> Builder {
        self.plan.warnings.push(Warning { key: key.into(), message: message.into() });
        self
    }

    /// Reads neither a configuration file nor the environment: the settings are the defaults and
    /// what code says.
    pub fn without_config_file(mut self) -> Builder {
        self.plan.reads_configuration = false;
        self
    }

    /// With `true`, a SIGHUP reads the configuration file again within a second, even when it has
    /// not changed. Default `false`: no signal handler is installed and SIGHUP does what it did. A
    /// handler that the program has installed before is still called. A changed file is noticed
    /// without it.
    #[cfg(feature = "config-file")]
    pub fn reload_on_hang_up(mut self, on: bool) -> Builder {
        self.plan.reloads_on_hang_up = on;
        self
    }

    /// With `true`, records each panic at FATAL with its message, place and thread, before the hook
    /// that was there prints it. Default `false`. Stays for the life of the process.
    pub fn panic_hook(mut self, on: bool) -> Builder {
        self.plan.has_panic_hook = on;
        self
    }
}
