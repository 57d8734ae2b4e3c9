//! Compressed files are ordinary ones: every tool at hand reads the same lines from them. A tool that is not
//! installed is passed over with a message.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use logloom_store::Codec;

use super::{House, compressing, keep};

const NAME: &str = "2026-11-10.jsonl";

/// A program whose output is the file's lines, and words that show whether it is installed.
struct Tool {
    name: &'static str,
    check: &'static [&'static str],
    command: &'static [&'static str],
}

const GZIP: &[Tool] = &[
    Tool { name: "zcat", check: &["zcat", "--version"], command: &["zcat", "FILE"] },
    Tool {
        name: "Python",
        check: &["python3", "--version"],
        command: &[
            "python3",
            "-c",
            "import gzip,sys,shutil\nshutil.copyfileobj(gzip.open(sys.argv[1]),sys.stdout.buffer)",
            "FILE",
        ],
    },
    Tool {
        name: "Node",
        check: &["node", "--version"],
        command: &[
            "node",
            "-e",
            "process.stdout.write(require('zlib').gunzipSync(require('fs').readFileSync(process.argv[1])))",
            "FILE",
        ],
    },
    Tool {
        name: "Java",
        check: &["javac", "-version"],
        command: &["java", "-Xshare:auto", "SOURCE", "FILE"],
    },
];

const ZSTD: &[Tool] =
    &[Tool { name: "zstdcat", check: &["zstdcat", "--version"], command: &["zstdcat", "FILE"] }];

const JAVA: &str = "import java.io.*;import java.util.zip.*;public class Cat{public static void \
    main(String[] a)throws Exception{new GZIPInputStream(new FileInputStream(a[0]),65536)\
    .transferTo(System.out);System.out.flush();}}";

fn is_installed(check: &[&str]) -> bool {
    let run = Command::new(check[0])
        .args(&check[1..])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    run.is_ok_and(|status| status.success())
}

fn skip(name: &str) {
    let _ = writeln!(std::io::stderr(), "{name} is not installed: it was NOT checked");
}

fn compressed(codec: Codec) -> (House, Vec<u8>, std::path::PathBuf) {
    let (house, text) = House::with_lines(NAME, 8_000);
    keep(&house.open(), &compressing(codec));
    let path = house.path(&format!("{NAME}{}", codec.suffix()));
    (house, text, path)
}

fn check(codec: Codec, tools: &[Tool]) {
    let (house, text, path) = compressed(codec);
    let source = house.path("Cat.java");
    std::fs::write(&source, JAVA).unwrap();
    for tool in tools {
        if !is_installed(tool.check) {
            skip(tool.name);
            continue;
        }
        let words = tool.command[1..].iter().map(|word| match *word {
            "FILE" => path.as_os_str(),
            "SOURCE" => source.as_os_str(),
            other => other.as_ref(),
        });
        let output = Command::new(tool.command[0]).args(words).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {message}", tool.name);
        assert!(output.stdout == text, "{} reads other lines", tool.name);
    }
}

#[test]
fn gzip_files_are_read_by_every_tool() {
    check(Codec::Gzip, GZIP);
    let (_house, _, path) = compressed(Codec::Gzip);
    assert!(Command::new("gzip").arg("-t").arg(&path).status().unwrap().success());
}

#[test]
fn zstd_files_are_read_by_every_tool() {
    check(Codec::Zstd, ZSTD);
}

#[test]
fn duckdb_reads_both_as_tables() {
    // Where scripts/needs.sh installs it.
    let modules = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools/python");
    let python = |code: &str| {
        let mut command = Command::new("python3");
        command.args(["-c", code]).env("PYTHONPATH", &modules);
        command
    };
    if !python("import duckdb").output().is_ok_and(|output| output.status.success()) {
        return skip("DuckDB (pip install duckdb)");
    }
    for codec in Codec::ALL {
        let (_house, _, path) = compressed(codec);
        let query = "import duckdb,sys\nprint(duckdb.sql(\"select count(*), sum(n) from \
                     read_json('%s', format='newline_delimited')\" % sys.argv[1]).fetchall())";
        let output = python(query).arg(&path).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(text.starts_with("[(8000, ") && text.contains("31996000"), "{text} {message}");
    }
}
