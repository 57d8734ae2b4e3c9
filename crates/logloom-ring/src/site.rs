//! Call sites: a static for each macro call, whose one word says off, unknown or its number.

use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};

use logloom_record::{Level, MessageKind};

/// The site's word when its level is switched off.
pub const OFF: u32 = 0;
/// The site's word before its first call, and while a rule of sampling decides about each call: the
/// cold path is asked, so that no other call pays for it.
pub const UNKNOWN: u32 = u32::MAX;
/// The site's word when the dictionary had no room: records describe themselves.
pub const INLINE: u32 = u32::MAX - 1;
/// Largest site number.
pub const MAX_SITE: u32 = 0x00FF_FFFF;

/// One call of a logging macro. Made by the macros; applications never name it.
pub struct Site {
    /// What the dictionary and the record say of the call.
    pub level: Level,
    /// Module path, or the `target:` that was given.
    pub module: &'static str,
    /// Source file.
    pub file: &'static str,
    /// Line in it.
    pub line: u32,
    /// The message literal as written.
    pub template: &'static str,
    /// How the message is made.
    pub kind: MessageKind,
    /// Names of the fields, in the call's order.
    pub fields: &'static [&'static str],
    /// Whether the caller's own levels have decided already that the call is recorded.
    pub is_decided: bool,
    word: AtomicU32,
    /// The number in the dictionary, kept while the site is switched off; 0 before the first use.
    number: AtomicU32,
    mask: AtomicU64,
    durable: AtomicBool,
    /// The rule of sampling that decides about each call; 0 for none.
    rule: AtomicU32,
    next: AtomicPtr<Site>,
}

static FIRST: AtomicPtr<Site> = AtomicPtr::new(std::ptr::null_mut());

/// What the runtime decides for a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteState {
    /// Whether its level is switched on for its module.
    pub on: bool,
    /// Whether its calls wait until their records are on the device.
    pub durable: bool,
    /// Bit i: field i is known to be secret by its name and never copied into the ring.
    pub mask: u64,
    /// The rule of sampling that decides about each of its calls; 0 where all are kept.
    pub rule: u32,
}

impl Site {
    /// A site that has not been called.
    #[expect(clippy::too_many_arguments, reason = "called by the macros only, once a call site")]
    #[must_use]
    pub const fn new(
        level: Level,
        module: &'static str,
        file: &'static str,
        line: u32,
        template: &'static str,
        kind: MessageKind,
        fields: &'static [&'static str],
    ) -> Self {
        Self {
            level,
            module,
            file,
            line,
            template,
            kind,
            fields,
            is_decided: false,
            word: AtomicU32::new(UNKNOWN),
            number: AtomicU32::new(0),
            mask: AtomicU64::new(0),
            durable: AtomicBool::new(false),
            rule: AtomicU32::new(0),
            next: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// The same site for callers that have levels of their own, such as the loggers of Python's `logging`.
    #[must_use]
    pub const fn decided(mut self) -> Self {
        self.is_decided = true;
        self
    }

    /// The one load that a disabled call costs: [`OFF`], [`UNKNOWN`], [`INLINE`] or the number.
    #[inline(always)]
    #[must_use]
    pub fn word(&self) -> u32 {
        self.word.load(Ordering::Relaxed)
    }

    /// Which fields are masked.
    #[inline(always)]
    #[must_use]
    pub fn mask(&self) -> u64 {
        self.mask.load(Ordering::Relaxed)
    }

    /// Whether a call waits until its record is on the device.
    #[inline(always)]
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.durable.load(Ordering::Relaxed)
    }

    /// The number in the dictionary, 0 before registration, [`INLINE`] when there was no room.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number.load(Ordering::Acquire)
    }

    /// The rule of sampling that decides about each call; 0 for none.
    #[must_use]
    pub fn rule(&self) -> u32 {
        self.rule.load(Ordering::Relaxed)
    }

    /// [`Site::word`], and the number also where a rule of sampling decides about each call.
    #[must_use]
    pub fn known(&self) -> u32 {
        match (self.word(), self.number()) {
            (UNKNOWN, number) if number != 0 && self.rule() != 0 => number,
            (word, _) => word,
        }
    }

    /// Gives the site its number and adds it to the list of sites, once; the loser of a race
    /// leaves the winner's number.
    pub(crate) fn register(&'static self, number: u32) {
        let exchange = self.number.compare_exchange(0, number, Ordering::AcqRel, Ordering::Acquire);
        if exchange.is_err() {
            return;
        }
        let this = std::ptr::from_ref(self).cast_mut();
        let mut head = FIRST.load(Ordering::Acquire);
        loop {
            self.next.store(head, Ordering::Release);
            match FIRST.compare_exchange_weak(head, this, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return,
                Err(found) => head = found,
            }
        }
    }

    /// Applies what the runtime decided.
    pub fn apply(&self, state: SiteState) {
        self.mask.store(state.mask, Ordering::Release);
        self.durable.store(state.durable, Ordering::Release);
        self.rule.store(state.rule, Ordering::Release);
        let number = self.number();
        let on = if number == 0 || state.rule != 0 { UNKNOWN } else { number };
        self.word.store(if state.on { on } else { OFF }, Ordering::Release);
    }
}

/// Calls `visit` for every site that has been called. New ones may be missed: they ask for their
/// state by themselves.
pub fn for_each(mut visit: impl FnMut(&'static Site)) {
    let mut at = FIRST.load(Ordering::Acquire);
    // SAFETY: the list holds addresses of statics only and is never unlinked.
    while let Some(site) = unsafe { at.as_ref() } {
        visit(site);
        at = site.next.load(Ordering::Acquire);
    }
}
