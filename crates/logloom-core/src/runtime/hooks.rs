//! What the core decides for the calling threads: levels, masks, full rings, fork children.

use std::sync::Arc;
use std::time::Duration;

use logloom_record::Level;
use logloom_ring::front::{Hooks, Verdict};
use logloom_ring::segment::Cause;
use logloom_ring::site::{self, Site, SiteState};

use super::{Inner, flush, fork, options, thread};
use crate::settings::{Policy, Settings, Warning};

/// The runtime as the front knows it.
pub(super) struct RuntimeHooks(pub(super) Arc<Inner>);

impl Hooks for RuntimeHooks {
    fn site_state(&self, site: &Site) -> SiteState {
        self.0.site_state(site)
    }

    fn full(&self, level: Level, waited: Duration) -> Verdict {
        self.0.full(level, waited)
    }

    fn wait_durable(&self) {
        let _ = flush::flush(&self.0, Duration::MAX);
    }

    fn in_child(&self) {
        fork::in_child(&self.0);
    }

    fn after_fork(&self) -> bool {
        fork::after_fork(&self.0)
    }
}

impl Inner {
    fn site_state(&self, site: &Site) -> SiteState {
        let settings = self.settings();
        let on = site.level >= settings.levels.level_for(site.module);
        let mut mask = 0;
        if settings.mask.enabled {
            let secrets = self.secrets.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            for (index, name) in site.fields.iter().enumerate() {
                if secrets.is_secret(name) {
                    mask |= 1 << index.min(63);
                }
            }
        }
        let durable = settings.store.durability.waits(site.level);
        SiteState { on, mask, durable }
    }

    /// The overflow policy of `level`, for a call that has waited for `waited`.
    fn full(&self, level: Level, waited: Duration) -> Verdict {
        let settings = self.settings();
        match settings.overflow.policy_for(level) {
            Policy::DropOldest => Verdict::DropOldest,
            Policy::Block => self.wait(waited),
            Policy::BlockWithTimeout if waited < settings.overflow.timeout => self.wait(waited),
            // Never given up: the caller does the writer's work, however long the device takes.
            Policy::BlockWithTimeout if level >= Level::Error => self.write_as_caller(),
            Policy::BlockWithTimeout => Verdict::Drop(Cause::TimedOut),
            Policy::Discard | Policy::DiscardLowLevel => Verdict::Drop(Cause::Discarded),
        }
    }

    /// Waits a little for room: first by spinning, then by sleeping up to a millisecond.
    fn wait(&self, waited: Duration) -> Verdict {
        if !self.thread_runs() {
            return self.write_as_caller();
        }
        if waited < Duration::from_micros(20) {
            std::hint::spin_loop();
        } else {
            let pause = (waited / 4).clamp(Duration::from_micros(50), Duration::from_millis(1));
            std::thread::park_timeout(pause);
        }
        Verdict::Retry
    }

    /// Runs the writer's own batch step on the caller's thread.
    fn write_as_caller(&self) -> Verdict {
        if let Err(error) = thread::step(self, false) {
            self.note_failure(&error);
            self.fail_over();
        }
        Verdict::Retry
    }

    /// Applies the settings that can change at run time; see [`super::Handle::reconfigure`].
    pub(super) fn reconfigure(&self, settings: Settings) -> Vec<Warning> {
        let old = self.settings();
        let mut settings = settings;
        let mut warnings = Vec::new();
        let mut keep = |same: bool, key: &str| {
            if !same {
                let message = "takes effect at the next start".to_owned();
                warnings.push(Warning { key: key.to_owned(), message });
            }
        };
        keep(settings.store.dir == old.store.dir, "store.dir");
        keep(settings.store.ring_dir == old.store.ring_dir, "store.ring_dir");
        keep(settings.store.max_file_size == old.store.max_file_size, "store.max_file_size");
        keep(settings.ring == old.ring, "ring");
        settings.store.dir.clone_from(&old.store.dir);
        settings.store.ring_dir.clone_from(&old.store.ring_dir);
        settings.store.max_file_size = old.store.max_file_size;
        settings.ring = old.ring.clone();
        self.apply(Arc::new(settings));
        warnings
    }

    fn apply(&self, settings: Arc<Settings>) {
        let old = self.settings();
        let names = Arc::new(super::open::secret_names(&settings));
        *self.secrets.write().unwrap_or_else(std::sync::PoisonError::into_inner) = names;
        *self.settings.write().unwrap_or_else(std::sync::PoisonError::into_inner) =
            settings.clone();
        if let Some(segment) = self.segment() {
            segment.set_config(&options::stage_config(&settings));
        }
        if let Some(writer) = super::lock(&self.writer).as_mut() {
            writer.set_options(options::loom(&settings));
            writer.set_durability(settings.store.durability);
            if settings.console != old.console {
                writer.set_console(options::console(&settings));
            }
        }
        site::for_each(|site| site.apply(self.site_state(site)));
    }
}
