//! New ids in the forms of the document. A clock and chance come in, text goes out. Ids that others have
//! made may have any form.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use logloom_record::dialect::loom::TimestampCache;
use logloom_ring::clock;

/// A new session: `session-YYYYMMDDHHMMSS-NNNNNN`, the time in UTC and six random digits.
#[must_use]
pub fn session_id() -> String {
    session_id_at(clock::real_time(), chance())
}

fn session_id_at(now: i64, chance: u64) -> String {
    let mut stamp = Vec::new();
    TimestampCache::default().push(now, 6, &mut stamp);
    let digits = stamp.iter().filter(|byte| byte.is_ascii_digit()).take(14);
    let digits: String = digits.map(|byte| char::from(*byte)).collect();
    format!("session-{digits}-{:06}", chance % 1_000_000)
}

/// A new execution, one turn of an agent: `exec-` and 16 hexadecimal digits.
#[must_use]
pub fn execution_id() -> String {
    format!("exec-{:016x}", chance())
}

/// A new request to a model: `req-` and 16 hexadecimal digits.
#[must_use]
pub fn request_id() -> String {
    format!("req-{:016x}", chance())
}

/// A new use of a tool: `toolu_` and 16 hexadecimal digits.
#[must_use]
pub fn tool_use_id() -> String {
    format!("toolu_{:016x}", chance())
}

/// A number that no other call gives, in this process or another, but by rare chance.
fn chance() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(CALLS.fetch_add(1, Ordering::Relaxed));
    hasher.write_u32(std::process::id());
    hasher.write_i64(clock::real_time());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_forms_of_the_document() {
        let id = session_id_at(1_763_735_530_000_000_000, 123_456);
        assert_eq!(id, "session-20251121143210-123456");
        assert_eq!(session_id_at(0, 7), "session-19700101000000-000007");
        assert!(execution_id().starts_with("exec-") && request_id().starts_with("req-"));
        assert_eq!(tool_use_id().len(), "toolu_".len() + 16);
    }

    #[test]
    fn ids_differ() {
        let ids: std::collections::BTreeSet<String> = (0..1_000).map(|_| execution_id()).collect();
        assert_eq!(ids.len(), 1_000);
    }
}
