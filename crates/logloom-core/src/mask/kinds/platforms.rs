//! Tokens of places where code and packages are kept.

use super::super::bytes::{ALPHANUMERIC, DOTTED, HEX_LOWER, URL_SAFE, WORD};
use super::Kind;
use super::shape::{ANY, Part, Shape};

use Part::Run;

const GROUP: &str = "api_keys";
/// What follows the prefix of a short token of GitHub; newer ones may be longer.
const GITHUB: &[Part] = &[Run(ALPHANUMERIC, 36, 255)];
/// What follows that of GitLab: 20 characters, or routing in front of them.
const GITLAB: &[Part] = &[Run(DOTTED, 20, 320)];

pub(super) const KINDS: &[Kind] = &[
    Kind::shaped(
        "github_token",
        GROUP,
        "`ghp_` and 36 of `[A-Za-z0-9]`",
        &["ghp_"],
        Shape::new("ghp_", GITHUB),
    ),
    Kind::shaped(
        "github_oauth_token",
        GROUP,
        "`gho_` and 36 of `[A-Za-z0-9]`",
        &["gho_"],
        Shape::new("gho_", GITHUB),
    ),
    Kind::shaped(
        "github_user_token",
        GROUP,
        "`ghu_` and 36 of `[A-Za-z0-9]`",
        &["ghu_"],
        Shape::new("ghu_", GITHUB),
    ),
    Kind::shaped(
        "github_server_token",
        GROUP,
        "`ghs_` and 36 of `[A-Za-z0-9]`",
        &["ghs_"],
        Shape::new("ghs_", GITHUB),
    ),
    Kind::shaped(
        "github_refresh_token",
        GROUP,
        "`ghr_` and 36 of `[A-Za-z0-9]`",
        &["ghr_"],
        Shape::new("ghr_", GITHUB),
    ),
    Kind::shaped(
        "github_fine_grained_token",
        GROUP,
        "`github_pat_` and 82 of `[A-Za-z0-9_]`",
        &["ub_pat_"],
        Shape::new("github_pat_", &[Run(WORD, 60, 255)]),
    ),
    Kind::shaped(
        "gitlab_token",
        GROUP,
        "`glpat-` and 20 of `[A-Za-z0-9_-]`, or routable: 27 to 300, `.`, 9 more",
        &["glpat-"],
        Shape::new("glpat-", GITLAB),
    ),
    Kind::shaped(
        "gitlab_pipeline_token",
        GROUP,
        "`glptt-` and 40 hexadecimal digits",
        &["glptt-"],
        Shape::new("glptt-", &[Run(HEX_LOWER, 40, 40)]),
    ),
    Kind::shaped(
        "gitlab_deploy_token",
        GROUP,
        "`gldt-` and 20 of `[A-Za-z0-9_-]`",
        &["gldt-"],
        Shape::new("gldt-", GITLAB),
    ),
    Kind::shaped(
        "gitlab_runner_token",
        GROUP,
        "`glrt-` and 20 of `[A-Za-z0-9_-]`",
        &["glrt-"],
        Shape::new("glrt-", GITLAB),
    ),
    Kind::shaped(
        "gitlab_job_token",
        GROUP,
        "`glcbt-`, digits, `_` and 20 of `[A-Za-z0-9_-]`",
        &["glcbt-"],
        Shape::new("glcbt-", GITLAB),
    ),
    Kind::shaped(
        "npm_token",
        GROUP,
        "`npm_` and 36 of `[A-Za-z0-9]`",
        &["npm_"],
        Shape::new("npm_", &[Run(ALPHANUMERIC, 36, 40)]),
    ),
    Kind::shaped(
        "pypi_token",
        GROUP,
        "`pypi-AgEIcHlwaS5vcmc` and at least 50 of `[A-Za-z0-9_-]`",
        &["pypi-A"],
        Shape::new("pypi-AgEIcHlwaS5vcmc", &[Run(URL_SAFE, 50, ANY)]).keeping(5),
    ),
    Kind::shaped(
        "docker_token",
        GROUP,
        "`dckr_pat_` and 27 of `[A-Za-z0-9_-]`",
        &["dckr_pat_"],
        Shape::new("dckr_pat_", &[Run(URL_SAFE, 27, 40)]),
    ),
];
