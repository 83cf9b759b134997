//! The command line: arguments in, text and exit code out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod policy;

/// What a command printed and how it ended.
struct Done {
    out: String,
    err: String,
    code: u8,
}

fn tollgate(arguments: &[&str]) -> Done {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = ["tollgate"].iter().chain(arguments).map(Into::into);
    let code = cli::run(arguments, &mut out, &mut err, false);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { out: text(out), err: text(err), code }
}

#[test]
fn help_is_an_answer_and_a_typo_is_a_mistake() {
    let help = tollgate(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.out.contains("tollgate policy check policies"), "{}", help.out);
    for command in ["check", "fmt", "run", "test"] {
        let help = tollgate(&["policy", command, "--help"]);
        assert_eq!(help.code, 0);
        assert!(help.out.contains(&format!("tollgate policy {command}")), "{}", help.out);
    }
    let wrong = tollgate(&["polcy"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("policy"), "{}", wrong.err);
}
