//! Memory of programs that were killed, when somebody has cut or deleted it.

use std::path::PathBuf;
use std::process::Stdio;

use crate::support::{Place, Running, errors, printed};

/// A killed `logloom run` whose memory waits at the path that is given.
fn killed(place: &Place) -> PathBuf {
    let mut command = place.ready("run", &["--", "sh", "-c", "echo ready; exec sleep 60"]);
    command.env("LOGLOOM__STORE__RING_DIR", place.path("ring"));
    let mut running = Running::start(command.stdout(Stdio::piped()));
    running.read_until("ready\n");
    running.signal("KILL");
    running.end();
    let mut files = std::fs::read_dir(place.path("ring")).unwrap();
    files.next().unwrap().unwrap().path()
}

#[test]
fn memory_that_waits_is_told_with_its_remedy() {
    let place = Place::new();
    killed(&place);
    let text = printed(&place.logloom("doctor", &[] as &[&str]));
    assert!(text.contains("1 dead program waits for recovery (process "), "{text}");
    assert!(text.contains("-> logloom recover --dir "), "{text}");
}

#[test]
fn memory_that_is_cut_or_deleted_is_beyond_help() {
    for (is_cut, words) in [(true, "is cut or damaged"), (false, "is gone: it was deleted")] {
        let place = Place::new();
        let segment = killed(&place);
        if is_cut {
            std::fs::OpenOptions::new().write(true).open(&segment).unwrap().set_len(100).unwrap();
        } else {
            std::fs::remove_file(&segment).unwrap();
        }
        let output = place.logloom("recover", &[] as &[&str]);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let text = printed(&output) + &errors(&output);
        assert!(text.contains(words) && text.contains("nothing more can be recovered"), "{text}");
        assert!(!text.contains("run logloom recover"), "{text}");
        let text = printed(&place.logloom("doctor", &[] as &[&str]));
        assert!(text.contains(words) && !text.contains("logloom recover"), "{text}");
        assert_eq!(text.contains("-> to give up what it held: rm "), is_cut, "{text}");
    }
}
