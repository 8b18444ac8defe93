//! Examples, refusals, and random patterns beside a library's. Never knows: how a pattern is kept.

use super::TopicPattern;

fn matches(expression: &str, name: &str) -> bool {
    TopicPattern::compile(expression).unwrap_or_else(|error| panic!("{expression}: {error}")).matches(name)
}

#[test]
fn whole_names_match() {
    for (expression, yes, no) in [
        ("t.*", "topic", "a-topic"),
        ("", "", "a"),
        ("a|b", "b", "ab"),
        ("(?:a|bc)+", "abca", "abcb"),
        ("^log-[0-9]{2,3}$", "log-007", "log-7"),
        ("[^a-c]+", "xyz", "xbz"),
        ("[]a-]+", "a-]", "b"),
        ("[[:digit:]_]*", "1_2", "a"),
        (r"\Qa.b\E", "a.b", "axb"),
        (r"a\.b", "a.b", "axb"),
        ("(?i)orders", "OrDers", "order"),
        ("(?i:o)rders", "Orders", "oRders"),
        ("((?i)o)rders", "Orders", "oRders"),
        (r"\w+\b-\b\w+", "a-b", "a--b"),
        ("x{2}", "xx", "xxx"),
        ("x{,2}", "x{,2}", "xx"),
        ("(a*)*b?", "aaab", "ba"),
        ("(|a){3}", "aa", "aaaa"),
        (r"\x61\x{62}\143", "abc", "b"),
        (r"[\d-a]+", "1-a", "b"),
        ("(?P<name>a)(?<other>b)", "ab", "a"),
        ("é?a", "a", "é"),
        ("[a-é]", "z", "A"),
        (".*(?-i)", "a", "\n"),
    ] {
        assert!(matches(expression, yes), "{expression} and {yes}");
        assert!(!matches(expression, no), "{expression} and {no}");
    }
}

#[test]
fn what_is_no_expression_is_refused() {
    let nested = "(".repeat(60) + &")".repeat(60);
    for expression in [
        "(",
        ")",
        "a)|(b",
        "[",
        "[a",
        "[b-a]",
        "*",
        "a**",
        "a{2}{3}",
        "a{1001}",
        "a{3,2}",
        r"\",
        r"\pL",
        r"\y",
        "(?",
        "(?a)",
        "(?P<>a)",
        "(?P<a",
        "[[:nonsense:]]",
        r"[a-\d]",
        r"\C",
        "{2}",
        r"\1",
        r"\x1",
        r"\x{110000}",
        r"\xé",
        "(?=a)",
        "|+",
        "((((a{1000}){1000}){1000}){1000})",
        &nested,
    ] {
        let compiled = TopicPattern::compile(expression);
        assert!(compiled.is_err(), "{expression}");
    }
}

/// SplitMix64.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as usize
}

#[test]
fn a_library_says_the_same() {
    let pieces = [
        "a",
        "b",
        "-",
        ".",
        "1",
        "(a|b)",
        "(?:",
        ")",
        "(",
        "|",
        "*",
        "+",
        "?",
        "{2}",
        "{1,3}",
        "{0,}",
        "[ab]",
        "[^a1]",
        "[a-z",
        "]",
        "^",
        "$",
        r"\b",
        r"\B",
        r"\d",
        r"\W",
        r"\.",
        "(?i)",
        "(?i:B)",
        "(?-i:a)",
        "A",
        "[[:alpha:]]",
        r"\A",
        r"\z",
        "*?",
        "+?",
        "??",
        "[^[:^digit:]]",
        "a{",
        "-]",
        r"[\w.]",
    ];
    let letters = ["a", "b", "A", "B", "1", "-", ".", "_"];
    let (mut state, mut compared, mut matched) = (1, 0, 0);
    for _ in 0..40_000 {
        let expression: String =
            (0..1 + next(&mut state) % 7).map(|_| pieces[next(&mut state) % pieces.len()]).collect();
        let alone = regex_lite::Regex::new(&expression);
        let theirs = regex_lite::Regex::new(&format!("^(?:{expression})$"));
        let ours = TopicPattern::compile(&expression);
        let (Ok(_), Ok(theirs), Ok(ours)) = (alone, theirs, ours) else { continue };
        for _ in 0..8 {
            let name: String =
                (0..next(&mut state) % 5).map(|_| letters[next(&mut state) % letters.len()]).collect();
            let expected = theirs.is_match(&name);
            assert_eq!(ours.matches(&name), expected, "{expression} and {name}");
            compared += 1;
            matched += usize::from(expected);
        }
    }
    assert!(compared > 50_000 && matched > 5_000, "{matched} of {compared}");
}
