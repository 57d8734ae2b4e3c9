//! Secrets in Chinese texts, in letters and signs of full width, and in the escapes of JSON.

use super::embedded::ascii;
use super::*;

/// Each is masked where it stands plain, in a string of JSON, and there with escapes, up to three times.
#[track_caller]
fn check_all(cases: &[(&str, &str)]) {
    for (given, expected) in cases {
        assert_eq!(text(given), *expected);
        let (mut given, mut expected) = ((*given).to_owned(), (*expected).to_owned());
        for _ in 0..3 {
            (given, expected) = (string(&given), string(&expected));
            assert_eq!(json(&given), expected);
            assert_eq!(json(&ascii(&given)), ascii(&expected));
        }
    }
}

fn string(text: &str) -> String {
    Value::from(text).to_string()
}

#[test]
fn a_number_that_is_valid_once_is_masked() {
    check_all(&[
        ("验证码 472913", "验证码 [MASKED]"),
        ("验证码472913，请勿泄露", "验证码[MASKED]，请勿泄露"),
        ("您的验证码是4729", "您的验证码是[MASKED]"),
        ("您的驗證碼為：472913。", "您的驗證碼為：[MASKED]。"),
        ("【验证码】12345678", "【验证码】[MASKED]"),
        ("验证码：A7K9", "验证码：[MASKED]"),
        ("472913是您的登录验证码", "[MASKED]是您的登录验证码"),
        ("472913（动态验证码）", "[MASKED]（动态验证码）"),
    ]);
    check_plain(&[
        "验证码 5分钟内有效",
        "验证码6位数字",
        "验证码：6位",
        "验证码错误 1004",
        "验证码发送 1200 次",
        "验证码 1200 ms",
        "验证码 2026-11-22",
        "验证码 123456789012",
        "共 1200 条，验证码",
    ]);
}

#[test]
fn a_password_behind_words_brackets_and_quotes_is_masked() {
    check_all(&[
        ("密码是hunter2x", "密码是[MASKED]"),
        ("数据库密码为 hunter2x，请保管", "数据库密码为 [MASKED]，请保管"),
        ("密码就是：hunter2x。", "密码就是：[MASKED]。"),
        ("密码：hunter2x", "密码：[MASKED]"),
        ("密码：　hunter2x", "密码：　[MASKED]"),
        ("密码：1234", "密码：[MASKED]"),
        ("密码是P@ss字", "密码是[MASKED]字"),
        ("密码：「hunter2x」", "密码：「[MASKED]」"),
        ("密码『hunter2x』", "密码『[MASKED]』"),
        ("密码是“hunter2x”", "密码是“[MASKED]”"),
        ("【密码】hunter2x", "【密码】[MASKED]"),
        ("密码【hunter2x】", "密码【[MASKED]】"),
        ("密碼﹕hunter2x", "密碼﹕[MASKED]"),
        ("口令︰hunter2x", "口令︰[MASKED]"),
        ("令牌为a8F3kLm29xQz99Rt", "令牌为[MASKED]"),
    ]);
    check_plain(&[
        "密码是必填项",
        "密码为空",
        "密码长度为8-16位",
        "密码：8位以上",
        "密码：6-20位字母",
        "密码是base64编码的",
        "密码为sha256摘要",
        "密码：password",
        "密码：getenv(\"X1\")",
        "密码是https://host1/a1",
        "密码：${PW1}",
        "密码 hunter2x",
        "忘记密码？点击 a1b2c3d4",
        "密码：[MASKED]",
    ]);
}

#[test]
fn letters_and_signs_of_full_width_are_known() {
    check(&[
        ("ＰＡＳＳＷＯＲＤ＝hunter2x", "ＰＡＳＳＷＯＲＤ＝[MASKED]"),
        ("ｄｂ＿ｐａｓｓｗｏｒｄ：hunter2x", "ｄｂ＿ｐａｓｓｗｏｒｄ：[MASKED]"),
        ("ｐａｓｓｗｏｒｄ=ｈｕｎｔｅｒ２", "ｐａｓｓｗｏｒｄ=[MASKED]"),
        ("ＡＰＩ＿ＫＥＹ＝a8F3kLm29xQz99", "ＡＰＩ＿ＫＥＹ＝[MASKED]"),
        ("password﹕hunter2x", "password﹕[MASKED]"),
        ("password︰hunter2x", "password︰[MASKED]"),
        ("password：　hunter2x", "password：　[MASKED]"),
        (r"password\uff1ahunter2x", r"password\uff1a[MASKED]"),
    ]);
    assert_eq!(json(r#"{"ｐｗｄ":"let me in"}"#), r#"{"ｐｗｄ":"[MASKED]"}"#);
    check_plain(&["ＫＥＹＢＯＡＲＤ＝hunter2x", "Ｋｅｙ：hunter2x"]);
}
