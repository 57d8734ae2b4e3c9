//! What rotation does while nobody follows, and between the end of a file and its successor: no line of
//! a file that is still there is skipped, none is given twice.

use super::*;

/// By name, by patterns that leave older generations out or take them in, by directory.
const WAYS: [&str; 4] = ["/d/a.log", "/d/*.log", "/d/a.log*", "/d"];

/// Another life over the same files.
fn again(run: &Run, way: &str) -> Run {
    Run::resumed(run.tree.clone(), &[way], &run.known(), FollowOptions::default())
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

/// Nothing is given again, in this life or another one.
fn assert_at_rest(run: &mut Run, way: &str) {
    run.now_ns += CLOSE_NS;
    assert_eq!(run.texts(), [""; 0], "{way}");
    let mut next = again(run, way);
    assert_eq!(next.texts(), [""; 0], "{way}, again");
}

#[test]
fn the_rest_of_a_file_that_was_renamed_while_nobody_followed_is_read() {
    for way in WAYS {
        for (first, second) in [("one\n", "two\n"), ("one\n", ""), (&*long("one", 20), "two\n")] {
            let mut run = Run::new(&[way]);
            let file = run.tree.create("/d/a.log", first);
            let mut count = run.texts().len();
            // The file grows past what its beginning was told by at first.
            file.append(&long(second.trim(), second.len().min(1) * 20));
            count += run.texts().len();
            assert!(count > 0);
            file.append("late\n");
            run.tree.rename("/d/a.log", "/d/a.log.1");
            run.tree.create("/d/a.log", "new\n");
            let mut next = again(&run, way);
            assert_eq!(sorted(next.texts()), ["late", "new"], "{way} {second}");
            // Its writer still holds it.
            file.append("later\n");
            assert_eq!(next.texts(), ["later"], "{way}");
            assert_at_rest(&mut next, way);
        }
    }
}

#[test]
fn any_name_in_the_same_directory_will_do() {
    for way in WAYS {
        let mut run = Run::new(&[way]);
        let file = run.tree.create("/d/a.log", "one\n");
        assert_eq!(run.texts(), ["one"]);
        file.append("late\n");
        run.tree.rename("/d/a.log", "/d/kept for later");
        let mut next = again(&run, way);
        assert_eq!(next.texts(), ["late"], "{way}");
        assert_at_rest(&mut next, way);
    }
}

#[test]
fn a_last_line_without_an_end_is_given_once_the_file_is_replaced() {
    for way in WAYS {
        let mut run = Run::new(&[way]);
        let file = run.tree.create("/d/a.log", "one\nunfini");
        assert_eq!(run.texts(), ["one"]);
        run.tree.rename("/d/a.log", "/d/a.log.1");
        run.tree.create("/d/a.log", "new\n");
        let mut next = again(&run, way);
        let mut texts = next.texts();
        // One that no path leads to is awaited for longer.
        next.now_ns += CLOSE_NS;
        texts.extend(next.texts());
        assert_eq!(sorted(texts), ["new", "unfini"], "{way}");
        if matches!(way, "/d" | "/d/a.log*") {
            file.append("shed\nlast\n");
            assert_eq!(next.texts(), ["shed", "last"], "{way}");
        }
        assert_at_rest(&mut next, way);
    }
}

#[test]
fn a_generation_that_came_and_went_while_nobody_followed_is_read() {
    for way in WAYS {
        for is_first_gone in [false, true] {
            let mut run = Run::new(&[way]);
            run.tree.create("/d/a.log", "one\n");
            assert_eq!(run.texts(), ["one"]);
            run.tree.rename("/d/a.log", "/d/a.log.2");
            run.tree.create("/d/a.log.1", "between\n");
            run.tree.create("/d/a.log", "new\n");
            if is_first_gone {
                run.tree.remove("/d/a.log.2");
            }
            let mut next = again(&run, way);
            assert_eq!(sorted(next.texts()), ["between", "new"], "{way} {is_first_gone}");
            assert_at_rest(&mut next, way);
        }
    }
}

#[test]
fn generations_that_begin_alike_are_each_read_whole() {
    let banner = long("banner", 10);
    for way in WAYS {
        let mut run = Run::new(&[way]);
        run.tree.create("/d/a.log", &format!("{banner}one\n"));
        assert_eq!(run.texts().len(), 11);
        run.tree.rename("/d/a.log", "/d/a.log.2");
        run.tree.create("/d/a.log.1", &format!("{banner}between\n"));
        run.tree.create("/d/a.log", &format!("{banner}new\n"));
        let mut next = again(&run, way);
        let texts = next.texts();
        assert_eq!(texts.len(), 22, "{way}");
        assert!(["between", "new"].iter().all(|line| texts.iter().any(|text| text == line)));
        assert_at_rest(&mut next, way);
    }
}

#[test]
fn generations_that_were_there_before_stay_history() {
    for way in &WAYS[..2] {
        let mut run = Run::new(&[way]);
        run.tree.create("/d/a.log", "one\n");
        let older = run.tree.create("/d/a.log.1", "history\n");
        run.tree.create("/d/other.txt", "not asked for\n");
        assert_eq!(run.texts(), ["one"]);
        run.tree.rename("/d/a.log.1", "/d/a.log.2");
        run.tree.rename("/d/a.log", "/d/a.log.1");
        run.tree.create("/d/a.log", "new\n");
        let mut next = again(&run, way);
        assert_eq!(next.texts(), ["new"], "{way}");
        assert_at_rest(&mut next, way);
        // Somebody still writes to it.
        older.append("late\n");
        assert_eq!(again(&next, way).texts(), ["late"], "{way}");
    }
}

#[test]
fn copies_that_were_made_while_nobody_followed_are_not_read() {
    for way in WAYS {
        let mut run = Run::new(&[way]);
        let file = run.tree.create("/d/a.log", &long("one", 20));
        assert_eq!(run.texts().len(), 20);
        run.tree.create("/d/a.log.bak", &long("one", 20));
        file.append("late\n");
        let mut next = again(&run, way);
        assert_eq!(next.texts(), ["late"], "{way}");
        assert_at_rest(&mut next, way);
        run.tree.rename("/d/a.log", "/d/a.log.1");
        run.tree.create("/d/a.log", "new\n");
        assert_eq!(again(&next, way).texts(), ["new"], "{way}");
    }
}

#[test]
fn who_begins_at_the_end_goes_on_with_what_came_since() {
    for way in WAYS {
        let options = FollowOptions { start: Start::End, ..FollowOptions::default() };
        let tree = MemoryTree::default();
        tree.create("/d/a.log", "history\n");
        let mut run = Run::resumed(tree, &[way], &[], options.clone());
        assert!(run.texts().is_empty());
        run.tree.rename("/d/a.log", "/d/a.log.2");
        run.tree.create("/d/a.log.1", "between\n");
        run.tree.create("/d/a.log", "new\n");
        let mut next = Run::resumed(run.tree.clone(), &[way], &run.known(), options);
        assert_eq!(sorted(next.texts()), ["between", "new"], "{way}");
    }
}

#[test]
fn a_generation_that_was_missed_is_read_all_the_same() {
    let tree = MemoryTree::default();
    *tree.news.borrow_mut() = Some(Vec::new());
    let mut run = Run::resumed(tree, &["/d/a.log"], &[], FollowOptions::default());
    run.tree.create("/d/a.log", "one\n");
    run.tree.create("/d/a.log.7", "history\n");
    run.now_ns += super::super::RESCAN_NS;
    assert_eq!(run.texts(), ["one"]);
    run.tree.rename("/d/a.log", "/d/a.log.2");
    run.tree.create("/d/a.log.1", "between\n");
    run.tree.create("/d/a.log", "new\n");
    run.tree.news.borrow_mut().as_mut().unwrap().push(News::Missed);
    assert_eq!(sorted(run.texts()), ["between", "new"]);
}

#[test]
fn a_successor_that_is_copied_and_cut_before_it_is_begun_is_read_in_the_copy() {
    for way in WAYS {
        let mut run = Run::new(&[way]);
        run.tree.create("/d/a.log", &long("one", 20));
        assert_eq!(run.texts().len(), 20);
        run.tree.rename("/d/a.log", "/d/a.log.1");
        let next = run.tree.create("/d/a.log", "between\n");
        assert_eq!(run.poll().0.len(), 0, "the first one has to be silent for longer");
        run.tree.create("/d/a.log.2", "between\n");
        next.rewrite("new\n");
        assert_eq!(sorted(run.texts()), ["between", "new"], "{way}");
        assert_at_rest(&mut run, way);
    }
}

#[test]
fn what_another_process_followed_is_left_to_it() {
    let mut run = Run::new(&["/d/a.log"]);
    let file = run.tree.create("/d/a.log", &long("one", 20));
    let cut = run.tree.create("/d/b.log", &long("two", 20));
    assert_eq!(run.texts().len(), 20);
    let mut beside = again(&run, "/d/b.log");
    assert_eq!(beside.texts().len(), 20);
    file.append("late\n");
    let mut next = again(&beside, "/d/b.log");
    assert_eq!(next.texts(), [""; 0]);
    // Nor is a copy of it.
    run.tree.create("/d/a.log.1", &format!("{}late\n", long("one", 20)));
    file.rewrite("new\n");
    assert_eq!(again(&next, "/d/b.log").texts(), [""; 0]);
    cut.append("of its own\n");
    assert_eq!(again(&next, "/d/b.log").texts(), ["of its own"]);
}
