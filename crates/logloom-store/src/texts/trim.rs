//! A folder of full texts kept to its room and age. In come the folder, a time and a number of bytes; out
//! goes how many texts were deleted. The oldest go first. What is no text is never touched, but for files
//! that a killed process was writing.

use std::io;

use super::TextId;
use crate::sys::File;

/// What a file takes at least.
const BLOCK: u64 = 4096;
const LEFTOVER_AGE_NS: i64 = 600_000_000_000;

/// What a file of this length takes on the disk.
pub(super) fn on_disk(length: u64) -> u64 {
    length.next_multiple_of(BLOCK)
}

/// Deletes texts that were last needed before that time, then the oldest until all together take no more than
/// `share` bytes.
pub(super) fn trim(part: &File, before_ns: i64, share: u64) -> io::Result<u64> {
    let platform = part.platform();
    let oldest_kept = platform.realtime_ns().saturating_sub(LEFTOVER_AGE_NS);
    let mut texts = Vec::new();
    for name in platform.list(part.handle())? {
        let is_text = TextId::of_file_name(&name).is_some();
        let is_leftover =
            name.split_once(".tmp-").is_some_and(|(name, _)| TextId::of_file_name(name).is_some());
        if !(is_text || is_leftover) {
            continue;
        }
        let Some(stat) = part.stat_at(&name).ok().filter(|stat| stat.is_regular()) else {
            continue;
        };
        if is_text {
            texts.push((stat.modified_ns, on_disk(stat.size), name));
        } else if stat.modified_ns < oldest_kept {
            platform.unlink_at(part.handle(), &name)?;
        }
    }
    texts.sort_unstable();
    let mut left: u64 = texts.iter().map(|(_, bytes, _)| bytes).sum();
    let mut deleted = 0;
    for (modified_ns, bytes, name) in texts {
        if modified_ns >= before_ns && left <= share {
            break;
        }
        match part.stat_at(&name) {
            // Needed again since it was looked at.
            Ok(stat) if stat.modified_ns != modified_ns => continue,
            Ok(_) => {
                platform.unlink_at(part.handle(), &name)?;
                deleted += 1;
            }
            // Another process does the same.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        left -= bytes;
    }
    Ok(deleted)
}
