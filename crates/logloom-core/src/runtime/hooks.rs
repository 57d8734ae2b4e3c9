//! What the core decides for the calling threads: levels, masks, full rings, fork children.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use logloom_record::{Level, MessageKind};
use logloom_ring::front::{Hooks, Verdict};
use logloom_ring::segment::Cause;
use logloom_ring::site::{self, Site, SiteState};

use super::{Inner, flush, fork, options, thread, waits};
use crate::action::{self, ActionType};
use crate::sampling;
use crate::settings::{Policy, Settings, Warning};

/// The runtime as the front knows it.
pub(super) struct RuntimeHooks(pub(super) Arc<Inner>);

impl Hooks for RuntimeHooks {
    fn site_state(&self, site: &Site) -> SiteState {
        self.0.site_state(site)
    }

    fn samples(&self, rule: u32, site: u32, context: &[u8]) -> bool {
        sampling::keeps(rule, site, context)
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
    pub(super) fn site_state(&self, site: &Site) -> SiteState {
        let settings = self.settings();
        let mut mask = self.secret_names().mask(site.fields.iter().copied());
        let on = match site.kind {
            // The types have switches of their own; levels leave no action out.
            MessageKind::Action => {
                mask |= options::action_mask(&settings, site.fields);
                ActionType::parse(site.template).is_ok_and(|kind| settings.actions.records(kind))
            }
            _ if site.is_decided => site.level >= settings.levels.level_for_decided(site.module),
            _ => site.level >= settings.levels.level_for(site.module),
        };
        let durable = settings.store.durability.waits(site.level);
        let rule = match site.kind {
            MessageKind::Action => 0,
            _ if !on => 0,
            _ => sampling::rule_for(&settings.sample, site.level, site.module, site.template),
        };
        SiteState { on, mask, durable, rule }
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
            waits::around(&mut || std::thread::park_timeout(pause));
        }
        Verdict::Retry
    }

    /// Runs the writer's own batch step on the caller's thread.
    fn write_as_caller(&self) -> Verdict {
        waits::around(&mut || {
            if let Err(error) = thread::step(self, false)
                && !self.note_failure(&error)
            {
                self.fail_over();
            }
        });
        Verdict::Retry
    }

    /// Changes the settings that can change at run time; see [`super::Handle::update`].
    pub(super) fn update(&self, change: impl FnOnce(&mut Settings)) -> Vec<Warning> {
        // In a fork child the holder may be a thread that is not there, and nobody else is.
        let _turn = self.is_own_process().then(|| super::lock(&self.changing));
        let old = self.settings();
        let mut settings = (*old).clone();
        change(&mut settings);
        let warnings = keep_until_restart(&old, &mut settings);
        self.apply(&old, Arc::new(settings));
        warnings
    }

    fn apply(&self, old: &Settings, settings: Arc<Settings>) {
        let names = Arc::new(super::open::secret_names(&settings));
        *self.secrets.write().unwrap_or_else(PoisonError::into_inner) = names;
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings.clone();
        action::apply(&settings.actions);
        sampling::apply(&settings.sample);
        // A fork child that has no runtime of its own yet takes over the settings alone.
        if self.is_own_process() {
            self.apply_to_writer(old, &settings);
        }
        site::for_each(|site| site.apply(self.site_state(site)));
    }

    fn apply_to_writer(&self, old: &Settings, settings: &Settings) {
        if let Some(segment) = self.segment() {
            segment.set_config(&options::stage_config(settings));
        }
        if let Some(writer) = super::lock(&self.writer).as_mut() {
            writer.set_options(options::loom(settings));
            writer.set_limits(options::limits(settings));
            if settings.mask != old.mask || settings.truncate != old.truncate {
                let (masks, truncator) = options::stages(settings);
                writer.set_stages(masks, truncator);
            }
            writer.set_durability(settings.store.durability);
            if settings.console != old.console {
                writer.set_console(options::console(settings));
            }
        }
    }
}

/// Puts back what needs a restart; a warning for each such key.
fn keep_until_restart(old: &Settings, settings: &mut Settings) -> Vec<Warning> {
    let kept = [
        ("store.dir", settings.store.dir == old.store.dir),
        ("store.ring_dir", settings.store.ring_dir == old.store.ring_dir),
        ("store.max_file_size", settings.store.max_file_size == old.store.max_file_size),
        ("ring", settings.ring == old.ring),
    ];
    settings.store.dir.clone_from(&old.store.dir);
    settings.store.ring_dir.clone_from(&old.store.ring_dir);
    settings.store.max_file_size = old.store.max_file_size;
    settings.ring = old.ring.clone();
    // No key of a file, so nobody can have changed it there.
    settings.foreign_day = old.foreign_day;
    settings.enabled = old.enabled;
    let warning = |(key, _): (&str, bool)| Warning {
        key: key.to_owned(),
        message: "takes effect at the next start".to_owned(),
    };
    kept.into_iter().filter(|(_, is_same)| !is_same).map(warning).collect()
}
